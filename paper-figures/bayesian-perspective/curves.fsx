// Learning curves of a small batch and of the full batch: Figs 3 and 8.
#load "experiment.fsx"

open NoiseScale.Training
open NoiseScale.Training.Runs
open Panel
open Claims
open Settings
open Seeds
open Experiment

let private ofBatches (lambda: float) =
    [ { centre with Regulariser = lambda }; { centre with Regulariser = lambda; BatchSize = centre.TrainingSetSize } ]

let private against index name (quantity: TrainingRecord -> float) (t: Trained) =
    let band = Statistics.BandOf(t.Runs |> List.toArray, quantity)

    banded
        index
        name
        (t.Runs.Head.Records |> Seq.map (fun (r: TrainingRecord) -> float r.Update))
        (band.Y |> Seq.map (fun (m: MeanInterval) -> m.Mean))
        (band.Y |> Seq.map (fun (m: MeanInterval) -> m.Low))
        (band.Y |> Seq.map (fun (m: MeanInterval) -> m.High))

let private gap (quantity: TrainingRecord -> float) (small: Trained) (full: Trained) =
    let ends (t: Trained) = [| for r in t.Runs -> quantity r.Final |]
    Statistics.PairedDifference(ends small, ends full)

/// Fig 3, with one coefficient, or Fig 8, with several, the first of them 0.
let publishCurves (key: string) title (lambdas: float list) paper =
    let groups =
        lambdas
        |> List.collect ofBatches
        |> follow $"Figure {key.Substring 3}"
        |> List.chunkBySize 2
        |> List.map (fun pair -> pair[0], pair[1])

    let accuracyOf (r: TrainingRecord) = r.TestAccuracy
    let lossOf (r: TrainingRecord) = r.TestLoss

    let completed =
        groups |> List.forall (fun (a, b) -> a.Runs @ b.Runs |> List.forall (fun r -> r.Status = RunStatus.Completed))

    if not completed then
        failwith "a learning curve diverged: the profile's learning rate is too large for these data"

    let last = List.last groups
    let words lambda = if lambda = 0.0 then "" else $", λ = {lambda:G3}"

    let curves (quantity: TrainingRecord -> float) =
        let shown = if groups.Length = 1 then groups else [ groups.Head; last ]

        [ for i, (small, full) in List.indexed shown do
              against (2 * i) $"B = {small.Cell.BatchSize}{words small.Cell.Regulariser}" quantity small
              against (2 * i + 1) $"B = {full.Cell.BatchSize} (full){words full.Cell.Regulariser}" quantity full ]

    let gaps = groups |> List.map (fun (small, full) -> small.Cell.Regulariser, gap accuracyOf small full)
    let top = curves accuracyOf |> Seq.collect _.Y |> Seq.max

    let generalises =
        let small, full = groups.Head
        let g, l = gap accuracyOf small full, gap lossOf small full

        { Claim = "the small batch ends with the better test accuracy"
          Paper = paper
          Ours =
            $"{points g} over the full batch; cross-entropy {interval l}; both end at training accuracy {full.Runs.Head.Final.TrainAccuracy:F3}"
          Verdict = holdsAboveZero (g.Low, g.Mean) }

    let shrinks lambda =
        let unregularised, regularised = snd gaps.Head, gaps |> List.find (fun (l, _) -> l = lambda) |> snd

        let ends (small: Trained, full: Trained) =
            [| for a, b in List.zip small.Runs full.Runs -> a.Final.TestAccuracy - b.Final.TestAccuracy |]

        let groupOf l = groups |> List.find (fun (small, _) -> small.Cell.Regulariser = l)
        let change = Statistics.PairedDifference(ends (groupOf 0.0), ends (groupOf lambda))

        { Claim = $"L2 regularisation with λ = {lambda:G3} on the summed cost narrows the gap"
          Paper = paper
          Ours = $"from {points unregularised} to {points regularised}: by {points change}"
          Verdict = holdsAboveZero (change.Low, change.Mean) }

    publish
        { Key = key
          Title = title
          Caption = $"ε = {centre.LearningRate}, m = {centre.Momentum}, N = {centre.TrainingSetSize:N0}; {setting}."
          Panels =
            [ { panel
                    "a  test accuracy"
                    "updates"
                    "test accuracy"
                    "Test accuracy against updates for a small and the full batch."
                    (curves accuracyOf) with
                  YRange = Some(top - 0.15, min 1.0 (top + 0.02)) }
              { panel
                    "b  test cross-entropy"
                    "updates"
                    "test cross-entropy"
                    "Test cross-entropy against updates for a small and the full batch."
                    (curves lossOf) with
                  LogY = true } ]
          Claims = generalises :: [ for lambda in lambdas.Tail -> shrinks lambda ]
          Provenance = provenanceOf (groups |> List.map (fun (a, b) -> [ a; b ]))
          Command = command key }
