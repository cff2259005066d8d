/// B → kB under the named rules.
module NoiseScale.Schedules.Tests.ScaleBatchLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules
open NoiseScale.Schedules.Tests.Invariants

let scaleBatchKeepsNoise =
    Law.forAll "B → kB under the linear rule: the noise scale stays at every time" (withFactors 1) (fun algebra (before, form, factors) ->
        let k = factors.Head

        match algebra.ScaleBatch ScalingRule.Linear form k before with
        | Ok after ->
            keepsNoiseScale form before after
            keepsTheRest before after
            keepsHorizon before after

            for t in timesOf [ before ] do
                Law.close
                    1e-14
                    (fun () -> $"batch at epoch {t:R}")
                    (k * Curve.valueAt (at t) before.BatchSize)
                    (Curve.valueAt (at t) after.BatchSize)

            Law.close 1e-11 (fun () -> "updates") (float (algebra.IdealUpdates before) / k) (float (algebra.IdealUpdates after))
        | Error(ScheduleError.LawDoesNotHold _ | ScheduleError.NonPositive _) ->
            // a full batch on one side only: its exact noise scale is 0, and no learning rate makes it so
            let _, high = CurveAnalysis.range 0.0<epoch> before.Epochs before.BatchSize
            let n = float before.TrainingSetSize * (1.0 - 1e-9)
            Law.require (form = Form.Exact && (high >= n || k * high >= n)) (fun () -> "refused without a full batch")
        | result -> justified before ((*) k) result)

let scaleBatchInverts =
    Law.forAll "B → kB → B is the identity, linear rule" (withFactors 1) (fun algebra (schedule, form, factors) ->
        let k = factors.Head

        match algebra.ScaleBatch ScalingRule.Linear form k schedule with
        | Ok there ->
            let back = algebra.ScaleBatch ScalingRule.Linear form (1.0 / k) there |> ScheduleError.orFail
            let n = float schedule.TrainingSetSize

            for t in Oracle.sampleTimes schedule.Epochs (List.collect Schedule.breakpoints [ schedule; there ]) do
                // N − B is lengthened by N/(N − B) for the larger batch
                let b = Curve.valueAt (at t) schedule.BatchSize * max 1.0 k
                let allowed = 1e-12 + (if form = Form.Exact then 16.0 * u * n / (n - b) else 0.0)
                closeAt allowed "learning rate" schedule.LearningRate back.LearningRate t
                closeAt 1e-12 "batch size" schedule.BatchSize back.BatchSize t
        | Error _ -> ())

/// Adam schedules with one batch size (and others), for the square-root rule.
let private adam =
    gen {
        let! schedule = Arb.toGen Generate.schedule
        let! horizonBatch = Gen.elements [ true; true; false ]
        let! beta1 = Gen.elements [ 0.0; 0.5; 0.9; 0.99 ]
        let! epsilon = Gen.elements [ 0.0; 1e-8; 1e-3 ]
        let constants = { Beta1 = beta1; Beta2 = 0.999; Epsilon = epsilon }
        let! optimizer = Gen.elements [ Optimizer.Adam constants; Optimizer.AdamW constants ]
        let constant = Curve.constant (Curve.valueAt 0.0<epoch> schedule.BatchSize)

        let schedule =
            schedule
            |> Schedule.withMomentum (Curve.constant 0.0)
            |> Result.bind (Schedule.withOptimizer optimizer)
            |> Result.bind (if horizonBatch then Schedule.withBatchSize constant else Ok)
            |> ScheduleError.orFail

        let! k = factorFor schedule
        let! form = Generate.form
        return schedule, constants, form, k
    }
    |> Arb.fromGen

