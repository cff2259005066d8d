namespace NoiseScale.Schedules

open NoiseScale.Sources

/// A schedule of a paper, by name.
type PaperSchedule =
    {
        /// such as "original"
        Name: string
        /// what it is and where it stands in the paper
        Title: string
        /// the schedule itself
        Schedule: Schedule
    }

/// The schedules of P1: Smith, Kindermans, Ying, Le: Don't Decay the Learning Rate, Increase the Batch Size. ICLR 2018, arXiv 1711.00489.
/// Each is derived from the baseline by the transformations, in the linear form that the paper uses.
[<Source(Paper.P1, "Figs. 1, 5, 6 and 7")>]
[<RequireQualifiedAccess>]
module DontDecay =
    let private heavyBall = Optimizer.HeavyBall MomentumConvention.LearningRateOutside

    let private (>=>) f g x = f x |> Result.bind g

    let private trade cap until = Trade.decayForBatch TradeRule.Linear Form.Linear cap until

    /// CIFAR-10: N = 50 000; ε = 0.1 divided by 5 at epochs 60, 120, 160 (Fig 1, read off the figure by eye); B = 128; m = 0.9;
    /// 204.8 epochs, which make the 80 000 updates at which Fig 2b ends.
    let private cifar () =
        Schedule.create
            heavyBall
            50_000L<example>
            204.8<epoch>
            (Curve.stepDecay 0.1 5.0 [ 60.0<epoch>; 120.0<epoch>; 160.0<epoch> ])
            (Curve.constant 128.0)
            (Curve.constant 0.9)

    /// ImageNet: N = 1 281 167; ε = 3 divided by 10 at epochs 30, 60, 80 of 90 (the decay factor and its epochs are remembered, not read);
    /// B = 8192; m = 0.9.
    let private imageNet () =
        Schedule.create
            heavyBall
            1_281_167L<example>
            90.0<epoch>
            (Curve.stepDecay 3.0 10.0 [ 30.0<epoch>; 60.0<epoch>; 80.0<epoch> ])
            (Curve.constant 8192.0)
            (Curve.constant 0.9)

    let private maximum = Cap.Examples 5120.0
    let private maximumImageNet = Cap.Examples 65_536.0

    let private definitions: (string * string * (unit -> Result<Schedule, ScheduleError>)) list =
        [ "original", "CIFAR-10, decaying learning rate (Figs 1, 2, 5)", cifar
          "hybrid",
          "CIFAR-10, batch grows at the first step, then the learning rate decays (Figs 1, 2)",
          cifar >=> trade maximum (Some 120.0<epoch>)
          "increase", "CIFAR-10, growing batch, to 16 000 as drawn in Fig 1", cifar >=> trade Cap.Uncapped None
          "increase-capped", "CIFAR-10, growing batch up to 5120, the largest batch of §5.1", cifar >=> trade maximum None
          "increase-lr",
          "CIFAR-10, initial learning rate 0.5 with batch 640, then growing (Fig 5)",
          cifar >=> Transform.scaleLearningRate Form.Linear 5.0 >=> trade maximum None
          "increase-momentum",
          "CIFAR-10, learning rate 0.5 and momentum 0.98 with batch 3200, then growing (Fig 5)",
          cifar >=> Transform.scaleLearningRate Form.Linear 5.0 >=> Transform.setMomentum Form.Linear 0.98 >=> trade maximum None
          "imagenet-original", "ImageNet, decaying learning rate (Fig 6)", imageNet
          "imagenet-increase",
          "ImageNet, batch grows at the first step only, to 81 920 (Fig 6)",
          imageNet >=> trade Cap.Uncapped (Some 60.0<epoch>)
          "imagenet-momentum-0.9", "ImageNet, 8192 growing to 65 536 (Fig 7)", imageNet >=> trade maximumImageNet (Some 60.0<epoch>)
          "imagenet-momentum-0.95",
          "ImageNet, momentum 0.95 with 16 384 growing to 65 536 (Fig 7)",
          imageNet >=> Transform.setMomentum Form.Linear 0.95 >=> trade maximumImageNet (Some 60.0<epoch>)
          "imagenet-momentum-0.975",
          "ImageNet, momentum 0.975 with 32 768 growing to 65 536 (Fig 7)",
          imageNet >=> Transform.setMomentum Form.Linear 0.975 >=> trade maximumImageNet (Some 60.0<epoch>) ]

    /// All schedules of the paper, in the order of its figures.
    let all () =
        [ for name, title, build in definitions -> { Name = name; Title = title; Schedule = ScheduleError.orFail (build ()) } ]

    /// A schedule of the paper by name, if there is one.
    let tryFind name = all () |> List.tryFind (fun s -> s.Name = name)
