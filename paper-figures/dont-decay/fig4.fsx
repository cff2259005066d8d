// Fig 4: test accuracy against epochs, with plain SGD (4a) and with Adam (4b). The paper grows Adam's batch by the linear rule too.
#load "experiment.fsx"

open Experiment

let private sgd = train "Figure 4a" sgdSchedules
let private adam = train "Figure 4b" adamSchedules

let private panel title groups =
    accuracyPanel title againstEpochs "epochs" false $"Test accuracy against epochs, {title}, for the three schedules." groups

publish
    { Key = "fig4"
      Title = "Figure 4: test accuracy with SGD and Adam"
      Caption =
        $"Plain SGD at the effective learning rate of the momentum runs; Adam at ε₀ = {profile.AdamLearningRate}. Both learning rates are ours: the \
          paper's are not found. {setting}."
      Panels = [ panel "4a  SGD" sgd; panel "4b  Adam" adam ]
      Claims =
        [ sameAccuracy "SGD" "equal, ~0.934 (Fig 4a, read off by eye)" sgd
          sameCurve "SGD" "the schedules are said to give the same curve for every optimizer (§5.1)" sgd
          sameAccuracy "Adam" "equal, ~0.93 decay and 0.928 (Fig 4b, read off by eye)" adam
          sameCurve "Adam" "the schedules are said to give the same curve for every optimizer (§5.1)" adam ]
      Provenance = provenanceOf (sgd @ adam)
      Command = command "fig4" }
