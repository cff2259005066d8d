// Runs of a family over widths and batch sizes, and the noise scale of best test accuracy at every width. Cells that figures share run once.
#load "../common/cache.fsx"
#load "../common/seeds.fsx"
#load "settings.fsx"

open System
open System.Collections.Generic
open NoiseScale
open NoiseScale.Torch
open NoiseScale.Theory.Width
open NoiseScale.Training.Data
open NoiseScale.Training.Networks
open NoiseScale.Training.Runs
open NoiseScale.Training.Widths
open Figure
open Panel
open Claims
open Seeds
open Settings

let private whole =
    lazy
        (let data = dataSet arguments

         // a rehearsal is of the code: test images would be nearly all of its time
         if arguments.Profile = "rehearsal" then
             data.First(min 64 data.Train.Count, min 16 data.Test.Count)
         else
             data)

let private pooled = Dictionary<int, ImageDataSet>()

/// The images averaged over squares, whole for 1.
let imagesOf pooling =
    match pooled.TryGetValue pooling with
    | true, data -> data
    | _ ->
        let data = if pooling = 1 then whole.Value else whole.Value.Pooled pooling
        pooled[pooling] <- data
        data

/// One point of a grid, trained over the seeds.
type Cell =
    {
        Width: int
        LearningRate: float
        BatchSize: int
        /// of its network: P4's σ
        Deviation: float
        Runs: RunResult list
    }

    /// ḡ = ε/(B(1−m)σ²).
    member this.NormalisedNoise =
        this.LearningRate / (1.0 - profile.Momentum) / float this.BatchSize / (this.Deviation * this.Deviation)

    /// ε/(B(1−m)).
    member this.Temperature = this.LearningRate / (1.0 - profile.Momentum) / float this.BatchSize

let private canStack (sweep: Sweep) =
    match sweep.Family with
    | :? WidthFamily.Perceptron -> true
    | _ -> false

let private specOf (sweep: Sweep) parameterisation fraction width batch seed =
    let data = imagesOf sweep.Pooling
    let network = sweep.Family.At(data.Train.Shape, data.ClassCount, width, parameterisation)
    let rate = fraction * nominalRate sweep.Family parameterisation width
    let n = min sweep.TrainingSetSize data.Train.Count
    let epochs = float sweep.Updates * float batch / float n

    network,
    rate,
    RunSpec(
        Data = (if n = data.Train.Count then DataSpec.Of data else DataSpec.Of(data, n, 0L)),
        Network = network,
        Schedule = Schedule.Constant(rate, float batch, Epochs epochs, int64 n, profile.Momentum),
        Seed = seed,
        Sampling = Sampling.IndependentWithoutReplacement,
        // late times: what P4 averages test accuracy over
        EvaluationEpochs = [| for part in [ 0.6; 0.7; 0.8; 0.9 ] -> part * epochs |],
        TrainEvaluationSize = Nullable(min 1000 n),
        Stacked = canStack sweep,
        Threads = profile.Threads
    )

/// Sweeps over widths and batch sizes, one for each parameterisation and fraction asked for.
let train label (asked: (Sweep * Parameterisation * float) list) : Cell list list =
    let cells =
        [ for sweep, parameterisation, fraction in asked do
              [ for width in sweep.Widths do
                    for batch in batchSizes sweep.Batches do
                        if batch <= sweep.TrainingSetSize then
                            let specs = sweep.Seeds |> List.map (specOf sweep parameterisation fraction width batch)
                            let network, rate, _ = specs.Head
                            (width, rate, batch, WidthFamily.DeviationOf network), specs |> List.map (fun (_, _, spec) -> spec) ] ]

    let groups = List.zip asked cells |> List.groupBy (fun ((sweep, _, _), _) -> sweep.Pooling)

    // a data set at a time: a store's runs share theirs
    let results = Dictionary<string, RunResult>()

    for pooling, members in groups do
        let specs = members |> List.collect (snd >> List.collect snd)

        for spec, result in List.zip specs (run arguments (TimeSpan.FromMinutes 1.0) label (imagesOf pooling) specs) do
            results[spec.Hash] <- result

    cells
    |> List.map (
        List.map (fun ((width, rate, batch, deviation), specs) ->
            { Width = width
              LearningRate = rate
              BatchSize = batch
              Deviation = deviation
              Runs = specs |> List.map (fun spec -> results[spec.Hash]) })
    )

