// The best noise scale against the width: ḡ_opt ∝ w.
#load "sweep.fsx"

open NoiseScale
open Settings
open Sweep

let private all =
    perceptrons "Figure 2"
    |> List.map (fun (p, fraction, cells) -> p, fraction, cells, fitOf _.NormalisedNoise cells, fitOf _.Temperature cells)

let private widths = widthsOf profile.Perceptrons

let private tested p =
    match p with
    | Parameterisation.MuP -> "not in the paper: derived as for the others"
    | _ -> "the optimum is proportional to the width (abstract, §4)"

publish
    { Key = "fig2"
      Title = "Figure 2: the best noise scale grows with the width"
      Caption =
        $"The top of a parabola through the best point and two on either side; intervals over resampled seeds and grids. {settingOf profile.Perceptrons}."
      Panels =
        [ for fraction in profile.Perceptrons.Fractions do
              let own = all |> List.filter (fun (_, f, _, _, _) -> f = fraction)

              optimumPanel
                  $"ḡ of best test accuracy, ε = {fraction:G3}·ε_max"
                  "ḡ_opt"
                  "The best normalised noise scale against the width, with lines proportional to the width."
                  [ for p, _, _, fit, _ in own -> nameOf p, Some 1.0, widths, fit ]

              optimumPanel
                  $"ε/(B(1−m)) of best test accuracy, ε = {fraction:G3}·ε_max"
                  "best ε/(B(1−m))"
                  "The best learning rate per example of a batch against the width, with the law's lines."
                  [ for p, _, _, _, fit in own -> nameOf p, Some(WidthLaw.Of(p).NoiseScale), widths, fit ] ]
      Claims = [ for p, fraction, _, fit, _ in all -> law $"{nameOf p}, ε = {fraction:G3}·ε_max: ḡ_opt ∝ w" (tested p) 1.0 fit ]
      Provenance = provenanceOf (all |> List.map (fun (_, _, cells, _, _) -> cells))
      Command = command "fig2" }
