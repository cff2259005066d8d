// Fig 5: test accuracy against parameter updates for four schedules of SGD with momentum: larger learning rate, larger momentum.
#load "experiment.fsx"

open NoiseScale.Training.Runs
open Claims
open Experiment

let private groups = train "Figure 5" fourSchedules
let private counts = groups |> List.map updates

let private paperCounts =
    [ "original"; "increase-capped"; "increase-lr"; "increase-momentum" ] |> List.map paperUpdates

let private noLoss =
    compared (List.take 3 groups) (fun () ->
        let accuracy = groups |> List.take 3 |> List.map (final testAccuracy)
        let tests, verdict = equivalence accuracyMargin accuracy.Head accuracy.Tail
        let percents = accuracy |> List.map percent |> String.concat ", "

        $"{percents}; differences {points tests[0]} and {points tests[1]} points \
          (margin ±{100.0 * accuracyMargin})",
        verdict)

let private momentumLoss =
    compared [ groups[0]; groups[3] ] (fun () ->
        let original, momentum = final testAccuracy groups[0], final testAccuracy groups[3]
        let lost = Statistics.PairedDifference(momentum, original)

        $"{percent momentum}; difference {100.0 * lost.Mean:``+0.00;−0.00;0.00``} \
          [{100.0 * lost.Low:``+0.00;−0.00;0.00``}, {100.0 * lost.High:``+0.00;−0.00;0.00``}] points",
        (if lost.High < 0.0 then Holds
         elif lost.Mean < 0.0 then WithinBand
         else Fails))

publish
    { Key = "fig5"
      Title = "Figure 5: test accuracy against parameter updates"
      Caption =
        $"SGD with momentum: original; growing batch; learning rate and batch 5 times larger; momentum 0.98 and batch 25 times larger. {setting}."
      Panels =
        [ accuracyPanel
              "5  against parameter updates"
              againstUpdates
              "parameter updates"
              true
              "Test accuracy against updates on a logarithmic axis: each schedule reaches its end in fewer updates than the one before."
              groups
          accuracyPanel
              "5, against epochs"
              againstEpochs
              "epochs"
              false
              "The same runs against epochs: only the large momentum lags."
              groups ]
      Claims =
        [ { Claim = "updates fall from schedule to schedule"
            Paper = "~80 000, ~29 000, < 6 500, < 2 500 (§5.2)"
            Ours = $"plans of the paper's schedules: {numbers paperCounts}; run here: {numbers counts}"
            Verdict = holdsIf (paperCounts = [ 80_000L; 29_188L; 6_453L; 2_352L ] && falling counts) }
          { Claim = "growing the batch and raising the initial learning rate cost no test accuracy"
            Paper = "94.3 %, 94.4 %, 94.5 % (§5.2)"
            Ours = fst noLoss
            Verdict = snd noLoss }
          { Claim = "momentum 0.98 loses some accuracy, its lag of B/(N(1−m)) epochs leaving it short of convergence"
            Paper = "93.3 %, not converged (§5.2)"
            Ours = fst momentumLoss
            Verdict = snd momentumLoss }
          { Claim = "all four are stable"
            Paper = "all four are trained to the end (Fig 5)"
            Ours = divergence groups |> Option.defaultValue $"none of {groups |> List.sumBy _.Runs.Length} runs diverged"
            Verdict = holdsIf (divergence groups).IsNone } ]
      Provenance = provenanceOf groups
      Command = command "fig5" }
