/// Schedules moved between widths: what P4's law says of ε and of g, inverses, composition; and exponents under reparametrisation.
module NoiseScale.Schedules.Tests.WidthLaws

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open NoiseScale.Schedules
open NoiseScale.Schedules.Tests.Invariants

/// (q, p) of ε_max ∝ w^q and (ε/B)_opt ∝ w^p, as P4 states them.
let private exponents parameterisation =
    match parameterisation with
    | Parameterisation.Standard -> -1.0, 0.0
    | Parameterisation.Ntk -> 0.0, 1.0
    | Parameterisation.MuP -> 0.0, 0.0

let private isSgd (schedule: Schedule) = (Optimizer.adamConstants schedule.Optimizer).IsNone

let private inputs =
    gen {
        let! schedule = Arb.toGen Generate.schedule
        let! k = factorFor schedule
        let! from = Gen.elements [ 16.0; 100.0; 4096.0 ]

        let! parameterisation =
            Gen.elements [ Parameterisation.Standard; Parameterisation.Ntk; Parameterisation.MuP ]

        let! form = Generate.form
        // a wider network has a smaller batch
        return schedule, form, parameterisation, from, from / k
    }
    |> Arb.fromGen

let private law name body =
    Law.forAll name inputs (fun (algebra: Algebra) (schedule, form, parameterisation, from, upTo) ->
        let moved = algebra.TransferWidth form parameterisation from upTo schedule

        if isSgd schedule then
            body algebra schedule form parameterisation from upTo moved
        else
            match moved with
            | Error(ScheduleError.LawDoesNotHold _) -> ()
            | other -> raise (LawBroken $"Adam's schedule: {other}"))

/// g = ε/(1−m)·(N/B − 1) is differenced near full batch: as `keepsNoiseScale`, with the factor k^p.
let private movesByTheLaw =
    law "ε takes k^q and g takes k^p, at every time" (fun _ before form parameterisation from upTo moved ->
        let q, p = exponents parameterisation
        let k = upTo / from
        justified before (grown form (float before.TrainingSetSize) (Math.Pow(k, q - p))) moved

        match moved with
        | Error _ -> ()
        | Ok after ->
            keepsTheRest before after

            for t in timesOf [ before ] do
                Law.close
                    1e-13
                    (fun () -> $"learning rate at epoch {t:R}")
                    (Math.Pow(k, q) * Curve.valueAt (at t) before.LearningRate)
                    (Curve.valueAt (at t) after.LearningRate)

                let expected = Math.Pow(k, p) * Oracle.noiseScale form t before

                let ofBatch =
                    match form with
                    | Form.Exact ->
                        32.0 * u * (Oracle.noiseScale Form.Linear t after + Math.Pow(k, p) * Oracle.noiseScale Form.Linear t before)
                    | Form.Linear -> 0.0

                let ofMomentum =
                    if Curve.isPiecewiseConstant before.Momentum then
                        0.0
                    else
                        2.0 * u / Oracle.complement (Curve.valueAt (at t) before.Momentum) * expected

                Law.within
                    (1e-12 * expected + ofBatch + ofMomentum)
                    (fun () -> $"g at epoch {t:R}")
                    expected
                    (Oracle.noiseScale form t after))

let private goesBack =
    law "the way back undoes the way there" (fun algebra schedule form parameterisation from upTo moved ->
        let q, p = exponents parameterisation

        match moved |> Result.bind (algebra.TransferWidth form parameterisation upTo from) with
        | Ok back -> sameSchedule (lengthening form (Math.Pow(upTo / from, q - p))) schedule back
        | Error _ -> ()) // a batch out of bounds on the way, or carried over the limit by rounding

let private composes =
    law "w to w′ to w″ is w to w″" (fun algebra schedule form parameterisation from upTo moved ->
        let last = sqrt (from * upTo) * 1.25
        let q, p = exponents parameterisation

        match
            moved |> Result.bind (algebra.TransferWidth form parameterisation upTo last),
            algebra.TransferWidth form parameterisation from last schedule
        with
        | Ok inTurn, Ok atOnce -> sameSchedule (lengthening form (Math.Pow(last / upTo, q - p))) atOnce inTurn
        | _ -> ())

let laws = [ movesByTheLaw; goesBack; composes ]

// ---- exponents -----------------------------------------------------------------------------------------------------------------

let private roles = [ LayerRole.Input; LayerRole.Hidden; LayerRole.Output; LayerRole.Fixed ]
let private all = [ Parameterisation.Standard; Parameterisation.Ntk; Parameterisation.MuP ]

let private near name (expected: WidthExponents) (actual: WidthExponents) =
    for expected, actual in
        [ expected.Deviation, actual.Deviation
          expected.Multiplier, actual.Multiplier
          expected.SgdRate, actual.SgdRate
          expected.AdamRate, actual.AdamRate ] do
        Expect.floatClose Accuracy.veryHigh actual expected name

