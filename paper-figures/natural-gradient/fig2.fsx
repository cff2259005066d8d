// Fig 2: accuracy and cross-entropy against temperature by preconditioned Langevin dynamics.
#load "temperatures.fsx"

open Temperatures

publishTemperatures
    "fig2"
    "Figure 2: temperature, by Langevin dynamics"
    Langevin
    { Figure = "Fig 2"
      Loss = 0.124
      ColdLoss = Some 0.165
      HotLoss = 0.325
      Accuracy = 0.946
      HotAccuracy = 0.935 }
