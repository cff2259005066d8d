// Fig 7: ImageNet with three momentum coefficients, B ∝ 1/(1−m), as planned schedules.
#load "planned.fsx"

open Claims
open Experiment
open Planned

let private names =
    [ "momentum 0.9", "imagenet-momentum-0.9"
      "momentum 0.95", "imagenet-momentum-0.95"
      "momentum 0.975", "imagenet-momentum-0.975" ]

let private counts = names |> List.map (fun (_, name) -> (plan name).Updates)
let private first = names |> List.map (fun (_, name) -> (plan name).Phases[0].BatchSize)

publish
    { Key = "fig7"
      Title = "Figure 7: ImageNet with larger momentum, planned"
      Caption =
        "B₀ = 8192, 16 384 and 32 768, each growing to 65 536 at epoch 30, where the learning rate takes up the rest of the decay. Planned, not trained."
      Panels =
        [ panel
              "7a  batch size against epochs"
              false
              "batch size"
              batch
              "Batch size against epochs for three momentum coefficients, all reaching 65 536."
              names
          panel
              "7b  learning rate against updates"
              true
              "learning rate"
              rate
              "Learning rate against updates: 5 865, 3 519 and 2 346 updates."
              names ]
      Claims =
        [ { Claim = "the initial batch goes as 1/(1−m)"
            Paper = "8192, 16 384, 32 768 (Fig 7)"
            Ours = numbers (first |> List.map int64)
            Verdict = holdsIf (first = [ 8_192; 16_384; 32_768 ]) }
          { Claim = "updates until the end"
            Paper = "5 850, 3 500, 2 350 (ends of Fig 7, read off by eye); below 2 500 in the text"
            Ours = numbers counts
            Verdict = holdsIf (counts = [ 5_865L; 3_519L; 2_346L ]) }
          { Claim = "77 % with batches of 65 536"
            Paper = "~0.79, 0.785/0.777, 0.777/0.767 (Fig 7, read off by eye)"
            Ours = "not run: ImageNet is not to be had here"
            Verdict = NotTestable } ]
      Provenance = []
      Command = command "fig7" }