let tests =
    testList
        "widths"
        [ testList "laws" (laws |> List.map (Law.test Algebra.real))
          testCase "reparametrising moves nothing that happens to the weights, and −x undoes x" (fun () ->
              for parameterisation in all do
                  for role in roles do
                      let exponents = Parameterisation.exponentsOf role parameterisation

                      for x in [ -1.0; -0.5; 0.3; 2.0 ] do
                          let moved = WidthExponents.reparametrise x exponents
                          near "weights" (WidthExponents.ofWeights exponents) (WidthExponents.ofWeights moved)
                          near "back" exponents (WidthExponents.reparametrise -x moved)

                      Expect.floatClose
                          Accuracy.veryHigh
                          (WidthExponents.withOneRate RateFamily.Sgd exponents).SgdRate
                          0.0
                          "one rate of SGD"

                      Expect.floatClose
                          Accuracy.veryHigh
                          (WidthExponents.withOneRate RateFamily.Adam exponents).AdamRate
                          0.0
                          "one rate of Adam")
          testCase "the maximal update for SGD in multipliers is that of Yang and Hu: a = −½, 0, ½ and b = ½" (fun () ->
              let exponents role = Parameterisation.exponentsOf role Parameterisation.MuP |> WidthExponents.withOneRate RateFamily.Sgd
              let pair role = (exponents role).Multiplier, (exponents role).Deviation
              Expect.equal (pair LayerRole.Input) (0.5, -0.5) "first layer"
              Expect.equal (pair LayerRole.Hidden) (0.0, -0.5) "hidden layers"
              Expect.equal (pair LayerRole.Output) (-0.5, -0.5) "last layer")
          testCase "ḡ ∝ w is p = 1 + the exponent of σ², in every way of writing it" (fun () ->
              for parameterisation, p, batch in
                  [ Parameterisation.Standard, 0.0, -1.0; Parameterisation.Ntk, 1.0, -1.0; Parameterisation.MuP, 0.0, 0.0 ] do
                  Expect.equal (Parameterisation.noiseScale parameterisation) p "noise scale"
                  Expect.equal (Parameterisation.largestBatch parameterisation) batch "largest batch")
          testCase "Standard and NTK are one law: converting ε/σ² and moving the width commute" (fun () ->
              // ε_NTK = ε/σ² with σ² = 2/w; whatever the order, the same ε_NTK/B
              let schedule =
                  Syntax.parse "lr 0.1; batch 64; momentum 0.9; epochs 10; examples 50000" |> ScheduleError.orFail

              let ratio (s: Schedule) = Curve.valueAt 0.0<epoch> s.LearningRate / Curve.valueAt 0.0<epoch> s.BatchSize
              let moved p = Width.transfer Form.Linear p 128.0 512.0 schedule |> ScheduleError.orFail |> ratio
              let variance w = 2.0 / w
              let throughStandard = moved Parameterisation.Standard / variance 512.0
              let throughNtk = moved Parameterisation.Ntk / variance 128.0
              Expect.floatClose Accuracy.veryHigh throughNtk throughStandard "ε/B of θ")
          testCase "at one batch size the learning rate alone takes k^p" (fun () ->
              let schedule = Syntax.parse "lr 0.1; batch 64; epochs 10; examples 50000" |> ScheduleError.orFail

              for parameterisation in all do
                  let moved = Width.transferKeepingBatch parameterisation 100.0 300.0 schedule |> ScheduleError.orFail
                  Expect.equal moved.BatchSize schedule.BatchSize "batch"

                  Expect.floatClose
                      Accuracy.veryHigh
                      (Curve.valueAt 0.0<epoch> moved.LearningRate)
                      (0.1 * Math.Pow(3.0, snd (exponents parameterisation)))
                      "learning rate")
          testCase "ḡ is ε/(B(1−m)σ²), and converts both ways" (fun () ->
              let schedule =
                  Syntax.parse "lr 0.1; batch 64; momentum 0.9; epochs 10; examples 50000" |> ScheduleError.orFail

              let normalised = NormalisedNoiseScale.at 0.05 0.0<epoch> schedule
              Expect.floatClose Accuracy.veryHigh normalised.Value (0.1 / (64.0 * 0.1) / 0.0025) "ḡ"
              let g = NoiseScale.at Form.Linear 0.0<epoch> schedule

              Expect.floatClose
                  Accuracy.veryHigh
                  (NormalisedNoiseScale.toLinearNoiseScale 0.05 50000L<example> normalised).Value
                  g.Value
                  "g"

              Expect.floatClose
                  Accuracy.veryHigh
                  (NormalisedNoiseScale.ofLinearNoiseScale 0.05 50000L<example> g).Value
                  normalised.Value
                  "back")
          testCase "widths that are none, and Adam, are refused by name" (fun () ->
              let schedule = Syntax.parse "lr 0.1; batch 64; epochs 10; examples 50000" |> ScheduleError.orFail

              let adam =
                  Syntax.parse "lr 0.1; batch 64; epochs 10; examples 50000; optimizer adam" |> ScheduleError.orFail

              let words result =
                  match result with
                  | Ok _ -> "accepted"
                  | Error error -> ScheduleError.message error

              for bad in [ 0.0; -1.0; nan; infinity ] do
                  Expect.stringContains (words (Width.transfer Form.Exact Parameterisation.Ntk bad 2.0 schedule)) "from is" "from"
                  Expect.stringContains (words (Width.transfer Form.Exact Parameterisation.Ntk 2.0 bad schedule)) "to is" "to"

              Expect.stringContains (words (Width.transfer Form.Exact Parameterisation.Ntk 2.0 4.0 adam)) "not of Adam" "Adam"
              Expect.stringContains (words (Width.transferKeepingBatch Parameterisation.Ntk 2.0 4.0 adam)) "not of Adam" "Adam"

              Expect.stringContains
                  (words (Width.transfer Form.Exact Parameterisation.Ntk 1.0 4096.0 schedule))
                  "batch size is"
                  "a batch below one") ]
