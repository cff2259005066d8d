namespace NoiseScale.Schedules

/// A training schedule as a value: how much data, and learning rate, batch size and momentum as functions of epochs of data seen.
/// Only valid schedules exist: build them with `Schedule.create` and change them with the `with…` functions and the transformations.
type Schedule =
    private
        { trainingSetSize: int64<example>
          epochs: float<epoch>
          learningRate: Curve
          batchSize: Curve
          momentum: Curve
          optimizer: Optimizer
          weightDecay: float
          averaging: WeightAveraging option }

    /// N, examples in the training set.
    member s.TrainingSetSize = s.trainingSetSize
    /// Length of training, in epochs of data seen.
    member s.Epochs = s.epochs
    /// ε(t), per update, > 0. For a cost that is a mean over examples.
    member s.LearningRate = s.learningRate
    /// B(t), examples per update, a real number in [1, N]; the plan rounds it.
    member s.BatchSize = s.batchSize
    /// m(t), in [0, 1).
    member s.Momentum = s.momentum
    /// The optimizer family and its constants.
    member s.Optimizer = s.optimizer
    /// λ, the coefficient of weight decay, 0 or more.
    member s.WeightDecay = s.weightDecay
    /// The moving average of the weights, if there is one.
    member s.Averaging = s.averaging

