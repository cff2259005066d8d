// Numbers over seeds: their means with intervals, as words and as curves.
#load "figure.fsx"

open NoiseScale.Training.Runs
open Panel

let mean (values: float seq) = Statistics.Mean(Seq.toArray values)
let interval (m: MeanInterval) = $"{m.Mean:F3} [{m.Low:F3}, {m.High:F3}]"

/// b − a, paired by seed.
let difference (a: float seq) (b: float seq) = Statistics.PairedDifference(Seq.toArray b, Seq.toArray a)

/// A curve of means over seeds, with their intervals.
let curve index name (xs: float list) (values: float list list) =
    let means = values |> List.map mean
    banded index name xs (means |> List.map _.Mean) (means |> List.map _.Low) (means |> List.map _.High)
