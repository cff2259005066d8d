// Fig 2: the same model with true labels: the evidence favours it, most where the test cross-entropy is least.
#load "pair.fsx"

open System
open NoiseScale.Training.Runs
open Claims
open Settings
open Pair

/// Margin of "agree": the two λ are within one decade, on every draw's average.
let private margin = 1.0

let private found, seconds = profiles True

let private best (quantity: Weighed -> float) = [ for p in found -> Math.Log10 (p.Points |> List.minBy quantity).Lambda ]

let private byEvidence, byLoss = best _.InFavourOfNull, best _.TestLoss
let private apart = Statistics.PairedDifference(List.toArray byEvidence, List.toArray byLoss)

let private lossAt (lambdaOf: Profiled -> Weighed) = [| for p in found -> (lambdaOf p).TestLoss |]
let private chosen = lossAt (fun p -> p.Points |> List.minBy _.InFavourOfNull)
let private least = lossAt (fun p -> p.Points |> List.minBy _.TestLoss)
let private weakest = lossAt (fun p -> p.Points.Head)
let private regret = Statistics.PairedDifference(chosen, least)
let private overconfidence = Statistics.PairedDifference(weakest, least)

let private accuracyLost =
    Statistics.PairedDifference(
        [| for p in found -> (p.Points |> List.minBy _.TestLoss).TestAccuracy |],
        [| for p in found -> p.Points.Head.TestAccuracy |]
    )

publish
    { Key = "fig2"
      Title = "Figure 2: informative labels"
      Caption = $"The digits' own labels. {setting}."
      Panels = panels 2 found
      Claims =
        [ let favoured =
              lambdas
              |> List.mapi (fun i l -> l, (at found i _.InFavourOfNull).High)
              |> List.filter (fun (_, high) -> high < 0.0)
              |> List.map fst

          let strongest = found |> List.collect _.Points |> List.minBy _.InFavourOfNull

          { Claim = "the evidence favours the model over the null at suitable λ: E < 0"
            Paper = "E < 0 (Fig 2b)"
            Ours =
              match favoured with
              | [] -> $"E is {strongest.InFavourOfNull:F1} at best"
              | _ ->
                  $"E < 0 from λ = {favoured.Head:G3} to {List.last favoured:G3}; {strongest.InFavourOfNull:F1} nats at best, at λ = {strongest.Lambda:G3}"
            Verdict = holdsIf (not favoured.IsEmpty) }

          { Claim = "the λ of most evidence is that of least test cross-entropy, to within a decade"
            Paper = "they track each other (Fig 2b)"
            Ours =
              $"log₁₀ λ {List.average byEvidence:F2} and {List.average byLoss:F2}, {apart.Mean:F2} [{apart.Low:F2}, {apart.High:F2}] apart on a grid of {1.0 / float profile.Pair.PerDecade:F2}; \
                choosing by evidence costs {regret.Mean:F4} nats of {Array.average least:F4}"
            Verdict =
              if abs apart.Low <= margin && abs apart.High <= margin then Holds
              elif abs apart.Mean <= margin then WithinBand
              else Fails }

          { Claim = "weak regularisation is over-confident: cross-entropy suffers, accuracy hardly"
            Paper = "as stated with Fig 2"
            Ours =
              $"at λ = {lambdas.Head:G3}: cross-entropy {Array.average weakest / Array.average least:F2} times the least (+{overconfidence.Mean:F4} [{overconfidence.Low:F4}, {overconfidence.High:F4}]), accuracy {100.0 * accuracyLost.Mean:F2} points lower"
            Verdict = holdsAboveZero (overconfidence.Low, overconfidence.Mean) } ]
      Provenance = provenance found seconds
      Command = command "fig2" }
