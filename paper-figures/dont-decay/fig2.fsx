// Fig 2: training cross-entropy of the three schedules, against epochs and against parameter updates. SGD with momentum 0.9.
#load "experiment.fsx"

open Claims
open Experiment

let private groups = train "Figure 2" momentumSchedules
let private counts = groups |> List.map updates

let private paperCounts = [ "original"; "hybrid"; "increase" ] |> List.map paperUpdates

publish
    { Key = "fig2"
      Title = "Figure 2: training cross-entropy"
      Caption = $"SGD with momentum 0.9. {setting}."
      Panels =
        [ lossPanel
              "2a  against epochs"
              againstEpochs
              "epochs"
              "Training cross-entropy against epochs: the three curves lie on one another."
              groups
          lossPanel
              "2b  against parameter updates"
              againstUpdates
              "parameter updates"
              "Training cross-entropy against updates: the growing batch ends first, then the hybrid, then the decaying learning rate."
              groups ]
      Claims =
        [ sameCurve "momentum" "the three curves coincide against epochs (Fig 2a)" groups
          { Claim = "the growing batch takes far fewer updates"
            Paper = "~80 000, ~35 000, ~29 000 (ends of Fig 2b, read off by eye)"
            Ours = $"plans of the paper's schedules: {numbers paperCounts}; run here: {numbers counts}"
            Verdict = holdsIf (paperCounts = [ 80_000L; 34_750L; 28_890L ] && falling counts) } ]
      Provenance = provenanceOf groups
      Command = command "fig2" }
