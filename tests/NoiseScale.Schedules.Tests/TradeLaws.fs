/// Trading decay for batch: the noise scale stays, the cap holds and the decay resumes, trading twice is trading once.
module NoiseScale.Schedules.Tests.TradeLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules
open NoiseScale.Schedules.Tests.Invariants

let private largest (s: Schedule) = CurveAnalysis.range 0.0<epoch> s.Epochs s.BatchSize |> snd

let private limitOf cap (s: Schedule) =
    match cap with
    | Cap.Uncapped -> infinity
    | Cap.Examples cap -> cap
    | Cap.TenthOfTrainingSet -> max (largest s) (float s.TrainingSetSize / 10.0)

let private traded =
    gen {
        let! schedule = Arb.toGen Generate.schedule
        let! form = Generate.form
        let n = float schedule.TrainingSetSize

        let! cap =
            Gen.frequency
                [ 1, Gen.constant Cap.Uncapped
                  1, Gen.constant Cap.TenthOfTrainingSet
                  3, GenerateCurve.logUniform (largest schedule, max (largest schedule) n) |> Gen.map Cap.Examples ]

        let! until =
            Gen.frequency
                [ 2, Gen.constant None; 1, GenerateCurve.uniform (0.0, 1.2) |> Gen.map (fun part -> Some(part * schedule.Epochs)) ]

        return schedule, form, cap, until
    }
    |> Arb.fromGen

let private value t curve = Curve.valueAt (at t) curve

/// A curve at the beginning, and beside every boundary and the end of training, where its times are known to 8 ulps, with its error.
let private besideBoundaries (schedule: Schedule) curve =
    schedule.Epochs :: Schedule.breakpoints schedule
    |> List.collect (fun t -> [ float t * (1.0 - 16.0 * u); float t * (1.0 + 16.0 * u) ])
    |> List.filter (fun t -> t < float schedule.Epochs)
    |> List.append [ 0.0 ]
    |> List.sort
    |> List.map (fun t -> let c = Oracle.evaluate (t, 8.0 * u * t) curve in { c with Error = 8.0 * c.Error })

/// How far rounding may carry a running maximum of the learning rate, relatively: what it may do to a learning rate beside a boundary, as a
/// part of the maximum by then. (Both that maximum and the crossing of a cap carry it to all that follows. A curve of 1/√x where x has
/// come down from 10¹⁰ to 1 keeps few digits; one that rises from 10⁻⁵ to 10 within 10⁻⁷ epochs has those the ulps of the time leave it.)
let private ofMaximum (schedule: Schedule) =
    let rates = besideBoundaries schedule schedule.LearningRate

    let reached =
        rates |> List.scan (fun peak rate -> max peak rate.Value) (value 0.0 schedule.LearningRate) |> List.tail

    List.zip rates reached |> List.fold (fun worst (rate, peak) -> max worst (rate.Error / peak)) 0.0

/// The same for the batch beside a boundary, as a part of itself.
let private ofBatch (schedule: Schedule) =
    besideBoundaries schedule schedule.BatchSize |> List.fold (fun worst batch -> max worst (batch.Error / batch.Value)) 0.0

/// Trades, or passes over a draw that is refused for going beyond N without a cap that holds it.
let private trading algebra rule (before: Schedule, form, cap, until) check =
    match algebra.DecayForBatch rule form cap until before with
    | Ok after -> check after
    // N·B/(B + (N − B)/a) is N at most but for the roundings of B, which it reads twice
    | Error(ScheduleError.BatchExceedsTrainingSet(batch, n, _)) when form = Form.Exact && batch <= float n * (1.0 + 2.0 * ofBatch before) ->
        ()
    | Error(ScheduleError.BatchExceedsTrainingSet _) ->
        Law.require (cap = Cap.Uncapped && form = Form.Linear) (fun () -> "refused, with a cap or in the exact form, for going beyond N")
    // grown by maximum/ε, which is 1 or more but for rounding; by its square under the square-root rule; from a batch of 1 to within its own
    | Error(ScheduleError.BatchBelowOne(batch, _)) when batch >= 1.0 - 2.0 * ofMaximum before - ofBatch before -> ()
    | Error(ScheduleError.BatchBelowOne _)
    | Error(ScheduleError.CapBelowBatch _) -> raise (LawBroken "refused for its batch")
    | Error _ -> () // a rate that underflows or a curve beyond bounds: named

