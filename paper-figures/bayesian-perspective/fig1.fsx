// Fig 1: logistic regression of random labels: they can be fitted, and the evidence says that they should not be believed.
#load "pair.fsx"

open NoiseScale.Training.Runs
open Claims
open Settings
open Pair

let private found, seconds = profiles Random
let private all = found |> List.collect _.Points
let private smallest = at found 0
let private test = [ for i in 0 .. lambdas.Length - 1 -> at found i _.TestAccuracy ]

publish
    { Key = "fig1"
      Title = "Figure 1: random labels"
      Caption = $"Labels drawn at random for training and test. {setting}."
      Panels = panels 1 found
      Claims =
        [ let least = all |> List.minBy _.InFavourOfNull

          { Claim = "the evidence is against the model at every λ: E > 0"
            Paper = "the evidence does not favour the model over the null (Fig 1b)"
            Ours =
              $"E > 0 at {all |> List.filter (fun p -> p.InFavourOfNull > 0.0) |> List.length} of {all.Length} (λ, draw); least {least.InFavourOfNull:F2} nats, at λ = {least.Lambda:G3}"
            Verdict = holdsIf (all |> List.forall (fun p -> p.InFavourOfNull > 0.0)) }

          { Claim = "weakly regularised, the model fits the random labels"
            Paper = "the training labels are fitted (Fig 1a)"
            Ours = $"training accuracy {(smallest _.TrainAccuracy).Mean:F4} at λ = {lambdas.Head:G3}"
            Verdict = holdsIf ((smallest _.TrainAccuracy).Mean > 0.99) }

          { Claim = "test accuracy is that of guessing, at every λ"
            Paper = "one half (Fig 1a)"
            Ours = $"between {(test |> List.minBy _.Mean).Mean:F3} and {(test |> List.maxBy _.Mean).Mean:F3}"
            Verdict =
              if test |> List.forall (fun m -> m.Low <= 0.5 && m.High >= 0.5) then Holds
              elif test |> List.forall (fun m -> abs (m.Mean - 0.5) < 0.02) then WithinBand
              else Fails } ]
      Provenance = provenance found seconds
      Command = command "fig1" }
