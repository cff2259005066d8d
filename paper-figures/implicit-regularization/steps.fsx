// Figs 4 and 7: n-step SGD, n steps of bare learning rate α on each minibatch.
#load "comparisons.fsx"

open System
open NoiseScale.Training.Runs
open Experiment
open Comparisons

let private against title text e (byN: (int * Trained list) list) =
    accuracyPanel
        title
        "log₂ α"
        "test accuracy"
        text
        [ for i, (n, trained) in List.indexed byN ->
              curve i $"n = {n}" e (fun c -> float c.Rate) bestTest (trained |> List.filter (diverged >> not)) ]

/// The best accuracy over α of every n against the epochs it had.
let private againstBudget title e (swept: Trained list) =
    let best n =
        swept
        |> List.filter (fun t -> t.Cell.Steps = n)
        |> List.groupBy _.Cell.Epochs
        |> List.sortBy fst
        |> List.map (fun (epochs, trained) -> epochs, trained |> optimum e bestTest |> mean e bestTest)

    accuracyPanel
        title
        "log₂ of the epochs"
        "test accuracy at the best α"
        "The best test accuracy of n-step SGD against the budget of epochs, for several n."
        [ for i, n in List.indexed e.Setting.Steps ->
              let points = best n
              let of' (f: MeanInterval -> float) = points |> List.map (snd >> f)
              Panel.banded i $"n = {n}" (points |> List.map (fst >> Math.Log2)) (of' _.Mean) (of' _.Low) (of' _.High) ]

/// The panels, the claims and all runs of one of the figures.
let make (number: string) (paper: {| Epochs: string; Updates: string; Fewer: string |}) (e: Experiment) =
    let s = e.Setting
    // for every n its sweep of α, with a budget of epochs that may depend on n
    let budgets: (int -> float) list =
        (fun _ -> s.StepEpochs) :: (fun n -> s.EqualUpdatesEpochs / float n) :: (s.Budgets |> List.map (fun epochs _ -> epochs))

    let trained =
        [ for budget in budgets do
              for n in s.Steps -> Sweep.bareRates n (budget n) e ]
        |> trainAs s.Decaying $"Figure {number}" e
        |> List.chunkBySize s.Steps.Length
        |> List.map (List.zip s.Steps)

    let equalEpochs, equalUpdates = trained[0], trained[1]
    let all = trained |> List.collect (List.collect snd) |> List.distinctBy _.Cell

    let schedule =
        if s.Decaying then
            "constant until half of training, then halved after every tenth"
        else
            "constant"

    let updates = $"{s.EqualUpdatesEpochs} epochs for n = 1, 1/n of them for n"

    {| Caption =
        $"Learning rate {schedule}; B = {s.BatchSize}, no momentum. {number}a: {s.StepEpochs} epochs for every n. {number}b: as many updates, {updates}. \
          Cells with a diverged run are left out of the panels. {setting e}."
       Panels =
        [ against
              $"{number}a  {s.StepEpochs} epochs"
              "Test accuracy against the bare learning rate for several n, equal epochs."
              e
              equalEpochs
          against
              $"{number}b  equal numbers of updates"
              "Test accuracy against the bare learning rate for several n, equal updates."
              e
              equalUpdates
          againstBudget $"{number}c  best accuracy against epochs" e all ]
       Claims =
        [ fixedBareRate "equal epochs" paper.Epochs e equalEpochs
          fixedBareRate "equal updates" paper.Updates e equalUpdates
          fewerStepsBetter "equal epochs" paper.Fewer e equalEpochs ]
       Runs = all |}
