// Fig 6: ImageNet with Inception-ResNet-V2, as planned schedules. The training itself is beyond this library.
#load "planned.fsx"

open Claims
open Experiment
open Planned

let private names =
    [ "decaying learning rate", "imagenet-original"; "increasing batch size", "imagenet-increase" ]

let private original, increase = (plan "imagenet-original").Updates, (plan "imagenet-increase").Updates

publish
    { Key = "fig6"
      Title = "Figure 6: ImageNet, planned"
      Caption =
        "N = 1 281 167, ε₀ = 3, m = 0.9, B₀ = 8192; the batch grows at the first step only. The decay (10, at epochs 30, 60 and 80 of 90) is \
         remembered, not read. Planned, not trained."
      Panels =
        [ panel
              "6a  batch size against epochs"
              false
              "batch size"
              batch
              "Batch size against epochs: constant, and growing tenfold at epoch 30."
              names
          panel
              "6b  learning rate against updates"
              true
              "learning rate"
              rate
              "Learning rate against updates: the growing batch ends after 5 630 updates, the decaying learning rate after 14 075."
              names ]
      Claims =
        [ { Claim = "ImageNet in fewer updates"
            Paper = "14 000 → below 6 000 updates (§5.3); Fig 6 ends near 5 600 (read off by eye)"
            Ours = $"{original:N0} → {increase:N0}"
            Verdict = holdsIf (original = 14_075L && increase = 5_630L) }
          { Claim = "the same validation accuracy"
            Paper = "78.7 % and 77.8 % against 78.1 % and 76.8 % (§5.3)"
            Ours = "not run: ImageNet is not to be had here"
            Verdict = NotTestable } ]
      Provenance = []
      Command = command "fig6" }
