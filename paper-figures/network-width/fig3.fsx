// The largest stable learning rate against the width, and what follows with the best noise scale: the largest useful batch, B_max ∝ 1/w.
#load "sweep.fsx"

open System
open System.Collections.Generic
open NoiseScale
open NoiseScale.Theory.Width
open NoiseScale.Training.Runs
open NoiseScale.Training.Widths
open Claims
open Panel
open Seeds
open Settings
open Sweep

let private stability = profile.Stability

/// ln ε_max of every seed at a width; none where an edge lies outside the range that was searched.
let private edges (p: Parameterisation) width : float list =
    let sweep = profile.Perceptrons
    let data = imagesOf sweep.Pooling
    let n = min sweep.TrainingSetSize data.Train.Count
    let batch = min stability.BatchSize n

    let key =
        $"{data.Hash} stability N {n} {sweep.Family} {p} width {width} batch {batch} momentum {profile.Momentum} updates {stability.Updates} rounds {stability.Rounds} \
          seeds {stability.Seeds}"

    Cache.cached arguments "stability" key (fun () ->
        eprintfn $"largest learning rate: {nameOf p}, w = {width}"
        use subset = data.Take(n, 0L)
        let epochs = float stability.Updates * float batch / float n

        let spec =
            RunSpec(
                Data = DataSpec.Of subset,
                Network = sweep.Family.At(data.Train.Shape, data.ClassCount, width, p),
                Schedule = Schedule.Constant(0.1, float batch, Epochs epochs, int64 n, profile.Momentum),
                TrainEvaluationSize = Nullable n
            )

        let nominal = nominalRate sweep.Family p width

        LargestLearningRate.Find(spec, subset, stability.Seeds |> List.toArray, nominal / 64.0, nominal * 64.0, stability.Rounds)
        |> Seq.map (fun edge -> log edge.LearningRate)
        |> Seq.filter Double.IsFinite
        |> List.ofSeq)

imagesOf profile.Perceptrons.Pooling |> ignore // loads libtorch
TorchSharp.torch.set_num_threads profile.Threads

let private measured =
    [ for p in parameterisations ->
          p, [ for width in stability.Widths -> width, edges p width ] |> List.filter (fun (_, logs) -> logs.Length >= 2) ]

let private swept = perceptrons "Figure 3"

/// Slope of ln y against ln w, seed by seed.
let private slopeOver (points: (int * float list) list) =
    let count = points |> List.map (snd >> List.length) |> List.min

    PowerOfWidth.Exponent(
        points |> List.map fst |> List.toArray,
        [| for seed in 0 .. count - 1 -> points |> List.map (fun (_, logs) -> exp logs[seed]) |> List.toArray :> IReadOnlyList<float> |]
    )

/// Margin of a law, as in the other figures: ± 0.25.
let private within claim paper law (points: (int * float list) list) : Claim =
    if points.Length < 2 then
        { Claim = claim
          Paper = paper
          Ours = "fewer than two widths had their edge within the range that was searched"
          Verdict = NotTestable }
    else
        let s = slopeOver points

        let ends =
            points |> List.map (fun (w, logs) -> $"{exp (List.average logs):G3} at {w}") |> String.concat ", "

        { Claim = claim
          Paper = paper
          Ours = $"exponent {interval s}; {ends}"
          Verdict =
            if abs (s.Low - law) <= 0.25 && abs (s.High - law) <= 0.25 then Holds
            elif s.Low <= law + 0.25 && s.High >= law - 0.25 then WithinBand
            else Fails }

/// ln B_max of every replicate: the mean of ln ε_max less the best ln(ε/B).
let private largestBatch (p: Parameterisation) (cells: Cell list) =
    let fit = fitOf (fun c -> c.LearningRate / float c.BatchSize) cells
    let rates = measured |> List.find (fst >> (=) p) |> snd |> dict

    [ for i, width in List.indexed profile.Perceptrons.Widths do
          match rates.TryGetValue width with
          | true, logs ->
              width, List.average logs - fit.Optima[i], (List.average logs - snd fit.Intervals[i], List.average logs - fst fit.Intervals[i])
          | _ -> () ],
    fit

