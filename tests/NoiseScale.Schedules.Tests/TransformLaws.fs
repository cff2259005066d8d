/// Transformations of whole schedules: the noise scale stays, they compose, invert and commute, and counts scale.
module NoiseScale.Schedules.Tests.TransformLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules
open NoiseScale.Schedules.Tests.Invariants

let private accelerated (schedule: Schedule) = Optimizer.momentumAccelerates schedule.Optimizer

/// A schedule with a momentum that lengthens its steps, and a new momentum curve that mostly leaves its batches within [1, N].
let private withMomentum =
    gen {
        let! schedule = Arb.toGen Generate.schedule |> Gen.where accelerated
        let! k = factorFor schedule
        let m = Curve.valueAt 0.0<epoch> schedule.Momentum
        let suited = Curve.constant (max 0.0 (min 0.999999 (1.0 - (1.0 - m) / k)))

        let! momentum =
            Gen.frequency [ 3, Gen.constant suited; 1, Generate.momentumCurve (float schedule.Epochs) ]

        let! form = Generate.form
        return schedule, form, momentum
    }
    |> Arb.fromGen

// ---- B ∝ ε -------------------------------------------------------------------------------------------------------------------

let scaleLearningRateKeepsNoise =
    Law.forAll "B ∝ ε: the noise scale stays at every time" (withFactors 1) (fun algebra (before, form, factors) ->
        let k = factors.Head
        let result = algebra.ScaleLearningRate form k before
        justified before (grown form (float before.TrainingSetSize) k) result

        match result with
        | Ok after ->
            keepsNoiseScale form before after
            keepsTheRest before after
            keepsHorizon before after

            for t in timesOf [ before ] do
                Law.close
                    1e-14
                    (fun () -> $"learning rate at epoch {t:R}")
                    (k * Curve.valueAt (at t) before.LearningRate)
                    (Curve.valueAt (at t) after.LearningRate)
        | Error _ -> ())

let scaleLearningRateIdentity =
    Law.forAll "scaleLearningRate 1 = id" (withFactors 1) (fun algebra (schedule, form, _) ->
        match algebra.ScaleLearningRate form 1.0 schedule with
        | Ok same ->
            Law.require (same.LearningRate = schedule.LearningRate) (fun () -> "another learning rate")
            sameSchedule 1.0 schedule same
        | Error error -> raise (LawBroken(ScheduleError.message error)))

let scaleLearningRateComposes =
    Law.forAll
        "scaleLearningRate a >> scaleLearningRate b = scaleLearningRate (a·b)"
        (withFactors 2)
        (fun algebra (schedule, form, factors) ->
            let a, b = factors[0], factors[1]
            let inTurn = algebra.ScaleLearningRate form a schedule |> Result.bind (algebra.ScaleLearningRate form b)

            match inTurn, algebra.ScaleLearningRate form (a * b) schedule with
            | Ok inTurn, Ok atOnce -> sameSchedule (lengthening form (1.0 / b)) atOnce inTurn
            | _ -> ()) // a batch out of bounds on either way

let scaleLearningRateInverts =
    Law.forAll "scaleLearningRate (1/k) undoes scaleLearningRate k" (withFactors 1) (fun algebra (schedule, form, factors) ->
        let k = factors.Head

        match algebra.ScaleLearningRate form k schedule with
        | Ok there ->
            match algebra.ScaleLearningRate form (1.0 / k) there with
            | Ok back -> sameSchedule (lengthening form k) schedule back
            // a batch of 1 (of N) that rounding carried past the limit
            | Error(ScheduleError.BatchBelowOne(batch, _)) when batch > 1.0 - 1e-6 -> ()
            | Error(ScheduleError.BatchExceedsTrainingSet(batch, n, _)) when batch < float n * (1.0 + 1e-6) -> ()
            | Error error -> raise (LawBroken $"there, but not back: {ScheduleError.message error}")
        | Error _ -> ())

let updatesScale =
    Law.forAll "B ∝ ε, linear form: k times the learning rate is 1/k of the updates" (withFactors 1) (fun algebra (schedule, _, factors) ->
        match algebra.ScaleLearningRate Form.Linear factors.Head schedule with
        | Ok scaled ->
            Law.close
                1e-11
                (fun () -> "updates")
                (float (algebra.IdealUpdates schedule) / factors.Head)
                (float (algebra.IdealUpdates scaled))
        | Error _ -> ())

// ---- B ∝ 1/(1−m) ---------------------------------------------------------------------------------------------------------------

let setMomentumKeepsNoise =
    Law.forAll "B ∝ 1/(1−m): the noise scale stays at every time" withMomentum (fun algebra (before, form, momentum) ->
        match algebra.SetMomentum form momentum before with
        | Ok after ->
            keepsNoiseScale form before after
            keepsTheRest before after
            keepsHorizon before after
            Law.require (after.Momentum = momentum) (fun () -> "another momentum")
            Law.require (after.LearningRate = before.LearningRate) (fun () -> "another learning rate")
        | Error(ScheduleError.BatchBelowOne _ | ScheduleError.BatchExceedsTrainingSet _) -> ()
        | Error other -> raise (LawBroken(ScheduleError.message other)))

