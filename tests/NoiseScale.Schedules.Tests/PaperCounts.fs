/// The numbers of P1 (§1 c): updates of every schedule, and the values of Figs 1, 5 and 7.
module NoiseScale.Schedules.Tests.PaperCounts

open Expecto
open NoiseScale.Schedules

let private schedule name = (DontDecay.tryFind name).Value.Schedule

let private counts =
    [ "original", 80_000.0, 80_000L
      "hybrid", 34_750.0, 34_750L
      "increase", 28_890.0, 28_890L
      "increase-capped", 29_187.5, 29_188L // an update whose middle lies before the end is made
      "increase-lr", 6_453.125, 6_453L
      "increase-momentum", 2_351.5625, 2_352L
      "imagenet-original", 14_075.32, 14_075L
      "imagenet-increase", 5_630.13, 5_630L
      "imagenet-momentum-0.9", 5_864.72, 5_865L
      "imagenet-momentum-0.95", 3_518.83, 3_519L
      "imagenet-momentum-0.975", 2_345.89, 2_346L ]

let tests =
    testList
        "counts of P1"
        [ for name, ideal, updates in counts do
              testCase name (fun () ->
                  let plan = Plan.ofSchedule (schedule name)
                  Expect.equal plan.Updates updates "updates of the plan"

                  Expect.floatClose
                      { absolute = 0.005; relative = 0.0 }
                      (float (Schedule.idealUpdates (schedule name)))
                      ideal
                      "data over batch size")

          testCase "every schedule of the paper is listed" (fun () ->
              Expect.equal (DontDecay.all () |> List.map _.Name) (counts |> List.map (fun (name, _, _) -> name)) "names")

          testCase "Fig 1: learning rates and batch sizes" (fun () ->
              let curves name = (schedule name).LearningRate, (schedule name).BatchSize
              let steps initial changes = Curve.Step(initial, changes |> List.map (fun (t, v) -> t * 1.0<epoch>, v))
              let decay = Curve.stepDecay 0.1 5.0 [ 60.0<epoch>; 120.0<epoch>; 160.0<epoch> ]
              Expect.equal (curves "original") (decay, Curve.Constant 128.0) "original"
              Expect.equal (curves "hybrid") (steps 0.1 [ 120.0, 0.02; 160.0, 0.004 ], steps 128.0 [ 60.0, 640.0 ]) "hybrid"
              Expect.equal (curves "increase") (Curve.Constant 0.1, steps 128.0 [ 60.0, 640.0; 120.0, 3200.0; 160.0, 16_000.0 ]) "increase")

          testCase "Fig 5 and Fig 7: initial batches" (fun () ->
              let first name = Curve.valueAt 0.0<epoch> (schedule name).BatchSize
              Expect.equal (first "increase-lr", first "increase-momentum") (640.0, 3200.0) "CIFAR-10"

              Expect.equal
                  [ first "imagenet-momentum-0.9"; first "imagenet-momentum-0.95"; first "imagenet-momentum-0.975" ]
                  [ 8192.0; 16_384.0; 32_768.0 ]
                  "ImageNet") ]