/// ε′²(N/B′ − 1) = ε²(N/B − 1), the invariant of the square-root rules.
let private keepsSquare form (before: Schedule) (after: Schedule) t =
    let n = float before.TrainingSetSize

    let square (s: Schedule) =
        let rate, batch = value t s.LearningRate, value t s.BatchSize
        let noise form = (NoiseScale.ofParts form n batch 1.0).Value
        rate * rate * noise form, rate * rate * noise Form.Linear

    let (expected, _), (actual, linear) = square before, square after
    let ofBatch = if form = Form.Exact then 32.0 * u * linear else 0.0
    Law.within (2e-12 * expected + ofBatch) (fun () -> $"ε²(N/B − 1) at epoch {t:R}") expected actual

/// Times between the breakpoints. At a breakpoint itself, a boundary inside a shifted or stretched curve and the one a trade put beside it
/// may be an ulp apart; no update starts in between.
let private times (schedules: Schedule list) = Oracle.sampleTimes schedules.Head.Epochs (schedules |> List.collect Schedule.breakpoints)

let tradeKeepsNoise =
    Law.forAll "decay for batch: the noise scale stays at every time, beyond the cap and after the end too" traded (fun algebra case ->
        let before, form, _, _ = case

        trading algebra TradeRule.Linear case (fun after ->
            for t in times [ before; after ] do
                let rounding =
                    if form = Form.Exact then
                        48.0 * u * Oracle.noiseScale Form.Linear t after
                    else
                        0.0

                keepsNoiseScaleAt rounding form before after t

            keepsTheRest before after
            keepsHorizon before after))

let squareRulesKeepTheirs =
    Law.forAll "square root and Seesaw: ε²(N/B − 1) stays at every time" traded (fun algebra case ->
        let before, form, _, _ = case

        for rule in [ TradeRule.SquareRoot; TradeRule.Seesaw ] do
            trading algebra rule case (fun after -> times [ before; after ] |> List.iter (keepsSquare form before after)))

let seesawHalves =
    Law.forAll
        "Seesaw: where the linear rule undoes a decay by a, ε is left at 1/√a of its maximum"
        traded
        (fun algebra (before, form, _, _) ->
            let case = before, form, Cap.Uncapped, None

            trading algebra TradeRule.Linear case (fun linear ->
                trading algebra TradeRule.Seesaw case (fun seesaw ->
                    for t in times [ before; linear; seesaw ] do
                        let expected = sqrt (value t before.LearningRate * value t linear.LearningRate)
                        Law.close 1e-11 (fun () -> $"learning rate at epoch {t:R}") expected (value t seesaw.LearningRate)
                        Law.close 1e-11 (fun () -> $"batch size at epoch {t:R}") (value t linear.BatchSize) (value t seesaw.BatchSize))))

let neverDecays =
    Law.forAll
        "without a cap the learning rate is the running maximum: it never decays, and never exceeds what was reached"
        traded
        (fun algebra (before, form, _, _) ->
            trading algebra TradeRule.Linear (before, form, Cap.Uncapped, None) (fun after ->
                let instants = times [ before; after ] |> List.sort
                let rates = instants |> List.map (fun t -> value t after.LearningRate)
                let originals = instants |> List.map (fun t -> value t before.LearningRate)
                let slip = 1e-12 + ofMaximum before

                for a, b in List.pairwise rates do
                    Law.require (b >= a * (1.0 - slip)) (fun () -> $"ε falls from {a:R} to {b:R}")

                let _, highest = CurveAnalysis.range 0.0<epoch> before.Epochs before.LearningRate
                Law.require (List.max rates <= highest * (1.0 + slip)) (fun () -> "ε exceeds its maximum")

                for reached, rate in List.zip (List.scan max 0.0 originals |> List.tail) rates do
                    Law.require (rate >= reached * (1.0 - slip)) (fun () -> $"ε is {rate:R} where {reached:R} had been reached")))

let capHolds =
    Law.forAll "the batch never falls below the schedule's own, and never exceeds the cap" traded (fun algebra case ->
        let before, _, cap, _ = case

        for rule in [ TradeRule.Linear; TradeRule.SquareRoot; TradeRule.Seesaw ] do
            trading algebra rule case (fun after ->
                let limit = limitOf cap before

                for t in times [ before; after ] do
                    let own, batch = value t before.BatchSize, value t after.BatchSize
                    Law.require (batch <= limit * (1.0 + 1e-9)) (fun () -> $"batch {batch:R} beyond {limit:R} at epoch {t:R}")
                    Law.require (batch >= own * (1.0 - 1e-9)) (fun () -> $"batch {batch:R} below the schedule's {own:R} at epoch {t:R}")))

