namespace NoiseScale.Schedules

open System
open NoiseScale.Sources

/// The rule by which learning rate (and more) follows a change of batch size.
[<RequireQualifiedAccess>]
type ScalingRule =
    /// ε ∝ B: the noise scale stays. (P1; Goyal et al. 2017)
    | Linear
    /// Adam and AdamW, B → kB: ε → √k·ε, 1−β → k(1−β) for β₁ and β₂, ε_Adam → ε_Adam/√k; AdamW's λ → √k·λ. (Malladi et al. 2022)
    | [<Source(Paper.Malladi2022)>] SquareRoot
    /// B → kB with a measured gain r in [1, k]: ε → r·ε, and the schedule advances r old updates per new one, so that training takes k/r
    /// times the epochs. (Johnson et al. 2020)
    | [<Source(Paper.Johnson2020)>] AdaScale of gain: float
    /// B → kB: ε → √k·ε and the warm-up, which ends at the given epoch, takes k times its epochs. (You et al. 2019)
    | [<Source(Paper.You2019)>] Legw of warmUp: float<epoch>

/// Transformations of whole schedules under the scaling laws. Each is a total function on valid schedules: it answers with a valid
/// schedule or with the named rule that broke.
[<RequireQualifiedAccess>]
module Transform =
    let private positive name value =
        if Double.IsFinite value && value > 0.0 then
            Ok()
        else
            Error(ScheduleError.ParameterOutOfRange(name, value, "it must be finite and greater than 0"))

    let private size (schedule: Schedule) = float schedule.TrainingSetSize

    /// <summary>B ∝ ε: the learning rate times k, and the batch so much larger that the noise scale stays at every time.
    /// ε → kε with B → kB (linear) or B → kNB/(kB + N − B) (exact). Inverse: 1/k. Composition: k₁ then k₂ is k₁·k₂.</summary>
    /// <param name="form">the form of the noise scale that is kept</param>
    /// <param name="k">factor of the learning rate, &gt; 0</param>
    /// <param name="schedule">any valid schedule</param>
    /// <returns>the schedule, or ParameterOutOfRange, BatchBelowOne, BatchExceedsTrainingSet (linear form only)</returns>
    /// <remarks>Source: P1 §2 (B ∝ ε), exact form from g = ε(N/B − 1).</remarks>
    [<Source(Paper.P1, "§2")>]
    let scaleLearningRate form k (schedule: Schedule) =
        positive "k" k
        |> Result.bind (fun () -> Schedule.withLearningRate (Curve.scale k schedule.LearningRate) schedule)
        |> Result.bind (Batch.replace (Batch.grow form (size schedule) (Curve.constant k) schedule.BatchSize))

    /// <summary>B ∝ 1/(1−m) along a momentum curve: the batch moves so that the noise scale stays at every time.
    /// B → B·(1−m)/(1−m′) (linear), or N/B′ − 1 = (N/B − 1)·(1−m′)/(1−m) (exact). Inverse: the old momentum.</summary>
    /// <param name="form">the form of the noise scale that is kept</param>
    /// <param name="momentum">m′(t) in [0, 1)</param>
    /// <param name="schedule">a schedule whose optimizer has a momentum with dampening 0</param>
    /// <returns>the schedule, or LawDoesNotHold (no momentum, dampened, Adam), MomentumOutOfRange, BatchBelowOne, BatchExceedsTrainingSet</returns>
    /// <remarks>Source: P1 §3.2; P2 App. D, g ≈ εN/(B(1−m)).</remarks>
    [<Source(Paper.P1, "§3.2")>]
    [<Source(Paper.P2, "App. D")>]
    let setMomentumCurve form momentum (schedule: Schedule) =
        if not (Optimizer.momentumAccelerates schedule.Optimizer) then
            let reason =
                match schedule.Optimizer with
                | Optimizer.Sgd -> "plain SGD has no momentum; choose the heavy ball or Nesterov first"
                | Optimizer.Adam _
                | Optimizer.AdamW _ -> "Adam's first moment is an average, whose effective learning rate is ε for every β₁"
                | Optimizer.HeavyBall _
                | Optimizer.Nesterov _ -> "with dampening m the effective learning rate is ε, not ε/(1−m)"

            Error(ScheduleError.LawDoesNotHold("B ∝ 1/(1−m)", reason))
        else
            let complement =
                Curve.mapWith Momentum.complement (fun curve -> Curve.sum (Curve.constant 1.0) (Curve.scale -1.0 curve))

            Schedule.withMomentum momentum schedule
            |> Result.bind (fun moved ->
                let growth = Curve.quotient (complement schedule.Momentum) (complement momentum)
                Batch.replace (Batch.grow form (size schedule) growth schedule.BatchSize) moved)

    /// B ∝ 1/(1−m): `setMomentumCurve` for one momentum m′ in [0, 1) throughout. (P1 §3.2)
    [<Source(Paper.P1, "§3.2")>]
    let setMomentum form momentum schedule = setMomentumCurve form (Curve.constant momentum) schedule

    /// In the exact form neither B nor k·B may come to N, where the noise scale is 0 and no learning rate makes it anything else.
    let private scaledBatchBelowFull form k (schedule: Schedule) =
        let _, high = CurveAnalysis.range 0.0<epoch> schedule.Epochs schedule.BatchSize

        if form = Form.Exact && k * high > size schedule then
            let at = Schedule.epochWhere schedule.Epochs (fun batch -> k * batch > size schedule) schedule.BatchSize
            Error(ScheduleError.BatchExceedsTrainingSet(k * high, schedule.TrainingSetSize, at))
        elif form = Form.Exact && max 1.0 k * high >= size schedule * (1.0 - 1e-12) then
            Error(ScheduleError.LawDoesNotHold("the exact noise scale", "it is 0 at full batch, whatever the learning rate"))
        else
            Ok()

    let private scaleLinear form k (schedule: Schedule) =
        let growth =
            match form with
            | Form.Linear -> Curve.constant k
            | Form.Exact ->
                let batch = Curve.upTo schedule.Epochs schedule.BatchSize
                Batch.growthBetween form (size schedule) batch (Curve.scale k batch)

        scaledBatchBelowFull form k schedule
        |> Result.bind (fun () -> Schedule.withLearningRate (Curve.product schedule.LearningRate growth) schedule)
        |> Result.bind (Batch.replace (Curve.scale k schedule.BatchSize))

    let private scaleAdam form k (schedule: Schedule) =
        let law = "the square-root rule"

        // β are constants, so the factor must be one number: in the exact form that needs one batch size
        let factor =
            match form, schedule.BatchSize with
            | Form.Linear, _ -> Ok k
            | Form.Exact, Curve.Constant b -> Ok(k * (size schedule - b) / (size schedule - k * b))
            | Form.Exact, _ ->
                Error(
                    ScheduleError.LawDoesNotHold(
                        law + " in its exact form",
                        "the factor varies with the batch, and β₁ and β₂ are constants"
                    )
                )

        let moved factor (constants: AdamConstants) =
            let beta name value =
                let next = 1.0 - factor * (1.0 - value)

                if next < 0.0 then
                    Error(ScheduleError.BetaBelowZero(name, next, k))
                else
                    Ok next

            beta "beta1" constants.Beta1
            |> Result.bind (fun beta1 ->
                beta "beta2" constants.Beta2
                |> Result.map (fun beta2 -> { Beta1 = beta1; Beta2 = beta2; Epsilon = constants.Epsilon / sqrt factor }))

        scaledBatchBelowFull form k schedule
        |> Result.bind (fun () -> factor)
        |> Result.bind (fun factor ->
            match schedule.Optimizer with
            | Optimizer.Adam constants -> moved factor constants |> Result.map (fun c -> factor, Optimizer.Adam c, 1.0)
            | Optimizer.AdamW constants -> moved factor constants |> Result.map (fun c -> factor, Optimizer.AdamW c, sqrt factor)
            | _ -> Error(ScheduleError.LawDoesNotHold(law, "it is derived for Adam; SGD scales linearly")))
        |> Result.bind (fun (factor, optimizer, decayFactor) ->
            Schedule.withOptimizer optimizer schedule
            |> Result.bind (Schedule.withLearningRate (Curve.scale (sqrt factor) schedule.LearningRate))
            |> Result.bind (Schedule.withWeightDecay (decayFactor * schedule.WeightDecay))
            |> Result.bind (Batch.replace (Curve.scale k schedule.BatchSize)))

    let private scaleAdaScale k gain (schedule: Schedule) =
        if (Optimizer.adamConstants schedule.Optimizer).IsSome then
            Error(ScheduleError.LawDoesNotHold("AdaScale", "its gain is derived for SGD"))
        elif not (gain >= 1.0 && gain <= k) then
            Error(ScheduleError.ParameterOutOfRange("gain", gain, $"it must lie in [1, k] = [1, {k}]"))
        else
            Schedule.stretch (k / gain) schedule
            |> Result.bind (fun slower ->
                Schedule.withLearningRate (Curve.scale gain slower.LearningRate) slower
                |> Result.bind (Batch.replace (Curve.scale k slower.BatchSize)))

    let private scaleLegw k (warmUp: float<epoch>) (schedule: Schedule) =
        if not (warmUp >= 0.0<epoch> && k * warmUp <= schedule.Epochs) then
            Error(ScheduleError.ParameterOutOfRange("warmUp", float warmUp, "k·warmUp must lie in [0, epochs]"))
        else
            let root = Curve.scale (sqrt k) schedule.LearningRate
            let learningRate = Curve.splice (Curve.stretch k root) (k * warmUp) root

            Schedule.withLearningRate learningRate schedule |> Result.bind (Batch.replace (Curve.scale k schedule.BatchSize))

    /// <summary>The batch times k, and the learning rate by a named rule. The linear rule keeps the noise scale (exact form:
    /// ε → ε·k(N−B)/(N−kB)); the others keep what their authors derive. Inverse (linear, square root): 1/k.</summary>
    /// <param name="rule">linear, square root (Adam), AdaScale, LEGW</param>
    /// <param name="form">the form of the noise scale; AdaScale and LEGW do not depend on it</param>
    /// <param name="k">factor of the batch size, &gt; 0; AdaScale needs k ≥ 1</param>
    /// <param name="schedule">any valid schedule the rule is for</param>
    /// <returns>the schedule, or LawDoesNotHold, BetaBelowZero, BatchBelowOne, BatchExceedsTrainingSet, ParameterOutOfRange</returns>
    let scaleBatch rule form k (schedule: Schedule) =
        positive "k" k
        |> Result.bind (fun () ->
            match rule with
            | ScalingRule.Linear when k = 1.0 -> Ok schedule
            | ScalingRule.Linear -> scaleLinear form k schedule
            | ScalingRule.SquareRoot -> scaleAdam form k schedule
            | ScalingRule.AdaScale gain -> scaleAdaScale k gain schedule
            | ScalingRule.Legw warmUp -> scaleLegw k warmUp schedule)
