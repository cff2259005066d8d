/// Noise scales and temperatures, and the conversions between the papers.
module NoiseScale.Schedules.Tests.NoiseScaleLaws

open Expecto
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules

let private at (t: float) : float<epoch> = LanguagePrimitives.FloatWithMeasure t

let private timesOf (schedule: Schedule) = Oracle.sampleTimes schedule.Epochs (Schedule.breakpoints schedule)

let formulas =
    Law.forAll "g = ε/(1−m)·(N/B − 1), and ε/(1−m)·N/B in the linear form" Generate.schedule (fun algebra schedule ->
        for t in timesOf schedule do
            for form in [ Form.Exact; Form.Linear ] do
                let expected = Oracle.noiseScale form t schedule
                Law.close 1e-14 (fun () -> $"{form} at epoch {t}") expected (algebra.NoiseScaleAt form (at t) schedule))

let forms =
    Law.forAll "the linear form exceeds the exact one by the effective learning rate" Generate.schedule (fun algebra schedule ->
        for t in timesOf schedule do
            let n = float schedule.TrainingSetSize

            let exact, linear =
                algebra.NoiseScaleAt Form.Exact (at t) schedule, algebra.NoiseScaleAt Form.Linear (at t) schedule

            // (a batch that rounding carries past N is full)
            let effective = linear * min 1.0 (Curve.valueAt (at t) schedule.BatchSize / n)
            Law.within (1e-14 * linear) (fun () -> $"linear − exact at epoch {t}") effective (linear - exact))

let temperatures =
    Law.forAll "P3's T is g/2 of the exact form, P6's is ε/((1−m)B)" Generate.schedule (fun algebra schedule ->
        for t in timesOf schedule do
            let half = Oracle.noiseScale Form.Exact t schedule / 2.0
            Law.close 1e-14 (fun () -> $"posterior temperature at epoch {t}") half (algebra.PosteriorTemperatureAt (at t) schedule)
            let perExample = Oracle.noiseScale Form.Linear t schedule / float schedule.TrainingSetSize
            Law.close 1e-14 (fun () -> $"step temperature at epoch {t}") perExample (algebra.StepTemperatureAt (at t) schedule))

let private numbers =
    Arb.fromGen (
        gen {
            let! n = Generate.trainingSetSize
            let! batch = GenerateCurve.level (1.0, float n)
            let! effective = GenerateCurve.logUniform (1e-6, 1e3)
            return n, batch, effective
        }
    )

let conversions =
    Law.forAll "temperatures convert there and back" numbers (fun _ (n, batch, effective) ->
        let same what (NoiseScale expected) (NoiseScale actual) = Law.close 1e-15 (fun () -> what) expected actual
        let exact = NoiseScale.ofParts Form.Exact (float n) batch effective
        let linear = NoiseScale.ofParts Form.Linear (float n) batch effective
        same "P3" exact (NoiseScale.ofPosteriorTemperature (NoiseScale.toPosteriorTemperature exact))
        same "P6" linear (NoiseScale.ofStepTemperature n (NoiseScale.linearToStepTemperature n linear)))

let batchSizes =
    Law.forAll "the batch size for a noise scale has that noise scale" numbers (fun _ (n, batch, effective) ->
        for form in [ Form.Exact; Form.Linear ] do
            let (NoiseScale g) as wanted = NoiseScale.ofParts form (float n) batch effective
            let found = NoiseScale.batchSizeFor form n effective wanted
            Law.close 1e-14 (fun () -> $"batch, {form}") batch found
            // g of the rounded batch: its relative error is lengthened by N/(N − B), so absolutely by ε_eff·N/B
            let allowed = 1e-14 * g + 8.0 * Oracle.unitRoundoff * effective * float n / found
            Law.within allowed (fun () -> $"noise scale, {form}") g (NoiseScale.ofParts form (float n) found effective).Value)

let private fullBatch =
    testCase "the exact noise scale vanishes at full batch, the linear one does not" (fun () ->
        let schedule =
            Schedule.create Optimizer.Sgd 1000L<example> 3.0<epoch> (Curve.constant 0.1) (Curve.constant 1000.0) (Curve.constant 0.0)
            |> ScheduleError.orFail

        Expect.equal (NoiseScale.at Form.Exact 1.0<epoch> schedule).Value 0.0 "exact"
        Expect.equal (NoiseScale.at Form.Linear 1.0<epoch> schedule).Value 0.1 "linear"
        // what B ∝ ε makes of a full batch may be an ulp more than N
        let beyond = NoiseScale.ofParts Form.Exact 1000.0 (System.Math.BitIncrement 1000.0) 0.1
        Expect.equal beyond.Value 0.0 "an ulp beyond N there is no noise, not less than none")

let private momentumAtTheEdge =
    testCase "momenta up to the last double below 1 have a finite noise scale" (fun () ->
        for m in [ 0.999999999999; 1.0 - 1e-15; System.Math.BitDecrement 1.0 ] do
            let g =
                NoiseScale.effectiveLearningRate (Optimizer.HeavyBall MomentumConvention.LearningRateOutside) 0.1 m

            Expect.isTrue (System.Double.IsFinite g) $"m = {m:R}: {g}")

let laws = [ formulas; forms; temperatures; conversions; batchSizes ]

let tests =
    testList "noise scale" (fullBatch :: momentumAtTheEdge :: (laws |> List.map (Law.test Algebra.real)))