/// Mean test accuracy at late times; a run that diverged has guessed.
let accuracy (r: RunResult) =
    if r.Status = RunStatus.Diverged || r.Records.Count = 0 then
        0.1
    else
        r.Records |> Seq.averageBy _.TestAccuracy

let accuracies (c: Cell) = c.Runs |> List.map accuracy

/// ln x of best accuracy at every width, and the exponent of the width, x a noise scale.
let fitOf (x: Cell -> float) (cells: Cell list) : PowerLawFit =
    [| for width, own in cells |> List.groupBy _.Width do
           { Width = float width
             Logs = [| for c in own -> log (x c) |]
             Scores = [| for seed in 0 .. own.Head.Runs.Length - 1 -> [| for c in own -> accuracy c.Runs[seed] |] |] } |]
    |> PowerLaw.fit 1 1000 0.95

let exponent (fit: PowerLawFit) = $"{fit.Exponent:F2} [{fit.Low:F2}, {fit.High:F2}]"

let private outside (fit: PowerLawFit) =
    match fit.Interior |> Array.filter not |> Array.length with
    | 0 -> ""
    | k -> $"; at {k} of {fit.Interior.Length} widths the best point is an end of the grid"

/// Margin of a law, set before the runs: p ± 0.25.
let private margin = 0.25

/// x_opt ∝ w^p: holds where the interval lies within the margin, is within band where it reaches into it.
let law claim paper (p: float) (fit: PowerLawFit) : Claim =
    { Claim = claim
      Paper = paper
      Ours = $"exponent {exponent fit}{outside fit}"
      Verdict =
        if fit.Interior |> Array.filter id |> Array.length < 2 then NotTestable
        elif abs (fit.Low - p) <= margin && abs (fit.High - p) <= margin then Holds
        elif fit.Low <= p + margin && fit.High >= p - margin then WithinBand
        else Fails }

/// Test accuracy against a noise scale, a curve for each width, near the best of them.
let accuracyPanel title xTitle text (x: Cell -> float) (cells: Cell list) : Panel =
    let curves =
        [ for i, (width, own) in cells |> List.groupBy _.Width |> List.indexed ->
              let own = own |> List.sortBy x
              curve i $"w = {width}" (own |> List.map x) (own |> List.map accuracies) ]

    let top = curves |> Seq.collect _.Y |> Seq.fold max 0.0

    { panel title xTitle "test accuracy at late times" text curves with
        LogX = true
        YRange = Some(top - 0.12, min 1.0 (top + 0.01)) }

/// Optima against the width, with lines of the law through their middle.
let optimumPanel title yTitle text (fits: (string * float option * float list * PowerLawFit) list) : Panel =
    { panel
          title
          "width w"
          yTitle
          text
          [ for i, (name, p, widths, fit) in List.indexed fits do
                banded
                    i
                    name
                    widths
                    (fit.Optima |> Array.map exp)
                    (fit.Intervals |> Array.map (fst >> exp))
                    (fit.Intervals |> Array.map (snd >> exp))

                match p with
                | Some p ->
                    let level = List.average [ for w, top in List.zip widths (List.ofArray fit.Optima) -> top - p * log w ]
                    // in the colour of its curve
                    { series i $"{name}: ∝ w^{p:G2}" widths (widths |> List.map (fun w -> exp (level + p * log w))) with
                        Dash = Plotly.NET.StyleParam.DrawingStyle.Dot }
                | None -> () ] with
        LogX = true
        LogY = true }

let widthsOf (sweep: Sweep) = sweep.Widths |> List.map float

let provenanceOf (cells: Cell list list) =
    let all = cells |> List.concat |> List.collect _.Runs |> List.distinctBy _.SpecHash
    provenance (imagesOf profile.Perceptrons.Pooling) all

let settingOf (sweep: Sweep) =
    let data = imagesOf sweep.Pooling

    $"{data.Name}, {sweep.Family}, N = {sweep.TrainingSetSize:N0}, m = {profile.Momentum}, constant learning rate, {sweep.Updates:N0} updates, test accuracy averaged over the last \
      two fifths of training, {sweep.Seeds.Length} seeds ({arguments.Profile} profile)"

/// The perceptrons' sweeps under every parameterisation, at every fraction of ε_max.
let perceptrons label : (Parameterisation * float * Cell list) list =
    let asked =
        [ for p in parameterisations do
              for fraction in profile.Perceptrons.Fractions -> profile.Perceptrons, p, fraction ]

    List.zip asked (train label asked) |> List.map (fun ((_, p, fraction), cells) -> p, fraction, cells)
