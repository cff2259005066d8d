// Fig 5: the best batch size against the learning rate.
#load "scaling.fsx"

open Settings
open Experiment
open Optimum
open Scaling

publishScaling
    { Key = "fig5"
      Title = "Figure 5: the best batch size is proportional to the learning rate"
      Symbol = "learning rate ε"
      Values = [ for rate in profile.Rates -> rate, { centre with LearningRate = rate }, $"ε = {rate:G3}" ]
      Law = 1.0
      Claims =
        fun optima -> [ proportional "B_opt ∝ ε" "over two orders of magnitude of ε (Fig 5b, evaluated after 10 000/ε updates)" 1.0 optima ]
      Seeds = profile.Training.Seeds
      Fixed = $"m = {centre.Momentum}, N = {centre.TrainingSetSize:N0}" }
    profile.RateBatches
