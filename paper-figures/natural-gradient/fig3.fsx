// Fig 3: accuracy and cross-entropy against temperature by natural gradient descent on batches of εN/(2T).
#load "temperatures.fsx"

open Temperatures

publishTemperatures
    "fig3"
    "Figure 3: temperature, by natural gradient descent"
    NaturalGradient
    { Figure = "Fig 3"
      Loss = 0.122
      ColdLoss = None
      HotLoss = 0.42
      Accuracy = 0.948
      HotAccuracy = 0.921 }
