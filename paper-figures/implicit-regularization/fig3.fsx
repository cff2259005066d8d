// Fig 3: accuracy against ε/B and against λ/B for several batch sizes.
#load "collapse.fsx"

open Experiment
open Comparisons
open Collapse
open Settings

let private e = experiment profile.Wide profile.Seeds
let private trained = trainByB "Figure 3" e []
let private rates, penalties = trained.Rates, trained.Penalties

publish
    { Key = "fig3"
      Title = "Figure 3: accuracy against ε/B and λ/B"
      Caption =
        $"SGD without momentum, constant learning rate. 3a: {e.Setting.Epochs} epochs for every B, so that an equal ε/B is also an equal Σε over training. \
          3b: ε = {powerText e.Setting.SmallRate}, as many updates for every B. Cells with a diverged run are left out. {setting e}."
      Panels =
        [ quotientPanel "3a  against ε/B" "ε" rateOf "Test accuracy against ε/B for several batch sizes." e rates
          quotientPanel
              "3b  against λ/B"
              "λ"
              penaltyOf
              "Test accuracy against λ/B for several batch sizes at a small learning rate."
              e
              penalties
          numeratorPanel "3a, against ε alone" "ε" rateOf "The same accuracies against ε: the curves come apart." e rates
          numeratorPanel "3b, against λ alone" "λ" penaltyOf "The same accuracies against λ." e penalties ]
      Claims =
        [ collapses
              "ε"
              "the curves of B = 16 … 128 collapse while B is not too large, peak at ε/B ≈ 5·10⁻⁴ (Fig 3a, read off by eye)"
              rateOf
              e
              (List.collect snd rates)
          collapsesUpToOptimum "as above: while B is not too large" e (List.collect snd rates) (List.collect snd rates)
          collapses "λ" "they collapse (Fig 3b)" penaltyOf e (List.collect snd penalties) ]
      Provenance = provenanceOf e (List.collect snd (rates @ penalties))
      Command = command "fig3" }
