// The runs behind P6's figures: cells of a grid, each trained over seeds, and what is read off them. Cells that figures share run once.
#load "settings.fsx"

open System
open NoiseScale.Training
open NoiseScale.Training.Data
open NoiseScale.Training.Runs
open NoiseScale.Schedules
open Figure
open Panel
open Settings

let power (exponent: int) = Math.Pow(2.0, float exponent)

/// One point of a grid.
type Cell =
    {
        /// log₂ ε, or of the bare α with several steps on a minibatch
        Rate: int
        /// log₂ λ; none for no penalty
        Penalty: int option
        BatchSize: int
        Steps: int
        Epochs: float
    }

type Experiment =
    { Setting: Setting
      Data: ImageDataSet
      Network: Networks.Network
      Seeds: int64 list }

let experiment (setting: Setting) seeds =
    let data = dataOf setting

    { Setting = setting
      Data = data
      Network = setting.Network data
      Seeds = seeds }

/// A cell of the setting's own batch size and length.
let cell (e: Experiment) rate penalty : Cell =
    { Rate = rate
      Penalty = penalty
      BatchSize = e.Setting.BatchSize
      Steps = 1
      Epochs = e.Setting.Epochs }

/// The sweeps of a setting.
module Sweep =
    /// ε without penalty
    let rates (e: Experiment) = [ for rate in e.Setting.Rates -> cell e rate None ]
    /// λ at the small learning rate
    let penalties (e: Experiment) = [ for penalty in e.Setting.Penalties -> cell e e.Setting.SmallRate (Some penalty) ]
    /// ε with the fixed penalty
    let ratesWithPenalty (e: Experiment) = [ for rate in e.Setting.RatesWithPenalty -> cell e rate (Some e.Setting.FixedPenalty) ]

    let private log2 (batch: int) = Numerics.BitOperations.Log2(uint32 batch)

    /// ε/B for every B, equal epochs
    let ratesOf (batch: int) (e: Experiment) =
        [ for ratio in e.Setting.RatesPerExample -> { cell e (ratio + log2 batch) None with BatchSize = batch } ]

    /// λ/B for every B at the small learning rate, equal numbers of updates
    let penaltiesOf (batch: int) (e: Experiment) =
        [ for ratio in e.Setting.PenaltiesPerExample ->
              { cell e e.Setting.SmallRate (Some(ratio + log2 batch)) with
                  BatchSize = batch
                  Epochs = e.Setting.Epochs * float batch / float e.Setting.BatchSize } ]

    /// the bare α of n-step SGD with a budget of epochs
    let bareRates (steps: int) (epochs: float) (e: Experiment) =
        [ for rate in e.Setting.BareRates -> { cell e rate None with Steps = steps; Epochs = epochs } ]

// asked after the data are loaded: to ask is to load libtorch
let private device =
    lazy (DiffSharp.TorchRuntime.DefaultDevice.``type`` |> string |> _.ToLowerInvariant())

/// ε, or ε until half of training and then half of it after every remaining tenth.
let private learningRate decaying epochs rate =
    if decaying then
        Curve.stepDecay (power rate) 2.0 [ for tenth in 5..9 -> epochs * float tenth / 10.0 * 1.0<epoch> ]
    else
        Curve.constant (power rate)

let private spec (e: Experiment) (decaying: bool) (c: Cell) seed =
    let schedule =
        Schedule.create
            Optimizer.Sgd
            (int64 e.Setting.TrainingSetSize * 1L<example>)
            (c.Epochs * 1.0<epoch>)
            (learningRate decaying c.Epochs c.Rate)
            (Curve.constant (float c.BatchSize))
            (Curve.constant 0.0)
        |> Result.bind (Schedule.withWeightDecay e.Setting.WeightDecay)
        |> ScheduleError.orFail

    RunSpec(
        Data =
            (if e.Setting.TrainingSetSize = e.Data.Train.Count then
                 DataSpec.Of e.Data
             else
                 DataSpec.Of(e.Data, e.Setting.TrainingSetSize, 0L)),
        Network = e.Network,
        Schedule = NoiseScale.Schedule.FromJson(Json.print schedule),
        Seed = seed,
        EvaluationEpochs = [| for i in 1 .. profile.Evaluations -> c.Epochs * float i / float profile.Evaluations |],
        MicroBatchSize = Option.toNullable profile.MicroBatchSize,
        Augmentation = Option.toObj e.Setting.Augmentation,
        GradientPenalty = (c.Penalty |> Option.map power |> Option.defaultValue 0.0),
        StepsPerMinibatch = c.Steps,
        ModifiedLoss = ModifiedLossSettings(),
        Device = device.Value,
        Threads = profile.Threads
    )

/// The runs of a cell, one a seed.
type Trained = { Cell: Cell; Runs: RunResult list }

