// Fig 2: training cross-entropy of the three schedules, against epochs and against parameter updates. SGD with momentum 0.9.
#load "experiment.fsx"

open Claims
open Experiment

let private groups = train "Figure 2" momentumSchedules
let private counts = groups |> List.map updates

publish
    { Key = "fig2"
      Title = "Figure 2: training cross-entropy"
      Caption = $"SGD with momentum 0.9. {setting}."
      Panels =
        [ lossPanel "2a  against epochs" againstEpochs "epochs" "Training cross-entropy against epochs: the three curves lie on one another." groups
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
            Ours =
              $"plans of the paper's schedules: {paperUpdates "original":N0}, {paperUpdates "hybrid":N0}, {paperUpdates "increase":N0}; \
                run here: {counts[0]:N0}, {counts[1]:N0}, {counts[2]:N0}"
            Verdict =
              holdsIf (
                  paperUpdates "original" = 80_000L
                  && paperUpdates "hybrid" = 34_750L
                  && paperUpdates "increase" = 28_890L
                  && counts[2] < counts[1]
                  && counts[1] < counts[0]
              ) } ]
      Provenance = provenanceOf groups
      Command = command "fig2" }