let private batchClaim (p, fraction: float, cells: Cell list) : Claim =
    let points, fit = largestBatch p cells
    let rates = measured |> List.find (fst >> (=) p) |> snd
    let law = WidthLaw.Of(p).LargestBatch

    let claim =
        $"{nameOf p}, ε/B of the sweep at ε = {fraction:G3}·ε_max: the largest useful batch ∝ w^{law:G2}"

    let paper =
        if p = Parameterisation.MuP then
            "not in the paper: derived"
        else
            "B_opt ≤ const/w (abstract)"

    if rates.Length < 2 || points.Length < 2 then
        { Claim = claim
          Paper = paper
          Ours = "too few widths have a measured ε_max"
          Verdict = NotTestable }
    else
        let rate = slopeOver rates
        // independent parts: half-widths add in squares
        let half = sqrt (rate.HalfWidth ** 2.0 + ((fit.High - fit.Low) / 2.0) ** 2.0)
        let exponent = rate.Mean - fit.Exponent
        let low, high = exponent - half, exponent + half
        let batches = points |> List.map (fun (w, log, _) -> $"{exp log:F0} at {w}") |> String.concat ", "

        { Claim = claim
          Paper = paper
          Ours = $"exponent {exponent:F2} [{low:F2}, {high:F2}]; B_max {batches}"
          Verdict =
            if fit.Interior |> Array.filter id |> Array.length < 2 then NotTestable
            elif abs (low - law) <= 0.25 && abs (high - law) <= 0.25 then Holds
            elif low <= law + 0.25 && high >= law - 0.25 then WithinBand
            else Fails }

publish
    { Key = "fig3"
      Title = "Figure 3: the largest stable learning rate and the largest useful batch"
      Caption =
        $"ε_max by bisection over {stability.Updates} updates of batches of {stability.BatchSize}: the training loss is never above its start; \
          B_max = ε_max over the best ε/B of the sweep. {settingOf profile.Perceptrons}."
      Panels =
        [ { panel
                "largest stable learning rate"
                "width w"
                "ε_max"
                "The largest stable learning rate against the width: falling for standard, level for NTK and the maximal update."
                [ for i, (p, points) in List.indexed measured ->
                      let means = points |> List.map (snd >> mean)

                      banded
                          i
                          (nameOf p)
                          (points |> List.map (fst >> float))
                          (means |> List.map (fun m -> exp m.Mean))
                          (means |> List.map (fun m -> exp m.Low))
                          (means |> List.map (fun m -> exp m.High)) ] with
              LogX = true
              LogY = true }
          for fraction in profile.Perceptrons.Fractions do
              { panel
                    $"largest useful batch, sweep at ε = {fraction:G3}·ε_max"
                    "width w"
                    "B_max"
                    "The largest useful batch against the width."
                    [ for i, (p, _, cells) in swept |> List.filter (fun (_, f, _) -> f = fraction) |> List.indexed ->
                          let points, _ = largestBatch p cells
                          let xs = points |> List.map (fun (w, _, _) -> float w)

                          banded
                              i
                              (nameOf p)
                              xs
                              (points |> List.map (fun (_, log, _) -> exp log))
                              (points |> List.map (fun (_, _, (low, _)) -> exp low))
                              (points |> List.map (fun (_, _, (_, high)) -> exp high)) ] with
                  LogX = true
                  LogY = true } ]
      Claims =
        [ for p, points in measured do
              let law = WidthLaw.Of(p).LargestLearningRate

              yield
                  within
                      $"{nameOf p}: the largest stable learning rate ∝ w^{law:G2}"
                      "derived from the paper's account of the two parameterisations"
                      law
                      points
          yield! List.map batchClaim swept ]
      Provenance = provenanceOf (swept |> List.map (fun (_, _, cells) -> cells))
      Command = command "fig3" }
