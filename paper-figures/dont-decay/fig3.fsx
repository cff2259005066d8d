// Fig 3: test accuracy against epochs, with the heavy ball (3a) and with Nesterov momentum (3b).
#load "experiment.fsx"

open Experiment

let private momentum = train "Figure 3a" momentumSchedules
let private nesterov = train "Figure 3b" nesterovSchedules

let private panel title groups =
    accuracyPanel
        title
        againstEpochs
        "epochs"
        false
        $"Test accuracy against epochs, {title}: the three schedules rise together at each step."
        groups

publish
    { Key = "fig3"
      Title = "Figure 3: test accuracy with momentum"
      Caption = $"Momentum 0.9, heavy ball and Nesterov. {setting}."
      Panels = [ panel "3a  SGD with momentum" momentum; panel "3b  Nesterov momentum" nesterov ]
      Claims =
        [ sameAccuracy "momentum" "the three overlap, 0.942–0.944 after epoch 120 (Fig 3a, read off by eye)" momentum
          sameAccuracy "Nesterov" "the three overlap (Fig 3b)" nesterov
          sameCurve "Nesterov" "the schedules are said to give the same curve for every optimizer (§5.1)" nesterov ]
      Provenance = provenanceOf (momentum @ nesterov)
      Command = command "fig3" }
