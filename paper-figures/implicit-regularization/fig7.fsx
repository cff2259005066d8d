// Fig 7: n-step SGD on the perceptron, constant learning rate.
#load "steps.fsx"

open Experiment
open Settings

let private e = experiment profile.Perceptron profile.StepSeeds

let private figure =
    Steps.make
        "7"
        {| Epochs = "peaks at the same α, ≈ 2⁻⁵, whatever n (Fig 7a)"
           Updates = "accuracy set by α, not by nα: .909–.910 at 2⁻⁵ (Fig 7b, read off by eye)"
           Fewer = "no number found for the perceptron; 93.5 % → 88.8 % for the Wide-ResNet (§4)" |}
        e

publish
    { Key = "fig7"
      Title = "Figure 7: several steps on each minibatch, perceptron"
      Caption = figure.Caption
      Panels = figure.Panels
      Claims = figure.Claims
      Provenance = provenanceOf e figure.Runs
      Command = command "fig7" }
