// Convolutional networks (in the paper profile Wide-ResNets) without and with batch normalisation: does the best noise scale still grow with the width?
#load "sweep.fsx"

open NoiseScale
open NoiseScale.Training.Widths
open Claims
open Settings
open Sweep

let private asked =
    [ for without, with' in profile.Normalised do
          for p in [ Parameterisation.Standard; Parameterisation.Ntk ] do
              for sweep in [ without; with' ] do
                  for fraction in sweep.Fractions -> sweep, p, fraction ]

/// Every sweep with its fit; the number of channels, or the widening factor, stands in for the width.
let private all =
    List.zip asked (train "Figure 4" asked)
    |> List.map (fun ((sweep, p, _), cells) -> sweep, p, cells, fitOf _.NormalisedNoise cells)

let private isNormalised (sweep: Sweep) =
    match sweep.Family with
    | :? WidthFamily.Convolutional as c -> c.GhostBatch.HasValue
    | :? WidthFamily.Residual as r -> r.Normalisation :? NoiseScale.Training.Networks.ResidualNormalisation.GhostBatchNorm
    | _ -> false

let private claim (sweep: Sweep, p, _, fit) : Claim =
    match sweep.Family, isNormalised sweep with
    | :? WidthFamily.Residual, true -> law $"{sweep.Family}, {nameOf p}: ḡ_opt ∝ w" "ResNets with batch norm show a similar trend" 1.0 fit
    | _, true ->
        let found =
            law $"{sweep.Family}, {nameOf p}: ḡ_opt is not ∝ w" "convolutional networks with batch norm do not follow the law" 1.0 fit

        { found with
            Verdict =
                match found.Verdict with
                | Holds -> Fails
                | Fails -> Holds
                | other -> other }
    | _ -> law $"{sweep.Family}, {nameOf p}: ḡ_opt ∝ w" "the optimum is proportional to the widening factor (abstract, §4)" 1.0 fit

publish
    { Key = "fig4"
      Title = "Figure 4: with and without batch normalisation"
      Caption = $"""{profile.Normalised |> List.collect (fun (a, b) -> [ settingOf a; settingOf b ]) |> String.concat "; "}."""
      Panels =
        [ for sweep, p, cells, _ in all do
              yield
                  accuracyPanel
                      $"{sweep.Family}, {nameOf p}"
                      "normalised noise scale ḡ"
                      "Test accuracy against the normalised noise scale for several widening factors."
                      _.NormalisedNoise
                      cells
          for without, _ in profile.Normalised do
              let own = all |> List.filter (fun (sweep, _, _, _) -> sweep.Widths = without.Widths)

              yield
                  optimumPanel
                      "ḡ of best test accuracy"
                      "ḡ_opt"
                      "The best normalised noise scale against the widening factor."
                      [ for sweep, p, _, fit in own ->
                            nameOf p + (if isNormalised sweep then ", batch norm" else ""), None, widthsOf sweep, fit ] ]
      Claims = all |> List.map claim
      Provenance = provenanceOf (all |> List.map (fun (_, _, cells, _) -> cells))
      Command = command "fig4" }
