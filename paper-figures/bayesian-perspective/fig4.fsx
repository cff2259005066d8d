// Fig 4: test accuracy against batch size, up to the full batch: the best lies in between.
#load "optimum.fsx"

open NoiseScale.Training.Runs
open Panel
open Claims
open Settings
open Seeds
open Experiment
open Optimum

let private cells = alongBatchesToFull profile.Training.Batches centre
let private trained = train "Figure 4" profile.Training.Seeds [ cells ] |> List.head
let private best = optimum trained
let private bestCell = trained |> List.maxBy (accuracies >> List.average)

let private above (other: Trained) = Statistics.PairedDifference(accuracies bestCell |> List.toArray, accuracies other |> List.toArray)

let private interior =
    let overFull, overSmallest = above (List.last trained), above trained.Head

    { Claim = "test accuracy is best at a batch size between the smallest and the full batch"
      Paper = "interior optimum; B below about 10 does not train (Fig 4)"
      Ours =
        $"best near B = {best.Batch:F0}, {interval best.Accuracy}: {points overFull} above the full batch, {points overSmallest} above B = {trained.Head.Cell.BatchSize}"
      Verdict =
        if best.IsInterior && overFull.Low > 0.0 && overSmallest.Low > 0.0 then Holds
        elif best.IsInterior then WithinBand
        else Fails }

publish
    { Key = "fig4"
      Title = "Figure 4: test accuracy against batch size"
      Caption = $"ε = {centre.LearningRate}, m = {centre.Momentum}, N = {centre.TrainingSetSize:N0}; {setting}."
      Panels =
        [ accuracyPanel
              "4  test accuracy"
              "Test accuracy against batch size: it rises to a peak and falls towards the full batch."
              [ accuracyCurve 0 "test accuracy" trained ]
          { panel
                "the same, all of it"
                "batch size B"
                "test accuracy"
                "The same curve down to batches that do not train."
                [ accuracyCurve 0 "test accuracy" trained ] with
              LogX = true } ]
      Claims = [ interior ]
      Provenance = provenanceOf [ trained ]
      Command = command "fig4" }
