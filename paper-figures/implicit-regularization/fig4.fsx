// Fig 4: n-step SGD with a decaying learning rate.
#load "steps.fsx"

open Experiment
open Settings

let private e = experiment profile.Deep profile.StepSeeds

let private figure =
    Steps.make
        "4"
        {| Epochs = "peaks at α = 2⁻⁴, 2⁻⁵, 2⁻⁶, 2⁻⁷, 2⁻⁷ for n = 1 … 16 (Fig 4a, read off by eye)"
           Updates = "accuracy is governed by the bare α (§4, Fig 4b)"
           Fewer = "93.5 % (n = 1) → 88.8 % (n = 16), 400 epochs (§4)" |}
        e

publish
    { Key = "fig4"
      Title = "Figure 4: several steps on each minibatch, decaying learning rate"
      Caption = figure.Caption
      Panels = figure.Panels
      Claims = figure.Claims
      Provenance = provenanceOf e figure.Runs
      Command = command "fig4" }