let squareRootRule =
    Law.forAll "square-root rule: ε√f, 1−β ∝ f, ε_Adam/√f, AdamW's λ√f; ε²(N/B − 1) stays" adam (fun algebra (before, constants, form, k) ->
        let n = float before.TrainingSetSize
        let b = Curve.valueAt 0.0<epoch> before.BatchSize
        let factor = if form = Form.Linear then k else (n / b - 1.0) / (n / (k * b) - 1.0)

        match algebra.ScaleBatch ScalingRule.SquareRoot form k before with
        | Ok after ->
            let moved = Optimizer.adamConstants after.Optimizer |> Option.get
            let allowed = 1e-12 + (if form = Form.Exact then 16.0 * u * n / (n - max 1.0 k * b) else 0.0)
            let close what = Law.close allowed (fun () -> what)
            // β is a double near 1, known to half an ulp
            let complement what before after =
                Law.within (allowed * factor * (1.0 - before) + 2.0 * u) (fun () -> what) (factor * (1.0 - before)) (1.0 - after)

            complement "1−β₁" constants.Beta1 moved.Beta1
            complement "1−β₂" constants.Beta2 moved.Beta2
            close "ε_Adam" (constants.Epsilon / sqrt factor) moved.Epsilon

            let decay =
                if after.Optimizer.IsAdamW then
                    sqrt factor * before.WeightDecay
                else
                    before.WeightDecay

            close "weight decay" decay after.WeightDecay
            Law.require (after.Epochs = before.Epochs) (fun () -> "another length")
            keepsHorizon before after

            for t in Oracle.sampleTimes before.Epochs (Schedule.breakpoints before) do
                let kept (s: Schedule) = Oracle.noiseScale form t s * Curve.valueAt (at t) s.LearningRate
                Law.close allowed (fun () -> $"ε²(N/B − 1) at epoch {t:R}") (kept before) (kept after)
                closeAt 1e-14 "batch" (Curve.scale k before.BatchSize) after.BatchSize t
        | Error(ScheduleError.BetaBelowZero _) ->
            Law.require (factor * (1.0 - constants.Beta1) > 1.0 - 1e-9) (fun () -> $"β₁ = {constants.Beta1} scaled by {factor}")
        | Error(ScheduleError.LawDoesNotHold _) ->
            let _, high = CurveAnalysis.range 0.0<epoch> before.Epochs before.BatchSize
            let varies = not before.BatchSize.IsConstant

            Law.require (form = Form.Exact && (varies || max 1.0 k * high >= n * (1.0 - 1e-9))) (fun () ->
                "refused though one batch size below N")
        | result -> justified before ((*) k) result)

let squareRootInverts =
    Law.forAll "square-root rule: 1/k undoes k" adam (fun algebra (schedule, constants, form, k) ->
        match algebra.ScaleBatch ScalingRule.SquareRoot form k schedule with
        | Ok there ->
            match algebra.ScaleBatch ScalingRule.SquareRoot form (1.0 / k) there with
            | Ok back ->
                let n, b = float schedule.TrainingSetSize, Curve.valueAt 0.0<epoch> schedule.BatchSize
                let factor = if form = Form.Linear then k else (n / b - 1.0) / (n / (k * b) - 1.0)
                let allowed = 1e-11 + (if form = Form.Exact then 32.0 * u * n / (n - max 1.0 k * b) else 0.0)
                let moved = Optimizer.adamConstants back.Optimizer |> Option.get
                // on the way 1−β is known to half an ulp of 1, and comes back divided by the factor
                let ofBeta = 4.0 * u * max 1.0 (1.0 / factor)
                Law.within (allowed + ofBeta) (fun () -> "β₁") constants.Beta1 moved.Beta1
                Law.within (allowed + ofBeta) (fun () -> "β₂") constants.Beta2 moved.Beta2
                Law.close allowed (fun () -> "ε_Adam") constants.Epsilon moved.Epsilon

                for t in Oracle.sampleTimes schedule.Epochs (Schedule.breakpoints schedule) do
                    closeAt allowed "learning rate" schedule.LearningRate back.LearningRate t
            | Error(ScheduleError.BetaBelowZero _) when constants.Beta1 = 0.0 -> () // β₁ = 0 may come back an ulp below 0
            | Error error -> raise (LawBroken $"there, but not back: {ScheduleError.message error}")
        | Error _ -> ())

/// SGD schedules with a factor ≥ 1 and a gain within [1, k].
let private withGain =
    gen {
        let! schedule =
            Arb.toGen Generate.schedule |> Gen.where (fun s -> (Optimizer.adamConstants s.Optimizer).IsNone)

        let! k = factorFor schedule |> Gen.map (max 1.0)
        let! gain = GenerateCurve.uniform (1.0, k)
        return schedule, k, min k (max 1.0 gain)
    }
    |> Arb.fromGen

/// How far N·∫dt/B may be from its true value. The integral itself is held to this bound by IntegralLaws: what the roundings of B carry
/// into 1/B, δB/B² along the way (a batch that falls from 10⁶ to 1 ends with the roundings of 10⁶, its last 1/B with 10⁶ times its own),
/// and 10⁻¹² of it. And every time at which B jumps, or training ends, is rounded: to within 8 ulps, which is as many ulps of t of
/// data at the batch of either side.
let private idealUpdatesError (schedule: Schedule) =
    let reciprocal = Curve.reciprocal schedule.BatchSize
    let breakpoints = CurveAnalysis.breakpoints schedule.Epochs schedule.BatchSize
    let perEpoch = Oracle.integral breakpoints (0.0<epoch>, schedule.Epochs) reciprocal

    let atEdges =
        schedule.Epochs :: breakpoints
        |> List.sumBy (fun t ->
            let before = Curve.valueAt (at (float t * (1.0 - 16.0 * u))) reciprocal
            8.0 * u * float t * (before + Curve.valueAt t reciprocal))

    float schedule.TrainingSetSize * (8.0 * perEpoch.Error + 1e-12 * perEpoch.Value + atEdges)