let setMomentumInverts =
    Law.forAll "the old momentum undoes the new one" withMomentum (fun algebra (schedule, form, momentum) ->
        match algebra.SetMomentum form momentum schedule with
        | Ok there ->
            let back = algebra.SetMomentum form schedule.Momentum there |> ScheduleError.orFail
            let complement curve t = Oracle.complement (Curve.valueAt (at t) curve)

            for t in Oracle.sampleTimes schedule.Epochs (List.collect Schedule.breakpoints [ schedule; there ]) do
                let k = complement schedule.Momentum t / complement momentum t
                let ofMomentum = 4.0 * u / complement schedule.Momentum t + 4.0 * u / complement momentum t
                closeAt (1e-12 + ofMomentum + 16.0 * u * lengthening form k) "batch size" schedule.BatchSize back.BatchSize t
        | Error _ -> ())

let setMomentumCounts =
    Law.forAll "B ∝ 1/(1−m), linear form: updates scale with 1−m" withMomentum (fun algebra (schedule, _, momentum) ->
        match schedule.Momentum, momentum, algebra.SetMomentum Form.Linear momentum schedule with
        | Curve.Constant m, Curve.Constant m', Ok moved ->
            let expected = float (algebra.IdealUpdates schedule) * Oracle.complement m' / Oracle.complement m
            Law.close 1e-11 (fun () -> "updates") expected (float (algebra.IdealUpdates moved))
        | _ -> ())

let momentumAndRateCommute =
    Law.forAll "scaleLearningRate and setMomentum commute" withMomentum (fun algebra (schedule, form, momentum) ->
        for k in [ 0.5; 3.0 ] do
            match algebra.ScaleLearningRate form k schedule, algebra.SetMomentum form momentum schedule with
            | Ok scaled, Ok moved ->
                match algebra.SetMomentum form momentum scaled, algebra.ScaleLearningRate form k moved with
                | Ok one, Ok other ->
                    for t in timesOf [ one; other ] do
                        // either way the batch between is rounded, which counts for more the nearer to N it is
                        let between = if form = Form.Exact then [ scaled; moved ] else []
                        let rounding = between |> List.sumBy (fun s -> 16.0 * u * Oracle.noiseScale Form.Linear t s)
                        keepsNoiseScaleAt rounding form one other t
                | _ -> ()
            | _ -> ())

// ---- totality ------------------------------------------------------------------------------------------------------------------

let private anyNumber =
    Gen.frequency
        [ 3, GenerateCurve.logUniform (1e-3, 1e3)
          1, Gen.elements [ 0.0; -0.0; -1.0; 1.0; nan; infinity; -infinity; 1e308; 1e-308; 5e-324; -1e-9 ] ]

let private anything =
    gen {
        let! schedule = Arb.toGen Generate.schedule
        let! a, b = Gen.two anyNumber
        let! form = Generate.form
        let! tradeRule = Gen.elements [ TradeRule.Linear; TradeRule.SquareRoot; TradeRule.Seesaw ]
        let! cap = Gen.elements [ Cap.Uncapped; Cap.TenthOfTrainingSet; Cap.Examples b ]
        let! until = Gen.optionOf (Gen.constant (at b))
        return schedule, form, a, b, tradeRule, cap, until
    }
    |> Arb.fromGen

/// Rebuilt from its parts, the schedule is accepted again, and its curves are finite at every time. A learning rate that decays to 0 may
/// round to it in the last millionth of training, and only there.
let private isValid (s: Schedule) =
    let rebuilt =
        Schedule.create s.Optimizer s.TrainingSetSize s.Epochs s.LearningRate s.BatchSize s.Momentum
        |> Result.bind (Schedule.withWeightDecay s.WeightDecay)
        |> Result.bind (Schedule.withAveraging s.Averaging)

    Law.require (rebuilt = Ok s) (fun () -> "an invalid schedule came out")

    for t in 0.0 :: Oracle.sampleTimes s.Epochs (Schedule.breakpoints s) do
        let rate, batch, momentum =
            Curve.valueAt (at t) s.LearningRate, Curve.valueAt (at t) s.BatchSize, Curve.valueAt (at t) s.Momentum

        let hasDecayed = rate = 0.0 && t >= (1.0 - 1e-6) * float s.Epochs
        Law.require ((rate > 0.0 || hasDecayed) && Double.IsFinite rate) (fun () -> $"learning rate {rate} at epoch {t:R}")
        Law.require (batch >= 1.0 - 1e-8 && batch <= float s.TrainingSetSize * (1.0 + 1e-8)) (fun () -> $"batch {batch} at epoch {t:R}")
        Law.require (momentum >= 0.0 && momentum < 1.0) (fun () -> $"momentum {momentum} at epoch {t:R}")