let decayResumes =
    Law.forAll
        "the learning rate decays again only where the batch is at its cap, or trading has ended"
        traded
        (fun algebra (before, form, cap, _) ->
            trading algebra TradeRule.Linear (before, form, cap, None) (fun after ->
                let limit = limitOf cap before

                let uncapped =
                    times [ before; after ] |> List.sort |> List.filter (fun t -> value t after.BatchSize < limit * (1.0 - 1e-9))

                let _, highest = CurveAnalysis.range 0.0<epoch> before.Epochs before.LearningRate
                let mutable reached = 0.0
                let slip = 1e-12 + ofMaximum before

                for t in uncapped do
                    let rate = value t after.LearningRate
                    reached <- max reached (value t before.LearningRate)

                    Law.require (rate >= reached * (1.0 - slip) && rate <= highest * (1.0 + slip)) (fun () ->
                        $"ε is {rate:R} at epoch {t:R}, below its cap")))

let frozenAfterTheEnd =
    Law.forAll "from the end epoch on, what had been traded stays traded: ε′/ε is one number" traded (fun algebra (before, _, _, until) ->
        match until with
        | Some until when until < before.Epochs ->
            trading algebra TradeRule.Linear (before, Form.Linear, Cap.Uncapped, Some until) (fun after ->
                let lifts =
                    times [ before; after ]
                    |> List.filter (fun t -> t >= float until)
                    |> List.map (fun t -> value t after.LearningRate / value t before.LearningRate)

                for lift in lifts do
                    Law.close 1e-11 (fun () -> "ε′/ε") lifts.Head lift)
        | _ -> ())

let idempotent =
    Law.forAll "trading twice is trading once" traded (fun algebra case ->
        let before, form, cap, until = case

        for rule in [ TradeRule.Linear; TradeRule.SquareRoot ] do
            trading algebra rule case (fun once ->
                // N/10 is no cap of its own for a schedule that has outgrown it
                let cap =
                    if cap = Cap.TenthOfTrainingSet then
                        Cap.Examples(max (largest once) (float before.TrainingSetSize / 10.0))
                    else
                        cap

                match algebra.DecayForBatch rule form cap until once with
                | Ok twice ->
                    // at the cap ε is multiplied by (N − B)/(N − cap), which loses N/(N − cap) of its digits, and a cap nearer to N than
                    // 10⁻⁹ of it is none; where that ε is a new maximum, later batches follow it: B by as much, or twice as much where it
                    // grows with the square of the decay
                    let n = float before.TrainingSetSize

                    let lost =
                        if form = Form.Exact then
                            64.0 * u * n / max (1e-9 * n) (n - largest once)
                        else
                            0.0

                    let lost = lost + ofMaximum once

                    for t in times [ once; twice ] do
                        Law.close
                            (1e-11 + lost)
                            (fun () -> $"learning rate at epoch {t:R}")
                            (value t once.LearningRate)
                            (value t twice.LearningRate)

                        Law.close
                            (1e-9 + 2.0 * lost)
                            (fun () -> $"batch size at epoch {t:R}")
                            (value t once.BatchSize)
                            (value t twice.BatchSize)
                | Error(ScheduleError.CapBelowBatch _) -> () // a cap an ulp below the batch it made
                | Error error -> raise (LawBroken(ScheduleError.message error))))

let private decaying =
    // a constant batch, and a learning rate that only falls
    gen {
        let! schedule = Arb.toGen Generate.schedule
        let! levels = GenerateCurve.boundaries 10 (float schedule.Epochs)
        let! factors = Gen.listOfLength levels.Length (GenerateCurve.logUniform (1.0, 5.0))
        let values = List.scan (fun v f -> v / f) 1.0 factors
        let rate = Curve.step 1.0 (List.zip (List.map at levels) values.Tail)
        let batch = Curve.constant (Curve.valueAt 0.0<epoch> schedule.BatchSize)
        let! form = Generate.form

        return
            schedule
            |> Schedule.withLearningRate rate
            |> Result.bind (Schedule.withBatchSize batch)
            |> Result.map (fun s -> s, form)
    }
    |> Gen.map Result.toOption
    |> Gen.where Option.isSome
    |> Gen.map Option.get
    |> Arb.fromGen

