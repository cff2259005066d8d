/// What the laws of transformations say, and the factors they are stated over.
module NoiseScale.Schedules.Tests.Invariants

open System
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules

let at (t: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure t
let u = Oracle.unitRoundoff

/// Times between breakpoints of either schedule, and the breakpoints themselves with the doubles just before them.
let timesOf (schedules: Schedule list) =
    let breakpoints = schedules |> List.collect Schedule.breakpoints
    let edges = breakpoints |> List.collect (fun t -> [ float t; Math.BitDecrement(float t) ])
    0.0 :: edges @ Oracle.sampleTimes schedules.Head.Epochs breakpoints

/// The noise scale of `after` is that of `before` at an epoch.
/// Tolerance: 10⁻¹² relative; plus what rounding does to any batch near N: g = ε(N − B)/B carries a relative error δ of B as
/// δ·N/(N − B), so g itself as δ·εN/B, and B′ = N·B/(B + (N − B)/a) is three roundings (of N·B, of the sum, of the quotient) and up to
/// as many again where the batch is a curve: δ ≤ 16·2⁻⁵³; plus, where the momentum is a curve, the half ulp of m by which 1 − m and
/// the complement of m's decimal differ.
let keepsNoiseScaleAt extra form (before: Schedule) (after: Schedule) t =
    let value curve = Curve.valueAt (at t) curve
    let expected, actual = Oracle.noiseScale form t before, Oracle.noiseScale form t after

    let ofBatch =
        match form with
        | Form.Exact -> 16.0 * u * Oracle.noiseScale Form.Linear t after
        | Form.Linear -> 0.0

    let ofMomentum =
        [ before.Momentum; after.Momentum ]
        |> List.sumBy (fun m ->
            if Curve.isPiecewiseConstant m then
                0.0
            else
                u / Oracle.complement (value m) * expected)

    Law.within (1e-12 * expected + ofBatch + ofMomentum + extra) (fun () -> $"{form} noise scale at epoch {t:R}") expected actual

let keepsNoiseScale form before after = timesOf [ before; after ] |> List.iter (keepsNoiseScaleAt 0.0 form before after)

let closeAt relative what (expected: Curve) (actual: Curve) t =
    Law.close relative (fun () -> $"{what} at epoch {t:R}") (Curve.valueAt (at t) expected) (Curve.valueAt (at t) actual)

/// The same learning rate, batch and momentum at every time, and the same constants. A batch may be off by what rounding does to it
/// where it was larger on the way: `lengthened` ulps.
let sameSchedule lengthened (expected: Schedule) (actual: Schedule) =
    Law.require (actual.Epochs = expected.Epochs) (fun () -> $"{actual.Epochs} epochs, not {expected.Epochs}")
    Law.require (actual.TrainingSetSize = expected.TrainingSetSize) (fun () -> "another training set")

    for t in Oracle.sampleTimes expected.Epochs (List.collect Schedule.breakpoints [ expected; actual ]) do
        closeAt 1e-12 "learning rate" expected.LearningRate actual.LearningRate t
        closeAt (1e-12 + 16.0 * u * lengthened) "batch size" expected.BatchSize actual.BatchSize t
        closeAt 1e-12 "momentum" expected.Momentum actual.Momentum t

/// Nothing moves but learning rate and batch.
let keepsTheRest (before: Schedule) (after: Schedule) =
    Law.require (after.Epochs = before.Epochs) (fun () -> $"{after.Epochs} epochs, not {before.Epochs}")
    Law.require (after.TrainingSetSize = before.TrainingSetSize) (fun () -> "another training set")
    Law.require (after.Optimizer = before.Optimizer) (fun () -> "another optimizer")
    Law.require (after.WeightDecay = before.WeightDecay) (fun () -> "another weight decay")

/// ln ρ per example: what an average of the weights forgets of the data, at an epoch; its horizon in data is B/(1−ρ). With its error:
/// the double ρ is within half an ulp of what it stands for, which is relative u/|ln ρ| of its logarithm.
let forgetting t (schedule: Schedule) =
    schedule.Averaging
    |> Option.map (fun averaging ->
        let examples = averaging.ReferenceBatch |> Option.defaultValue schedule.BatchSize
        let rate = log averaging.Momentum / Curve.valueAt (at t) examples
        { Value = rate; Error = 2.0 * u / abs (log averaging.Momentum) * abs rate })

let keepsHorizonAt (before: Schedule, t) (after: Schedule, t') =
    match forgetting t before, forgetting t' after with
    | Some expected, Some actual when expected.Value * Curve.valueAt (at t') after.BatchSize < -650.0 ->
        // ρ′ of an update is below 10⁻²⁸⁰, and soon too small for a double
        Law.require (actual.Value < 0.0) (fun () -> $"ρ at epoch {t:R}")
    | Some expected, Some actual ->
        let allowed = 1e-12 * abs expected.Value + expected.Error + actual.Error
        Law.within allowed (fun () -> $"forgetting of the weight average at epoch {t:R}") expected.Value actual.Value
    | expected, actual -> Law.require (expected = actual) (fun () -> "a weight average appeared or disappeared")

let keepsHorizon (before: Schedule) (after: Schedule) =
    for t in Oracle.sampleTimes before.Epochs (List.collect Schedule.breakpoints [ before; after ]) do
        keepsHorizonAt (before, t) (after, t)

/// The answer is Ok just when the batch it should lead to is within [1, N] (to within 10⁻⁶), and else names the limit it breaks.
let justified (schedule: Schedule) (wanted: float -> float) (result: Result<Schedule, ScheduleError>) =
    let n = float schedule.TrainingSetSize
    let low, high = CurveAnalysis.range 0.0<epoch> schedule.Epochs schedule.BatchSize
    let low, high = wanted low, wanted high

    match result with
    | Ok _ -> Law.require (low > 1.0 - 1e-6 && high < n * (1.0 + 1e-6)) (fun () -> $"batches from {low:R} to {high:R} accepted for N = {n}")
    | Error(ScheduleError.BatchBelowOne _) -> Law.require (low < 1.0 + 1e-6) (fun () -> $"the smallest batch is {low:R}")
    | Error(ScheduleError.BatchExceedsTrainingSet _) -> Law.require (high > n * (1.0 - 1e-6)) (fun () -> $"the largest batch is {high:R}")
    | Error other -> raise (LawBroken $"refused for another reason: {ScheduleError.message other}")

/// B′ with N/B′ − 1 = (N/B − 1)/a, or aB.
let grown form (n: float) a b =
    match form with
    | Form.Linear -> a * b
    | Form.Exact -> n / (1.0 + (n / b - 1.0) / a)

/// A factor that mostly leaves every batch within [1, N].
let factorFor (schedule: Schedule) =
    let low, high = CurveAnalysis.range 0.0<epoch> schedule.Epochs schedule.BatchSize
    let least, most = 1.0 / low, float schedule.TrainingSetSize / high

    Gen.frequency
        [ 5, GenerateCurve.logUniform (max 1e-3 least, max (max 1e-3 least) (min 1e3 most))
          2, Gen.elements [ 1.0; 2.0; 5.0; 1.0 / 3.0 ]
          1, GenerateCurve.logUniform (1e-3, 1e3) ]

let withFactors count =
    Arb.fromGenShrink (
        gen {
            let! schedule = Arb.toGen Generate.schedule
            let! factors = Gen.listOfLength count (factorFor schedule)
            let! form = Generate.form
            return schedule, form, factors
        },
        fun (schedule, form, factors) -> Arb.toShrink Generate.schedule schedule |> Seq.map (fun s -> s, form, factors)
    )

/// How many ulps of the batch one rounding on the way there and back is worth: u = 1/B − 1/N is multiplied by k, so that a relative
/// error of B′ is one of B lengthened by k·B/B′ ≤ 1 + k.
let lengthening form k =
    match form with
    | Form.Linear -> 1.0
    | Form.Exact -> 1.0 + k