/// Trains the cells of sweeps over the experiment's seeds, all in one go: one bar of progress, and cells that sweeps share once.
let trainAs decaying label (e: Experiment) (sweeps: Cell list list) : Trained list list =
    let cells = sweeps |> List.concat |> List.distinct

    let specs =
        [ for c in cells do
              for seed in e.Seeds -> spec e decaying c seed ]

    let results =
        run arguments (TimeSpan.FromMinutes 1.0) label e.Data specs |> List.chunkBySize e.Seeds.Length

    let trained = List.map2 (fun c runs -> c, { Cell = c; Runs = runs }) cells results |> dict
    sweeps |> List.map (List.map (fun c -> trained[c]))

let train label (e: Experiment) sweeps = trainAs false label e sweeps

let diverged (t: Trained) = t.Runs |> List.exists (fun r -> r.Status = RunStatus.Diverged)

let provenanceOf (e: Experiment) (trained: Trained list) = provenance e.Data (trained |> List.collect _.Runs |> List.distinctBy _.SpecHash)

// ---- what a run and a cell contribute -----------------------------------------------------------------------------------------

/// P6: "each run contributes its highest test accuracy during training". A run that diverges before the first evaluation has guessed.
let bestTest (e: Experiment) (r: RunResult) =
    if r.Records.Count = 0 then
        1.0 / float e.Data.ClassCount
    else
        r.BestTestAccuracy

let finalTrain (e: Experiment) (r: RunResult) =
    if r.Status = RunStatus.Diverged || r.Records.Count = 0 then
        1.0 / float e.Data.ClassCount
    else
        r.Final.TrainAccuracy

let finalLoss (_: Experiment) (r: RunResult) = if r.Status = RunStatus.Diverged then nan else r.Final.TrainLoss

let regulariser (_: Experiment) (r: RunResult) =
    if r.Status = RunStatus.Diverged then
        nan
    else
        r.Final.ModifiedLoss |> Option.ofObj |> Option.map _.MinibatchRegulariser |> Option.defaultValue nan

/// Values of a cell's runs, by seed.
let values (e: Experiment) quantity (t: Trained) = t.Runs |> List.map (quantity e)

/// Mean and interval over the runs that count: all of them, or the best 5 of 7 in the paper profile.
let mean (e: Experiment) quantity (t: Trained) =
    let counted = t.Runs |> List.sortByDescending (bestTest e) |> List.truncate profile.Best
    Statistics.Mean(counted |> List.map (quantity e) |> List.toArray)

let private counts quantity e (t: Trained) = values e quantity t |> List.forall Double.IsFinite

/// A curve of a quantity over cells, those left out in which a run has no such number.
let curve index name (e: Experiment) (x: Cell -> float) quantity (trained: Trained list) =
    let shown = trained |> List.filter (counts quantity e)
    let of' (f: MeanInterval -> float) = shown |> List.map (mean e quantity >> f)
    banded index name (shown |> List.map (fun t -> x t.Cell)) (of' _.Mean) (of' _.Low) (of' _.High)

/// As curve, for what runs over decades: geometric mean and its interval.
let geometricCurve index name (e: Experiment) (x: Cell -> float) quantity (trained: Trained list) =
    let logarithmic = curve index name e x (fun e r -> log (quantity e r)) trained

    { logarithmic with
        Y = Array.map exp logarithmic.Y
        Low = Array.map exp logarithmic.Low
        High = Array.map exp logarithmic.High }

let panel title xTitle yTitle logY text series : Panel =
    { Title = title
      XTitle = xTitle
      YTitle = yTitle
      LogX = false
      LogY = logY
      YRange = None
      Text = text
      Series = series }

/// A panel of accuracies near the best of them: where training becomes unstable curves leave it downwards.
let accuracyPanel title xTitle yTitle text (series: Series list) : Panel =
    let top = series |> Seq.collect _.Y |> Seq.fold max 0.0

    { panel title xTitle yTitle false text series with
        YRange = Some(top - 0.06, min 1.0 (top + 0.012)) }

/// Name of the data and the setting in a few words, for captions.
let setting (e: Experiment) =
    let best =
        if profile.Best < e.Seeds.Length then
            $"mean of the best {profile.Best} of {e.Seeds.Length} runs"
        else
            $"mean of {e.Seeds.Length} runs, all of them"

    $"{e.Data.Name}, N = {e.Setting.TrainingSetSize:N0}, {e.Network.Name}, {best}; a run contributes its highest test accuracy during training \
      ({arguments.Profile} profile)"

let command figure =
    let data = if arguments.Data.IsSome then " --data DIR" else ""
    $"dotnet fsi paper-figures/implicit-regularization/{figure}.fsx --profile {arguments.Profile}{data}"

let publish = Figure.publish arguments paper intro