/// Building and reading schedules.
[<RequireQualifiedAccess>]
module Schedule =
    open System

    let private firstError checks =
        checks
        |> List.tryPick (fun check ->
            match check () with
            | Error e -> Some e
            | Ok() -> None)

    /// The epoch at which a curve first takes its worst value, for a message: a segment's end where the bound is reached.
    let internal epochWhere (epochs: float<epoch>) bad curve : float<epoch> =
        Segments.between 0.0<epoch> epochs curve
        |> List.collect (fun s -> Smooth.monotonePieces (s.Start, s.Until) s.Smooth |> List.map (fun piece -> piece, s.Smooth))
        |> List.tryPick (fun ((a, b), smooth) ->
            if bad (Smooth.value a smooth) then Some a
            elif bad (Smooth.value b smooth) then Some b
            else None)
        |> Option.defaultValue 0.0
        |> LanguagePrimitives.FloatWithMeasure

    let private bounds epochs curve =
        let low, high = CurveAnalysis.range 0.0<epoch> epochs curve

        if Double.IsFinite low && Double.IsFinite high then
            Ok(low, high)
        else
            Error(if Double.IsFinite low then high else low)

    /// A rate may approach 0 at the very end (a cosine to 0 does), where no update starts any more.
    let private checkLearningRate epochs curve =
        match bounds epochs curve with
        | Error bad -> Error(ScheduleError.NonFinite("learning rate", bad))
        | Ok(low, high) ->
            let approachesZeroAtTheEnd () =
                Segments.beforeTheEnd epochs curve |> List.forall (fun s -> fst (Smooth.range (s.Start, s.Until) s.Smooth) > 0.0)

            if high > 0.0 && high < 1e-290 then
                Error(ScheduleError.ParameterOutOfRange("learning rate", high, "it must reach 1e-290, to be told from 0"))
            elif low > 0.0 || (low >= -1e-12 * high && approachesZeroAtTheEnd ()) then
                Ok()
            else
                let at = epochWhere epochs (fun v -> v <= 0.0) curve
                Error(ScheduleError.NonPositive("learning rate", Curve.valueAt at curve, at))

    let private checkPositive quantity epochs curve =
        match bounds epochs curve with
        | Error bad -> Error(ScheduleError.NonFinite(quantity, bad))
        | Ok(low, _) when low > 0.0 -> Ok()
        | Ok(low, _) -> Error(ScheduleError.NonPositive(quantity, low, epochWhere epochs (fun v -> v <= 0.0) curve))

    // Real batches that rounding has carried past a limit are within it: a billionth, and what is left of the digits of N/B where a
    // formula goes from N down to one example.
    let private slackOf (n: int64<example>) = 1e-9 + 2e-15 * float n

    let private checkBatchSize epochs (n: int64<example>) curve =
        let slack = slackOf n

        match bounds epochs curve with
        | Error bad when Double.IsNaN bad -> Error(ScheduleError.NonFinite("batch size", bad))
        | Error bad -> Error(ScheduleError.BatchExceedsTrainingSet(bad, n, epochs))
        | Ok(low, high) ->
            if low < 1.0 - slack then
                Error(ScheduleError.BatchBelowOne(low, epochWhere epochs (fun v -> v < 1.0 - slack) curve))
            elif high > float n * (1.0 + slack) then
                let at = epochWhere epochs (fun v -> v > float n * (1.0 + slack)) curve
                Error(ScheduleError.BatchExceedsTrainingSet(high, n, at))
            elif high > float Int32.MaxValue then
                Error(ScheduleError.ParameterOutOfRange("batch size", high, "it must fit a 32-bit integer"))
            else
                Ok()

    let private checkMomentum epochs optimizer curve =
        match bounds epochs curve with
        | Error bad -> Error(ScheduleError.NonFinite("momentum", bad))
        | Ok(low, high) ->
            if low < 0.0 then
                Error(ScheduleError.MomentumOutOfRange(low, epochWhere epochs (fun v -> v < 0.0) curve))
            elif high >= 1.0 then
                Error(ScheduleError.MomentumOutOfRange(high, epochWhere epochs (fun v -> v >= 1.0) curve))
            elif high > 0.0 && (Optimizer.convention optimizer).IsNone then
                Error(
                    ScheduleError.LawDoesNotHold(
                        "a momentum curve",
                        "SGD has no momentum and Adam has β₁ in its place; the curve must be 0"
                    )
                )
            else
                Ok()

    let private inUnit name value =
        if value >= 0.0 && value < 1.0 then
            Ok()
        else
            Error(ScheduleError.ParameterOutOfRange(name, value, "it must lie in [0, 1)"))

    let private nonNegative name value =
        if Double.IsFinite value && value >= 0.0 then
            Ok()
        else
            Error(ScheduleError.ParameterOutOfRange(name, value, "it must be finite and 0 or more"))

    let private validate (s: Schedule) : Result<Schedule, ScheduleError> =
        let adam check () =
            match Optimizer.adamConstants s.optimizer with
            | Some constants -> check constants
            | None -> Ok()

        let checks: (unit -> Result<unit, ScheduleError>) list =
            [ fun () ->
                  if s.trainingSetSize < 1L<example> then
                      Error(ScheduleError.EmptySchedule $"a training set of {s.trainingSetSize} examples")
                  elif Double.IsNaN(float s.epochs) || Double.IsInfinity(float s.epochs) then
                      Error(ScheduleError.NonFinite("epochs", float s.epochs))
                  elif s.epochs <= 0.0<epoch> then
                      Error(ScheduleError.EmptySchedule $"{float s.epochs} epochs")
                  elif float s.epochs * float s.trainingSetSize > 9e18 then
                      Error(ScheduleError.ParameterOutOfRange("epochs", float s.epochs, "epochs · N must stay below 9·10¹⁸ examples"))
                  else
                      Ok()
              fun () -> CurveAnalysis.validate "learning rate" s.learningRate
              fun () -> CurveAnalysis.validate "batch size" s.batchSize
              fun () -> CurveAnalysis.validate "momentum" s.momentum
              fun () -> checkLearningRate s.epochs s.learningRate
              fun () -> checkBatchSize s.epochs s.trainingSetSize s.batchSize
              fun () -> checkMomentum s.epochs s.optimizer s.momentum
              fun () -> nonNegative "weight decay" s.weightDecay
              adam (fun c -> inUnit "beta1" c.Beta1)
              adam (fun c -> inUnit "beta2" c.Beta2)
              adam (fun c -> nonNegative "epsilon" c.Epsilon)
              fun () ->
                  match s.averaging with
                  | Some averaging -> inUnit "weight-averaging momentum" averaging.Momentum
                  | None -> Ok()
              fun () ->
                  match s.averaging |> Option.bind _.ReferenceBatch with
                  | Some reference ->
                      CurveAnalysis.validate "reference batch" reference
                      |> Result.bind (fun () -> checkPositive "reference batch" s.epochs reference)
                  | None -> Ok() ]

        try
            match firstError checks with
            | Some error -> Error error
            | None -> Ok s
        with :? TooManyRestarts as tooMany ->
            Error(ScheduleError.ParameterOutOfRange("period of cosine restarts", tooMany.Period, tooMany.Rule))

    /// A schedule without weight decay or weight averaging, or the first rule its parts break.
    /// N examples, epochs > 0, ε(t) > 0 per update, B(t) in [1, N] examples, m(t) in [0, 1).
    let create optimizer (trainingSetSize: int64<example>) (epochs: float<epoch>) learningRate batchSize momentum =
        validate
            { trainingSetSize = trainingSetSize
              epochs = epochs
              learningRate = learningRate
              batchSize = batchSize
              momentum = momentum
              optimizer = optimizer
              weightDecay = 0.0
              averaging = None }

    /// The schedule with another learning-rate curve; nothing else moves.
    let withLearningRate curve (schedule: Schedule) = validate { schedule with learningRate = curve }

    /// The schedule with another batch-size curve; nothing else moves.
    let withBatchSize curve (schedule: Schedule) = validate { schedule with batchSize = curve }

    /// The schedule with another momentum curve; nothing else moves (`Transform.setMomentum` moves the batch with it).
    let withMomentum curve (schedule: Schedule) = validate { schedule with momentum = curve }

    /// The schedule for another optimizer; nothing else moves.
    let withOptimizer optimizer (schedule: Schedule) = validate { schedule with optimizer = optimizer }

    /// The schedule with weight decay λ ≥ 0.
    let withWeightDecay coefficient (schedule: Schedule) = validate { schedule with weightDecay = coefficient }

    /// The schedule with a moving average of the weights, or without.
    let withAveraging averaging (schedule: Schedule) = validate { schedule with averaging = averaging }

    /// The schedule over another number of epochs; the curves keep their times.
    let withEpochs (epochs: float<epoch>) (schedule: Schedule) = validate { schedule with epochs = epochs }

    /// The schedule for a training set of another size; the curves keep their times in epochs.
    let withTrainingSetSize (n: int64<example>) (schedule: Schedule) = validate { schedule with trainingSetSize = n }

    /// The same curves with every epoch `factor` times later, training included.
    let stretch factor (schedule: Schedule) =
        if not (Double.IsFinite factor && factor > 0.0) then
            Error(ScheduleError.ParameterOutOfRange("factor", factor, "it must be finite and greater than 0"))
        else
            validate
                { schedule with
                    epochs = factor * schedule.epochs
                    learningRate = Curve.stretch factor schedule.learningRate
                    batchSize = Curve.stretch factor schedule.batchSize
                    momentum = Curve.stretch factor schedule.momentum
                    averaging =
                        schedule.averaging
                        |> Option.map (fun averaging ->
                            { averaging with
                                ReferenceBatch = Option.map (Curve.stretch factor) averaging.ReferenceBatch }) }

    /// Data seen in the whole of training: epochs·N examples, as a real number.
    let totalExamples (schedule: Schedule) = float schedule.epochs * float schedule.trainingSetSize

    /// The update count of P1's figures, N·∫dt/B(t): data divided by batch size, a real number of updates before any rounding.
    let idealUpdates (schedule: Schedule) : float<update> =
        let perEpoch = CurveAnalysis.integral 0.0<epoch> schedule.epochs (Curve.reciprocal schedule.batchSize)
        float schedule.trainingSetSize * float perEpoch * 1.0<update>

    /// The epochs inside training at which any of the three curves changes its formula, in order.
    let breakpoints (schedule: Schedule) =
        [ schedule.learningRate; schedule.batchSize; schedule.momentum ]
        |> List.collect (CurveAnalysis.breakpoints schedule.epochs)
        |> List.distinct
        |> List.sort
