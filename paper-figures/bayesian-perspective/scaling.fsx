// One quantity varied, and for each of its values the batch size: Figs 5, 6 and 7.
#load "optimum.fsx"

open Panel
open Claims
open Settings
open Seeds
open Experiment
open Optimum

/// What such a figure varies.
type Varied =
    {
        Key: string
        Title: string
        /// "ε", "N" or "1 − m", as the axis has it
        Symbol: string
        /// its values, with the cell of each and how the legend names it
        Values: (float * Cell * string) list
        /// the exponent of B_opt in it
        Law: float
        Claims: (float * Optimum) list -> Claim list
        Fixed: string
        Seeds: int64 list
    }

let publishScaling (v: Varied) grid =
    let groups =
        v.Values |> List.map (fun (_, c, _) -> alongBatches grid c) |> train $"Figure {v.Key.Substring 3}" v.Seeds

    let optima = List.map2 (fun (x, _, _) trained -> x, optimum trained) v.Values groups
    let number = v.Key.Substring 3

    let accuracies =
        List.map2 (fun (_, _, name) (_, o: Optimum) -> $"{name}: {o.Accuracy.Mean:F3}") v.Values optima |> String.concat ", "

    publish
        { Key = v.Key
          Title = v.Title
          Caption = $"{v.Fixed}; {setting}. Best accuracies: {accuracies}."
          Panels =
            [ accuracyPanel
                  $"{number}a  test accuracy"
                  $"Test accuracy against batch size for several values of {v.Symbol}: every curve has a peak, and the peaks move."
                  (List.mapi2 (fun i (_, _, name) trained -> accuracyCurve i name trained) v.Values groups)
              optimumPanel
                  $"{number}b  best batch size"
                  v.Symbol
                  $"The batch size of best test accuracy against {v.Symbol}, with the line of the law."
                  v.Law
                  optima ]
          Claims = v.Claims optima
          Provenance = provenanceOf groups
          Command = command v.Key }
