// Fig 5: training accuracy and training loss at the end, against learning rate or penalty.
#load "comparisons.fsx"

open Experiment
open Comparisons
open Settings

let private e = experiment profile.Wide profile.Seeds

let private trained = train "Figure 5" e [ Sweep.rates e; Sweep.penalties e ]
let private rates, penalties = trained[0], trained[1]

let private both (curve: _ -> _ -> _ -> _ -> _ -> _ -> Panel.Series) quantity =
    [ curve 0 "against ε, λ = 0" e (fun c -> float c.Rate) quantity rates
      curve 1 $"against λ, ε = {powerText e.Setting.SmallRate}" e (fun c -> float (penaltyOf c)) quantity penalties ]

publish
    { Key = "fig5"
      Title = "Figure 5: the training set at the end"
      Caption = $"SGD without momentum, constant learning rate, B = {e.Setting.BatchSize}, {e.Setting.Epochs} epochs. {setting e}."
      Panels =
        [ accuracyPanel
              "5a  training accuracy"
              "log₂ ε or log₂ λ"
              "training accuracy"
              "Training accuracy at the end against learning rate and against penalty."
              (both curve finalTrain)
          panel
              "5b  training cross-entropy C"
              "log₂ ε or log₂ λ"
              "C"
              true
              "Training cross-entropy at the end against learning rate and against penalty."
              (both geometricCurve finalLoss) ]
      Claims = [ trainingOptimumSmaller "λ = 0" "training accuracy is best at ε = 2⁻⁹ (Fig 5 caption), test accuracy at 2⁻⁶" e rates ]
      Provenance = provenanceOf e (rates @ penalties)
      Command = command "fig5" }