let inverse =
    Law.forAll
        "batch for decay undoes decay for batch, from a constant batch and a rate that only falls"
        decaying
        (fun algebra (before, form) ->
            let n = float before.TrainingSetSize
            let first = Curve.valueAt 0.0<epoch> before.BatchSize

            match algebra.DecayForBatch TradeRule.Linear form Cap.Uncapped None before with
            | Ok there when largest there < n ->
                match algebra.BatchForDecay form there with
                | Ok back ->
                    for t in times [ before; back ] do
                        // u = 1/B − 1/N loses N/(N − B) of its digits
                        let lost =
                            if form = Form.Exact then
                                64.0 * u * (n / (n - largest there) + n / (n - first))
                            else
                                0.0

                        Law.close
                            (1e-11 + lost)
                            (fun () -> $"learning rate at epoch {t:R}")
                            (value t before.LearningRate)
                            (value t back.LearningRate)

                        Law.close 1e-11 (fun () -> $"batch size at epoch {t:R}") first (value t back.BatchSize)
                // a batch that is N to within 10⁻¹⁵ is full (the largest batch is known to a few ulps here)
                | Error(ScheduleError.LawDoesNotHold _) when form = Form.Exact && largest there >= n * (1.0 - 2e-15) -> ()
                | Error error -> raise (LawBroken $"there, but not back: {ScheduleError.message error}")
            | _ -> ())

let commutes =
    Law.forAll "without a cap, trading and B ∝ ε commute" (withFactors 1) (fun algebra (schedule, form, factors) ->
        let trade s = algebra.DecayForBatch TradeRule.Linear form Cap.Uncapped None s
        let scale s = algebra.ScaleLearningRate form factors.Head s

        match trade schedule |> Result.bind scale, scale schedule |> Result.bind trade with
        | Ok one, Ok other ->
            // either order takes its own maxima, and grows the batch by them
            let lost = ofMaximum one + ofMaximum other

            for t in times [ one; other ] do
                let close allowed what curve =
                    Law.close (allowed + lost) (fun () -> $"{what} at epoch {t:R}") (value t (curve one)) (value t (curve other))

                close 1e-11 "learning rate" _.LearningRate
                close 1e-9 "batch size" _.BatchSize
        | _ -> ())

let private original = (DontDecay.tryFind "original").Value.Schedule
let private ok = ScheduleError.orFail

let private counterExamples =
    testList
        "counter-examples"
        [ testCase "with a cap, trading and B ∝ ε do not commute" (fun () ->
              let trade = Trade.decayForBatch TradeRule.Linear Form.Linear (Cap.Examples 5120.0) None >> ok
              let scale = Transform.scaleLearningRate Form.Linear 5.0 >> ok
              Expect.notEqual (original |> trade |> scale) (original |> scale |> trade) "the cap is met at another time"

              Expect.equal
                  (snd (CurveAnalysis.range 0.0<epoch> original.Epochs (original |> trade |> scale).BatchSize))
                  25_600.0
                  "scaled beyond the cap")

          testCase "batch for decay does not undo a trade that a cap cut short and a warm-up began" (fun () ->
              let warm =
                  Schedule.withLearningRate (Curve.warmUpLinear 0.01 5.0<epoch> 0.1 (Curve.constant 0.02)) original |> ok

              let there = Trade.decayForBatch TradeRule.Linear Form.Linear Cap.Uncapped None warm |> ok
              Expect.equal (Curve.valueAt 2.0<epoch> there.LearningRate) (Curve.valueAt 2.0<epoch> warm.LearningRate) "the warm-up stays"
              Expect.equal (Curve.valueAt 50.0<epoch> there.BatchSize) 640.0 "what follows it is traded")

          testCase "Seesaw does not keep the noise scale" (fun () ->
              let seesaw = Trade.decayForBatch TradeRule.Seesaw Form.Linear Cap.Uncapped None original |> ok
              let g s = (NoiseScale.at Form.Linear 100.0<epoch> s).Value
              Expect.floatClose Accuracy.high (g seesaw) (g original / sqrt 5.0) "it falls by √a more") ]

let laws =
    [ tradeKeepsNoise
      squareRulesKeepTheirs
      seesawHalves
      neverDecays
      capHolds
      decayResumes
      frozenAfterTheEnd
      idempotent
      inverse
      commutes ]

let tests = testList "trading" (counterExamples :: (laws |> List.map (Law.test Algebra.real)))
