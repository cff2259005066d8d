// Fig 6: the best batch size against the size of the training set.
#load "scaling.fsx"

open Settings
open Seeds
open Experiment
open Optimum
open Scaling

publishScaling
    { Key = "fig6"
      Title = "Figure 6: the best batch size is proportional to the size of the training set"
      Symbol = "training-set size N"
      Values =
        [ for size in profile.Sizes do
              if size <= data.Train.Count then
                  float size, { centre with TrainingSetSize = size }, $"N = {size:N0}" ]
      Law = 1.0
      Claims =
        fun optima ->
            [ grows "B_opt grows with N" "at every N (Fig 6b)" optima
              proportional
                  "B_opt ∝ N once N is large"
                  "proportional once N is above about 20 000 (Fig 6b, mean of 5 experiments)"
                  1.0
                  (optima |> List.filter (fun (n, _) -> n >= 20_000.0)) ]
      Seeds = profile.SizeSeeds
      Fixed = $"ε = {centre.LearningRate}, m = {centre.Momentum}" }
    profile.SizeBatches
