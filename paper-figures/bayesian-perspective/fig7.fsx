// Fig 7: the best batch size against the momentum coefficient.
#load "scaling.fsx"

open Settings
open Experiment
open Optimum
open Scaling

publishScaling
    { Key = "fig7"
      Title = "Figure 7: the best batch size is proportional to 1/(1 − m)"
      Symbol = "1 − m"
      Values = [ for m in profile.Momenta -> 1.0 - m, { centre with Momentum = m }, $"m = {m:G3}" ]
      Law = -1.0
      Claims = fun optima -> [ proportional "B_opt ∝ 1/(1 − m)" "fits 1/(1 − m) (Fig 7b)" -1.0 optima ]
      Seeds = profile.Training.Seeds
      Fixed = $"ε = {centre.LearningRate}, N = {centre.TrainingSetSize:N0}" }
    profile.MomentumBatches
