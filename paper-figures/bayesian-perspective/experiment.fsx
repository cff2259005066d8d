// The runs behind P2's figures 3 to 8: cells of a grid, each trained over seeds, and what is read off them. Cells that figures share run once.
#load "../common/seeds.fsx"
#load "settings.fsx"

open System
open NoiseScale.Training.Data
open NoiseScale.Training.Networks
open NoiseScale.Training.Runs
open NoiseScale.Torch
open Figure
open Panel
open Seeds
open Settings

/// One point of a grid.
type Cell =
    {
        LearningRate: float
        BatchSize: int
        Momentum: float
        TrainingSetSize: int
        /// λ of the summed cost H(w) + (λ/2)‖w‖²
        Regulariser: float
    }

type Trained = { Cell: Cell; Runs: RunResult list }

let training = profile.Training

/// The profile's own cell.
let centre: Cell =
    { LearningRate = training.LearningRate
      BatchSize = profile.SmallBatch
      Momentum = training.Momentum
      TrainingSetSize = training.TrainingSetSize
      Regulariser = 0.0 }

/// Grey levels from 0 to 1.
let data =
    use whole = dataSet arguments
    whole.InUnitRange()

let private network = MultilayerPerceptron(data.Train.Shape, data.ClassCount, [| training.Width |])

let updatesOf (c: Cell) = Math.Max(1.0, Math.Round(training.RateTimesUpdates / c.LearningRate))

let private device =
    lazy (DiffSharp.TorchRuntime.DefaultDevice.``type`` |> string |> _.ToLowerInvariant())

let private spec points (c: Cell) seed =
    let epochs = updatesOf c * float c.BatchSize / float c.TrainingSetSize

    let schedule =
        NoiseScale.Schedule.Constant(
            c.LearningRate,
            float c.BatchSize,
            NoiseScale.Epochs epochs,
            int64 c.TrainingSetSize,
            c.Momentum,
            weightDecay = c.Regulariser / float c.TrainingSetSize
        )

    RunSpec(
        Data =
            (if c.TrainingSetSize = data.Train.Count then
                 DataSpec.Of data
             else
                 DataSpec.Of(data, c.TrainingSetSize, 0L)),
        Network = network,
        Schedule = schedule,
        Seed = seed,
        Sampling = Sampling.IndependentWithoutReplacement,
        EvaluationEpochs = [| for i in 1 .. points - 1 -> epochs * float i / float points |],
        TrainEvaluationSize = Nullable(min 1000 c.TrainingSetSize),
        Device = device.Value,
        // seeds, learning rates and momenta that share a batch size train together
        Stacked = true,
        Threads = profile.Threads
    )

let private trainWith points label (seeds: int64 list) (groups: Cell list list) : Trained list list =
    let cells = groups |> List.concat |> List.distinct

    let specs =
        [ for c in cells do
              for seed in seeds -> spec points c seed ]

    let results = run arguments (TimeSpan.FromMinutes 1.0) label data specs |> List.chunkBySize seeds.Length

    let trained = List.map2 (fun c runs -> c, { Cell = c; Runs = runs }) cells results |> dict
    groups |> List.map (List.map (fun c -> trained[c]))

/// Trains the cells of groups over the seeds, evaluated at the end.
let train label seeds groups = trainWith 1 label seeds groups

/// Trains cells with evaluations along the way.
let follow label cells = trainWith profile.Points label training.Seeds [ cells ] |> List.head

/// The cells of a grid of batch sizes, up to the training set; the largest is at most the full batch.
let alongBatches (grid: Grid) (c: Cell) =
    [ for b in batchSizes grid do
          if b <= c.TrainingSetSize then
              { c with BatchSize = b } ]

/// The same with the full batch itself at the end.
let alongBatchesToFull grid (c: Cell) = List.distinct (alongBatches grid c @ [ { c with BatchSize = c.TrainingSetSize } ])

// ---- what a run contributes ------------------------------------------------------------------------------------------------

/// Test accuracy at the end; a run that diverged has guessed.
let accuracy (r: RunResult) =
    if r.Status = RunStatus.Diverged || r.Records.Count = 0 then
        1.0 / float data.ClassCount
    else
        r.Final.TestAccuracy

let accuracies (t: Trained) = t.Runs |> List.map accuracy


/// Test accuracy against batch size with its interval.
let accuracyCurve index name (trained: Trained list) =
    let means = trained |> List.map (accuracies >> mean)

    banded
        index
        name
        (trained |> List.map (fun t -> float t.Cell.BatchSize))
        (means |> List.map _.Mean)
        (means |> List.map _.Low)
        (means |> List.map _.High)

let points (m: MeanInterval) = $"{100.0 * m.Mean:F2} points [{100.0 * m.Low:F2}, {100.0 * m.High:F2}]"

/// Accuracies near the best of them, against a logarithmic batch size.
let accuracyPanel title text (series: Series list) : Panel =
    let top = series |> Seq.collect _.Y |> Seq.fold max 0.0

    { panel title "batch size B" "test accuracy" text series with
        LogX = true
        YRange = Some(top - 0.12, min 1.0 (top + 0.015)) }

let provenanceOf (groups: Trained list list) = provenance data (groups |> List.concat |> List.collect _.Runs |> List.distinctBy _.SpecHash)

/// Data and setting in a few words, for captions.
let setting =
    $"{data.Name}, inputs from 0 to 1, one hidden layer of {training.Width} ReLU, every batch drawn independently without replacement within it, \
      {training.RateTimesUpdates:G6}/ε updates, mean of {training.Seeds.Length} seeds ({arguments.Profile} profile)"