let adaScale =
    Law.forAll
        "AdaScale: ε′(t) = r·ε(t·r/k), B′(t) = k·B(t·r/k), k/r times the epochs, 1/r of the updates"
        withGain
        (fun algebra (before, k, gain) ->
            match algebra.ScaleBatch (ScalingRule.AdaScale gain) Form.Exact k before with
            | Ok after ->
                let slower = k / gain
                Law.close 1e-15 (fun () -> "epochs") (slower * float before.Epochs) (float after.Epochs)

                Law.within
                    (idealUpdatesError before / gain + idealUpdatesError after)
                    (fun () -> "updates")
                    (float (algebra.IdealUpdates before) / gain)
                    (float (algebra.IdealUpdates after))

                let reference =
                    before.Averaging
                    |> Option.bind _.ReferenceBatch
                    |> Option.map (CurveAnalysis.breakpoints before.Epochs)
                    |> Option.defaultValue []

                for t in Oracle.sampleTimes before.Epochs (Schedule.breakpoints before @ reference) do
                    let later = slower * t
                    let learningRate = Oracle.evaluate (t, 8.0 * u * t) before.LearningRate
                    let batch = Oracle.evaluate (t, 8.0 * u * t) before.BatchSize

                    let close what k (c: Approximate) =
                        Law.within (k * (8.0 * c.Error + 16.0 * u * c.Value)) (fun () -> $"{what} at epoch {t:R}") (k * c.Value)

                    close "learning rate" gain learningRate (Curve.valueAt (at later) after.LearningRate)
                    close "batch" k batch (Curve.valueAt (at later) after.BatchSize)

                    match before.Averaging, forgetting later after with
                    | None, found -> Law.require found.IsNone (fun () -> "a weight average appeared")
                    | Some _, None -> raise (LawBroken "the weight average disappeared")
                    | Some averaging, Some found ->
                        // of the reference batch, or the schedule's own: known as well as either is at t
                        let reference =
                            averaging.ReferenceBatch |> Option.defaultValue before.BatchSize |> Oracle.evaluate (t, 8.0 * u * t)

                        let expected = log averaging.Momentum / reference.Value

                        if expected * k * batch.Value < -650.0 then
                            // ρ′ of an update is below 10⁻²⁸⁰, and soon too small for a double
                            Law.require (found.Value < 0.0) (fun () -> $"ρ at epoch {t:R}")
                        else
                            let allowed = abs expected * (1e-12 + 8.0 * reference.Error / reference.Value) + 2.0 * found.Error
                            Law.within allowed (fun () -> $"forgetting at epoch {t:R}") expected found.Value
            | result -> justified before ((*) k) result)

let private withWarmUp =
    gen {
        let! schedule = Arb.toGen Generate.schedule
        let! k = factorFor schedule
        let! part = GenerateCurve.uniform (0.0, 1.0)
        return schedule, k, part * schedule.Epochs / max 1.0 k
    }
    |> Arb.fromGen

let legw =
    Law.forAll "LEGW: ε√k, and the warm-up takes k times its epochs" withWarmUp (fun algebra (before, k, warmUp) ->
        match algebra.ScaleBatch (ScalingRule.Legw warmUp) Form.Exact k before with
        | Ok after ->
            keepsTheRest before after
            keepsHorizon before after

            for t in Oracle.sampleTimes before.Epochs (k * warmUp :: List.collect Schedule.breakpoints [ before; after ]) do
                let source = if t < float (k * warmUp) then t / k else t
                let expected = Oracle.evaluate (source, 8.0 * u * max t source) before.LearningRate
                let allowed = sqrt k * (8.0 * expected.Error + 16.0 * u * expected.Value)

                Law.within
                    allowed
                    (fun () -> $"learning rate at epoch {t:R}")
                    (sqrt k * expected.Value)
                    (Curve.valueAt (at t) after.LearningRate)

                closeAt 1e-14 "batch" (Curve.scale k before.BatchSize) after.BatchSize t
        | result -> justified before ((*) k) result)

let laws =
    [ scaleBatchKeepsNoise; scaleBatchInverts; squareRootRule; squareRootInverts; adaScale; legw ]

let tests = testList "scaling the batch" (laws |> List.map (Law.test Algebra.real))
