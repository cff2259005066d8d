// Figs 3 and 6b, 6c: what varies the batch size.
#load "comparisons.fsx"

open System
open Experiment
open Comparisons

let private log2 (b: int) = Numerics.BitOperations.Log2(uint32 b)

/// Accuracy of every B against a quotient by B.
let quotientPanel title name (exponent: Cell -> int) text e (byB: (int * Trained list) list) =
    accuracyPanel
        title
        $"log₂ {name}/B"
        "test accuracy"
        text
        [ for i, (b, trained) in List.indexed byB ->
              curve i $"B = {b}" e (fun c -> float (exponent c - log2 c.BatchSize)) bestTest (trained |> List.filter (diverged >> not)) ]

/// The same against the numerator alone, to compare.
let numeratorPanel title name (exponent: Cell -> int) text e (byB: (int * Trained list) list) =
    accuracyPanel
        title
        $"log₂ {name}"
        "test accuracy"
        text
        [ for i, (b, trained) in List.indexed byB ->
              curve i $"B = {b}" e (fun c -> float (exponent c)) bestTest (trained |> List.filter (diverged >> not)) ]

let trainRates label (e: Experiment) = [ for b in e.Setting.RateBatches -> b, train $"{label}, B = {b}" e (Sweep.ratesOf b e) ]
let trainPenalties label (e: Experiment) = [ for b in e.Setting.PenaltyBatches -> b, train $"{label}, B = {b}" e (Sweep.penaltiesOf b e) ]
