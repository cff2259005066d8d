/// Bad input: every error is reached, and says what was wrong, its value and the rule.
module NoiseScale.Schedules.Tests.BadInput

open System
open Expecto
open NoiseScale.Schedules

let private heavyBall = Optimizer.HeavyBall MomentumConvention.LearningRateOutside
let private c = Curve.constant
let private create rate batch momentum = Schedule.create heavyBall 1000L<example> 10.0<epoch> rate batch momentum
let private good = create (c 0.1) (c 100.0) (c 0.9) |> ScheduleError.orFail
let private steps changes = Curve.Step(0.1, changes |> List.map (fun (t, v) -> t * 1.0<epoch>, v))

/// What is asked, the error it must be, and words its sentence must hold.
let private cases: (string * Result<Schedule, ScheduleError> * (ScheduleError -> bool) * string list) list =
    [ "a learning rate of 0", create (c 0.0) (c 100.0) (c 0.9), _.IsNonPositive, [ "learning rate is 0"; "greater than 0" ]
      "a negative learning rate later on", create (steps [ 3.0, -0.5 ]) (c 100.0) (c 0.9), _.IsNonPositive, [ "-0.5"; "epoch 3" ]
      "a learning rate that crosses 0", create (Curve.linear 0.1 -0.1 10.0<epoch>) (c 100.0) (c 0.9), _.IsNonPositive, [ "learning rate" ]
      "a warm-up from 0", create (Curve.warmUpLinear 0.0 2.0<epoch> 0.1 (c 0.1)) (c 100.0) (c 0.9), _.IsNonPositive, [ "epoch 0" ]
      "a learning rate that is no number", create (c nan) (c 100.0) (c 0.9), _.IsNonFinite, [ "learning rate"; "finite" ]
      "an infinite batch", create (c 0.1) (c infinity) (c 0.9), _.IsNonFinite, [ "batch size" ]
      "a batch below 1", create (c 0.1) (c 0.5) (c 0.9), _.IsBatchBelowOne, [ "0.5"; "at least 1" ]
      "a batch beyond N",
      create (c 0.1) (steps [ 5.0, 1001.0 ] |> Curve.sum (c 1.0)) (c 0.9),
      _.IsBatchExceedsTrainingSet,
      [ "1002"; "epoch 5"; "1000 examples"; "cap" ]
      "a momentum of 1", create (c 0.1) (c 100.0) (c 1.0), _.IsMomentumOutOfRange, [ "momentum is 1"; "[0, 1)" ]
      "a negative momentum", create (c 0.1) (c 100.0) (c -0.1), _.IsMomentumOutOfRange, [ "-0.1" ]
      "boundaries out of order",
      create (steps [ 6.0, 0.2; 4.0, 0.3 ]) (c 100.0) (c 0.9),
      _.IsBoundariesOutOfOrder,
      [ "epoch 4 follows epoch 6" ]
      "the same boundary twice", create (steps [ 6.0, 0.2; 6.0, 0.3 ]) (c 100.0) (c 0.9), _.IsBoundariesOutOfOrder, [ "6" ]
      "no epochs", Schedule.create heavyBall 1000L<example> 0.0<epoch> (c 0.1) (c 100.0) (c 0.9), _.IsEmptySchedule, [ "0 epochs" ]
      "no examples", Schedule.create heavyBall 0L<example> 10.0<epoch> (c 0.1) (c 100.0) (c 0.9), _.IsEmptySchedule, [ "0 examples" ]
      "endless training",
      Schedule.create heavyBall 1000L<example> (infinity * 1.0<epoch>) (c 0.1) (c 100.0) (c 0.9),
      _.IsNonFinite,
      [ "epochs" ]
      "a cosine of no duration", create (Curve.cosine 0.1 0.01 0.0<epoch>) (c 100.0) (c 0.9), _.IsParameterOutOfRange, [ "duration"; "0" ]
      "a clamp whose limits are exchanged, of a constant too",
      create (Curve.clamp 0.2 0.1 (c 0.15)) (c 100.0) (c 0.9),
      _.IsParameterOutOfRange,
      [ "0.1" ]
      "a shift to before the start, of a step too",
      create (Curve.shift -1.0<epoch> (steps [ 3.0, 0.2 ])) (c 100.0) (c 0.9),
      _.IsParameterOutOfRange,
      [ "-1" ]
      "a momentum curve for SGD",
      Schedule.create Optimizer.Sgd 1000L<example> 10.0<epoch> (c 0.1) (c 100.0) (c 0.9),
      _.IsLawDoesNotHold,
      [ "momentum" ]
      "a negative weight decay", Schedule.withWeightDecay -1.0 good, _.IsParameterOutOfRange, [ "weight decay is -1" ]
      "β₂ of 1",
      Schedule.create (Optimizer.Adam { AdamConstants.Default with Beta2 = 1.0 }) 1000L<example> 10.0<epoch> (c 0.1) (c 100.0) (c 0.0),
      _.IsParameterOutOfRange,
      [ "beta2 is 1" ]
      "ρ of 1", Schedule.withAveraging (Some { Momentum = 1.0; ReferenceBatch = None }) good, _.IsParameterOutOfRange, [ "averaging" ]
      "k = 0", Transform.scaleLearningRate Form.Linear 0.0 good, _.IsParameterOutOfRange, [ "k is 0" ]
      "B ∝ ε beyond N, linear", Transform.scaleLearningRate Form.Linear 11.0 good, _.IsBatchExceedsTrainingSet, [ "1100" ]
      "B ∝ ε below 1", Transform.scaleLearningRate Form.Linear 0.001 good, _.IsBatchBelowOne, [ "0.1" ]
      "growth beyond N without a cap",
      good
      |> Schedule.withLearningRate (steps [ 5.0, 0.001 ])
      |> Result.bind (Trade.decayForBatch TradeRule.Linear Form.Linear Cap.Uncapped None),
      _.IsBatchExceedsTrainingSet,
      [ "10000"; "epoch 5"; "cap" ]
      "a cap below the batch",
      Trade.decayForBatch TradeRule.Linear Form.Linear (Cap.Examples 50.0) None good,
      _.IsCapBelowBatch,
      [ "50"; "100" ]
      "a cap of 0", Trade.decayForBatch TradeRule.Linear Form.Linear (Cap.Examples 0.0) None good, _.IsParameterOutOfRange, [ "cap is 0" ]
      "β₁ pushed below 0",
      Schedule.create (Optimizer.Adam AdamConstants.Default) 1000L<example> 10.0<epoch> (c 0.1) (c 10.0) (c 0.0)
      |> Result.bind (Transform.scaleBatch ScalingRule.SquareRoot Form.Linear 20.0),
      _.IsBetaBelowZero,
      [ "beta1 would become"; "scaled by 20" ]
      "the square root for SGD", Transform.scaleBatch ScalingRule.SquareRoot Form.Linear 2.0 good, _.IsLawDoesNotHold, [ "Adam" ]
      "an impossible gain", Transform.scaleBatch (ScalingRule.AdaScale 3.0) Form.Linear 2.0 good, _.IsParameterOutOfRange, [ "gain is 3" ]
      "the exact rule at full batch", Transform.scaleBatch ScalingRule.Linear Form.Exact 10.0 good, _.IsLawDoesNotHold, [ "full batch" ]
      "B ∝ 1/(1−m), dampened",
      Schedule.withOptimizer (Optimizer.HeavyBall MomentumConvention.Dampened) good
      |> Result.bind (Transform.setMomentum Form.Linear 0.5),
      _.IsLawDoesNotHold,
      [ "dampening" ]
      "text", Syntax.parse "lr", _.IsMalformedText, [ "line 1, column 3" ]
      "another version", Json.parse """{"schema":"noisescale/schedule","version":7}""", _.IsUnknownVersion, [ "7" ] ]

let tests =
    testList
        "bad input"
        [ for name, result, isExpected, words in cases do
              testCase name (fun () ->
                  match result with
                  | Ok _ -> failtest "it was accepted"
                  | Error error ->
                      let sentence = ScheduleError.message error
                      Expect.isTrue (isExpected error) $"another error: {sentence}"

                      for word in words do
                          Expect.stringContains sentence word "its sentence")

          testCase "every error is reached" (fun () ->
              let reached =
                  cases
                  |> List.choose (fun (_, result, _, _) ->
                      match result with
                      | Error e -> Some e
                      | Ok _ -> None)

              let tag (e: ScheduleError) = (FSharp.Reflection.FSharpValue.GetUnionFields(e, typeof<ScheduleError>) |> fst).Name

              let all =
                  FSharp.Reflection.FSharpType.GetUnionCases typeof<ScheduleError> |> Array.map _.Name |> Set.ofArray

              Expect.equal (reached |> List.map tag |> Set.ofList) all "cases of ScheduleError")

          testCase "orFail raises the sentence" (fun () ->
              Expect.throwsT<ArgumentException>
                  (fun () -> create (c 0.0) (c 100.0) (c 0.9) |> ScheduleError.orFail |> ignore)
                  "an ArgumentException") ]
