// Test accuracy against the normalised noise scale, a curve for each width: peaks move to the right as networks grow.
#load "sweep.fsx"

open Claims
open Seeds
open Settings
open Sweep

let private all = perceptrons "Figure 1"

/// Best mean accuracy at the largest width against that at the smallest, by seed.
let private wider (p, fraction: float, cells: Cell list) : Claim =
    let best (own: Cell list) = own |> List.maxBy (accuracies >> List.average) |> accuracies
    let groups = cells |> List.groupBy _.Width
    let gain = difference (best (snd groups.Head)) (best (snd (List.last groups)))

    { Claim = $"{nameOf p}, ε = {fraction:G3}·ε_max: a wider network reaches a higher test accuracy at its best noise scale"
      Paper = "wider networks perform better (abstract; no number known to us)"
      Ours =
        $"w = {fst (List.last groups)} above w = {fst groups.Head} by {100.0 * gain.Mean:F2} points [{100.0 * gain.Low:F2}, {100.0 * gain.High:F2}]"
      Verdict = holdsAboveZero (gain.Low, gain.Mean) }

publish
    { Key = "fig1"
      Title = "Figure 1: test accuracy against the normalised noise scale"
      Caption = $"ḡ = ε/(B(1−m)σ²), σ the standard deviation of a weight of the last layer at the start. {settingOf profile.Perceptrons}."
      Panels =
        [ for p, fraction, cells in all ->
              accuracyPanel
                  $"{nameOf p}, ε = {fraction:G3}·ε_max"
                  "normalised noise scale ḡ"
                  "Test accuracy against the normalised noise scale for several widths: each curve has a peak."
                  _.NormalisedNoise
                  cells ]
      Claims = all |> List.map wider
      Provenance = provenanceOf (all |> List.map (fun (_, _, cells) -> cells))
      Command = command "fig1" }
