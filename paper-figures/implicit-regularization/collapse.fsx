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

/// The sweeps of every B, of ε and of λ, trained with others that a figure needs.
let trainByB label (e: Experiment) (others: Cell list list) =
    let byB, byPenalty = e.Setting.RateBatches, e.Setting.PenaltyBatches
    let sweeps = [ for b in byB -> Sweep.ratesOf b e ] @ [ for b in byPenalty -> Sweep.penaltiesOf b e ]
    let trained = train label e (sweeps @ others)

    {| Rates = List.zip byB (List.take byB.Length trained)
       Penalties = List.zip byPenalty (trained |> List.skip byB.Length |> List.take byPenalty.Length)
       Others = List.skip sweeps.Length trained |}
