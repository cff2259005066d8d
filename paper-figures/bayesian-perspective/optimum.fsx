// The batch size of best test accuracy, finer than the grid, and how it scales: claims of Figs 4 to 7.
#load "experiment.fsx"

open System
open NoiseScale.Training.Runs
open Panel
open Claims
open Seeds
open Experiment

/// Margin of "proportional": the 95 % interval of the slope of ln B_opt lies within ±0.25 of the law's.
let private slopeMargin = 0.25

/// The top of a parabola through (ln B, accuracy) by least squares, no farther than the points reach; the best point where there is no such top.
let private vertex (points: (float * float) list) =
    let best = points |> List.maxBy snd |> fst
    let xs, ys = points |> List.toArray |> Array.unzip

    if points.Length < 3 then
        best
    else
        let fit = MathNet.Numerics.Fit.Polynomial(xs, ys, 2)

        if fit[2] < 0.0 then
            Math.Clamp(-fit[1] / (2.0 * fit[2]), Array.min xs, Array.max xs)
        else
            best

/// B of the best mean accuracy of a grid, with the interval over seeds.
type Optimum =
    {
        /// ln B_opt of every seed, in the order of the seeds
        OfSeeds: float list
        Accuracy: MeanInterval
        /// whether the best of the grid is at neither end
        IsInterior: bool
    }

    member this.LogBatch = mean this.OfSeeds
    member this.Batch = exp this.LogBatch.Mean

/// The optimum of a curve over batch sizes: for every seed the top of the parabola through the best point of the mean curve and two on either side.
let optimum (trained: Trained list) : Optimum =
    let means = trained |> List.map (accuracies >> List.average)
    let best = means |> List.indexed |> List.maxBy snd |> fst
    let first = max 0 (min (best - 2) (trained.Length - 5))
    let near = trained |> List.skip first |> List.truncate 5

    { OfSeeds =
        [ for seed in 0 .. trained.Head.Runs.Length - 1 -> vertex [ for t in near -> log (float t.Cell.BatchSize), accuracy t.Runs[seed] ] ]
      Accuracy = trained[best] |> accuracies |> mean
      IsInterior = best > 0 && best < trained.Length - 1 }

/// The slope of ln B_opt against ln x, seed by seed, and its interval.
let slope (optima: (float * Optimum) list) =
    let xs = optima |> List.map (fst >> log) |> List.toArray

    mean
        [ for seed in 0 .. (snd optima.Head).OfSeeds.Length - 1 ->
              let ys = optima |> List.map (fun (_, o) -> o.OfSeeds[seed]) |> List.toArray
              let struct (_, slope) = MathNet.Numerics.Fit.Line(xs, ys)
              slope ]

/// B_opt against x, and the line of the law through the middle of the points.
let optimumPanel title xTitle text (law: float) (optima: (float * Optimum) list) : Panel =
    let interior = optima |> List.filter (fun (_, o) -> o.IsInterior)
    let shown = if interior.IsEmpty then optima else interior
    let logs = shown |> List.map (fun (_, o) -> o.LogBatch)
    let xs = shown |> List.map fst
    let level = List.average (List.map2 (fun x (y: MeanInterval) -> y.Mean - law * log x) xs logs)

    { panel
          title
          xTitle
          "B of best test accuracy"
          text
          [ banded
                0
                "measured"
                xs
                (logs |> List.map (fun l -> exp l.Mean))
                (logs |> List.map (fun l -> exp l.Low))
                (logs |> List.map (fun l -> exp l.High))
            series 1 $"slope {law:G3}" xs (xs |> List.map (fun x -> exp (level + law * log x))) ] with
        LogX = true
        LogY = true }

let private batchesOf (optima: (float * Optimum) list) = optima |> List.map (fun (x, o) -> $"{o.Batch:F0} at {x:G6}") |> String.concat ", "

/// B_opt rises with x, at whatever rate.
let grows claim paper (optima: (float * Optimum) list) : Claim =
    let interior = optima |> List.filter (fun (_, o) -> o.IsInterior)

    if interior.Length < 3 then
        { Claim = claim
          Paper = paper
          Ours = "fewer than three optima lie within their grids"
          Verdict = NotTestable }
    else
        let s = slope interior

        { Claim = claim
          Paper = paper
          Ours = $"slope {interval s} over all N; B_opt {batchesOf interior}"
          Verdict = holdsAboveZero (s.Low, s.Mean) }

/// B_opt ∝ x^law, from those optima that lie within their grids.
let proportional claim paper (law: float) (optima: (float * Optimum) list) : Claim =
    let interior = optima |> List.filter (fun (_, o) -> o.IsInterior)
    let left = optima.Length - interior.Length

    let without =
        if left > 0 then
            $"; {left} of {optima.Length} optima lie at the end of their grid and are left out"
        else
            ""

    if interior.Length < 3 then
        { Claim = claim
          Paper = paper
          Ours = $"fewer than three such optima lie within their grids{without}"
          Verdict = NotTestable }
    else
        let s = slope interior

        { Claim = claim
          Paper = paper
          Ours =
            $"slope {interval s} over {exp (abs (log (fst (List.last interior)) - log (fst interior.Head))):F0}-fold; B_opt {batchesOf interior}{without}"
          Verdict =
            if abs (s.Low - law) <= slopeMargin && abs (s.High - law) <= slopeMargin then
                Holds
            elif s.Low <= law + slopeMargin && s.High >= law - slopeMargin then
                WithinBand
            else
                Fails }