let totality =
    Law.forAll
        "total: every answer is a valid schedule or a named error"
        anything
        (fun algebra (schedule, form, a, b, tradeRule, cap, until) ->
            let results =
                [ algebra.ScaleLearningRate form a schedule
                  algebra.SetMomentum form (Curve.constant a) schedule
                  algebra.SetMomentum form (Curve.linear a b schedule.Epochs) schedule
                  algebra.ScaleBatch ScalingRule.Linear form a schedule
                  algebra.ScaleBatch ScalingRule.SquareRoot form a schedule
                  algebra.ScaleBatch (ScalingRule.AdaScale b) form a schedule
                  algebra.ScaleBatch (ScalingRule.Legw(at b)) form a schedule
                  algebra.DecayForBatch tradeRule form cap until schedule
                  algebra.BatchForDecay form schedule
                  Schedule.stretch a schedule
                  Schedule.withEpochs (at a) schedule
                  Schedule.withWeightDecay a schedule ]

            for result in results do
                match result with
                | Ok changed -> isValid changed
                | Error error -> Law.require ((ScheduleError.message error).EndsWith ".") (fun () -> "an error without a sentence"))

// ---- where laws do not hold -------------------------------------------------------------------------------------------------------

let private cifar = (DontDecay.tryFind "original").Value.Schedule

let private refused what result =
    match result with
    | Error(ScheduleError.LawDoesNotHold _) -> ()
    | other -> failtest $"{what}: {other}"

let private counterExamples =
    testList
        "counter-examples"
        [ testCase "the exact and the linear form are different transformations" (fun () ->
              let exact = Transform.scaleLearningRate Form.Exact 5.0 cifar |> ScheduleError.orFail
              let linear = Transform.scaleLearningRate Form.Linear 5.0 cifar |> ScheduleError.orFail

              Expect.isLessThan
                  (Curve.valueAt 0.0<epoch> exact.BatchSize)
                  (Curve.valueAt 0.0<epoch> linear.BatchSize)
                  "exact batches are smaller")

          testCase "LEGW does not compose: the warm-up of the second is the stretched one only if it is told so" (fun () ->
              let warmUp = Curve.warmUpLinear 0.01 5.0<epoch> 0.1 (Curve.constant 0.1)
              let schedule = Schedule.withLearningRate warmUp cifar |> ScheduleError.orFail
              let legw k s = Transform.scaleBatch (ScalingRule.Legw 5.0<epoch>) Form.Linear k s |> ScheduleError.orFail
              let inTurn, atOnce = schedule |> legw 2.0 |> legw 3.0, schedule |> legw 6.0

              Expect.notEqual
                  (Curve.valueAt 20.0<epoch> inTurn.LearningRate)
                  (Curve.valueAt 20.0<epoch> atOnce.LearningRate)
                  "same warm-up")

          testCase "AdaScale and the linear rule do not commute in epochs" (fun () ->
              let ada s = Transform.scaleBatch (ScalingRule.AdaScale 2.0) Form.Linear 4.0 s |> ScheduleError.orFail
              Expect.equal (ada cifar).Epochs (2.0 * cifar.Epochs) "AdaScale takes k/r times the epochs")

          testCase "the square-root rule does not keep the noise scale" (fun () ->
              let adam =
                  cifar
                  |> Schedule.withMomentum (Curve.constant 0.0)
                  |> Result.bind (Schedule.withOptimizer (Optimizer.Adam AdamConstants.Default))
                  |> ScheduleError.orFail

              let scaled = Transform.scaleBatch ScalingRule.SquareRoot Form.Linear 4.0 adam |> ScheduleError.orFail
              let g s = (NoiseScale.at Form.Linear 0.0<epoch> s).Value
              Expect.floatClose Accuracy.veryHigh (g scaled) (g adam / 2.0) "it falls by √k")

          testCase "B ∝ 1/(1−m) is refused where momentum does not lengthen the step" (fun () ->
              let dampened = Optimizer.Nesterov MomentumConvention.Dampened
              Schedule.withOptimizer dampened cifar |> Result.bind (Transform.setMomentum Form.Linear 0.5) |> refused "dampened"

              for optimizer in [ Optimizer.Sgd; Optimizer.Adam AdamConstants.Default; Optimizer.AdamW AdamConstants.Default ] do
                  cifar
                  |> Schedule.withMomentum (Curve.constant 0.0)
                  |> Result.bind (Schedule.withOptimizer optimizer)
                  |> Result.bind (Transform.setMomentum Form.Linear 0.5)
                  |> refused $"{optimizer}") ]

let laws =
    [ scaleLearningRateKeepsNoise
      scaleLearningRateIdentity
      scaleLearningRateComposes
      scaleLearningRateInverts
      updatesScale
      setMomentumKeepsNoise
      setMomentumInverts
      setMomentumCounts
      momentumAndRateCommute
      totality ]

let tests = testList "transformations" (counterExamples :: (laws |> List.map (Law.test Algebra.real)))
