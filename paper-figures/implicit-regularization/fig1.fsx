// Fig 1: a small learning rate with an explicit penalty against a large learning rate; the final C_reg of both.
#load "comparisons.fsx"

open Experiment
open Comparisons
open Settings

let private e = experiment profile.Wide profile.Seeds

let private trained = train "Figure 1" e [ Sweep.rates e; Sweep.penalties e ]
let private rates, penalties = trained[0], trained[1]

let private find penalty trained = trained |> List.find (fun t -> t.Cell.Rate = e.Setting.SmallRate && t.Cell.Penalty = penalty)

let private along index name (t: Trained) =
    let counted =
        t.Runs |> List.filter (fun r -> r.Status = NoiseScale.Training.Runs.RunStatus.Completed) |> List.toArray

    if counted.Length < 2 then
        Panel.series index $"{name} (diverged)" [] []
    else
        let band = NoiseScale.Training.Runs.Statistics.BandOf(counted, fun record -> record.TestAccuracy)
        Panel.banded index name band.X (band.Y |> Seq.map _.Mean) (band.Y |> Seq.map _.Low) (band.Y |> Seq.map _.High)

let private both (curve: _ -> _ -> _ -> _ -> _ -> _ -> Panel.Series) quantity =
    [ curve 0 "against ε, λ = 0" e (fun c -> float c.Rate) quantity rates
      curve 1 $"against λ, ε = {powerText e.Setting.SmallRate}" e (fun c -> float (penaltyOf c)) quantity penalties ]

publish
    { Key = "fig1"
      Title = "Figure 1: an explicit penalty instead of a large learning rate"
      Caption = $"SGD without momentum, constant learning rate, B = {e.Setting.BatchSize}, {e.Setting.Epochs} epochs. {setting e}."
      Panels =
        [ accuracyPanel
              $"1a  test accuracy against epochs, ε = {powerText e.Setting.SmallRate}"
              "epochs"
              "test accuracy"
              "Test accuracy against epochs of one small learning rate, without and with a gradient penalty."
              [ along 0 "λ = 0" (find None rates)
                along 1 $"λ = {powerText e.Setting.FixedPenalty}" (find (Some e.Setting.FixedPenalty) penalties) ]
          accuracyPanel
              "1b  test accuracy"
              "log₂ ε or log₂ λ"
              "test accuracy"
              "Test accuracy against the learning rate, and against the penalty at a small learning rate: both rise to a peak and then fall."
              (both curve bestTest)
          panel
              "1c  C_reg at the end"
              "log₂ ε or log₂ λ"
              "C_reg"
              true
              "The mean squared norm of minibatch gradients at the end of training, against learning rate and against penalty."
              (both geometricCurve regulariser) ]
      Claims =
        [ recovers ".869 → .887 with λ, .883 with the best ε (Fig 1b, read off by eye)" e rates penalties
          optimaClose "both 2⁻⁶ (§3.1, Fig 1b)" 1 e rates penalties
          regulariserFalls "ε" "decreasing, 160 (2⁻¹⁵) → 8.3 (2⁻⁹) → 1.1 (2⁻⁴) (Fig 1c, read off by eye)" rateOf e rates
          regulariserFalls "λ" "decreasing (Fig 1c)" penaltyOf e penalties ]
      Provenance = provenanceOf e (rates @ penalties)
      Command = command "fig1" }
