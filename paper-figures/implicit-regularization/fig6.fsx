// Fig 6: a perceptron of three hidden layers: learning rate, penalty, and both by the batch size.
#load "collapse.fsx"

open Experiment
open Comparisons
open Collapse
open Settings

let private e = experiment profile.Perceptron profile.Seeds

let private trained = trainByB "Figure 6" e [ Sweep.rates e; Sweep.penalties e ]
let private rates, penalties = trained.Others[0], trained.Others[1]

let private ratesByB, penaltiesByB = trained.Rates, trained.Penalties

publish
    { Key = "fig6"
      Title = "Figure 6: a perceptron"
      Caption =
        $"SGD without momentum, constant learning rate, no weight decay. 6a: B = {e.Setting.BatchSize}, {e.Setting.Epochs} epochs. 6b: {e.Setting.Epochs} epochs for every B. \
          6c: ε = {powerText e.Setting.SmallRate}, as many updates for every B. {setting e}."
      Panels =
        [ accuracyPanel
              "6a  test accuracy"
              "log₂ ε or log₂ λ"
              "test accuracy"
              "Test accuracy of a perceptron against the learning rate, and against the penalty at a small learning rate."
              [ curve 0 "against ε, λ = 0" e (fun c -> float c.Rate) bestTest rates
                curve 1 $"against λ, ε = {powerText e.Setting.SmallRate}" e (fun c -> float (penaltyOf c)) bestTest penalties ]
          quotientPanel "6b  against ε/B" "ε" rateOf "Test accuracy of a perceptron against ε/B for several batch sizes." e ratesByB
          quotientPanel "6c  against λ/B" "λ" penaltyOf "Test accuracy of a perceptron against λ/B for several batch sizes." e penaltiesByB ]
      Claims =
        [ recovers ".9105 with ε, .911 with λ (Fig 6a, read off by eye)" e rates penalties
          optimaClose "ε 2⁻⁵, λ 2⁻²: a factor of 8 (App. C)" 3 e rates penalties
          collapses "ε" "the curves of B = 4 … 64 collapse (Fig 6b)" rateOf e (List.collect snd ratesByB)
          collapsesUpToOptimum "as above: while B is not too large" e (List.collect snd ratesByB) (List.collect snd ratesByB)
          collapses "λ" "mostly collapse, small B slightly better (Fig 6c)" penaltyOf e (List.collect snd penaltiesByB) ]
      Provenance = provenanceOf e (rates @ penalties @ List.collect snd (ratesByB @ penaltiesByB))
      Command = command "fig6" }
