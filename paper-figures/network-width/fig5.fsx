// Our own: the coordinate check of each parameterisation, and whether the best learning rate stays where it is as a network grows.
#load "sweep.fsx"

open System
open NoiseScale
open NoiseScale.Training.Runs
open NoiseScale.Training.Widths
open Figure
open Claims
open Panel
open Seeds
open Settings
open Sweep

let private transfer = profile.Transfer
let private data = imagesOf profile.Perceptrons.Pooling
let private n = min profile.Perceptrons.TrainingSetSize data.Train.Count

/// Training loss at the end of a run of Adam at 2^k. (Under SGD and cross-entropy a loss that shoots up at the start comes down again, and the best learning rate moves little.)
let private spec (p: Parameterisation) (width: int) k seed =
    let epochs = float transfer.Updates * float transfer.BatchSize / float n

    RunSpec(
        Data = DataSpec.Of(data, n, 0L),
        Network = WidthFamily.Perceptron(transfer.HiddenLayers).At(data.Train.Shape, data.ClassCount, width, p, RateFamily.Adam),
        Schedule =
            Schedule.Constant(Math.Pow(2.0, float k), float transfer.BatchSize, Epochs epochs, int64 n).WithOptimizer(Optimizers.Adam()),
        Seed = seed,
        Sampling = NoiseScale.Torch.Sampling.IndependentWithoutReplacement,
        TrainEvaluationSize = Nullable n,
        Threads = profile.Threads
    )

let private shown = [ Parameterisation.Standard; Parameterisation.MuP ]

let private losses =
    let specs =
        [ for p in shown do
              for width in transfer.Widths do
                  for k in transfer.Logs do
                      for seed in transfer.Seeds -> spec p width k seed ]

    let results = run arguments (TimeSpan.FromMinutes 1.0) "Figure 5" data specs

    // a loss beyond that of a guess is as good as none
    let guess = log (float data.ClassCount)
    let lossOf (r: RunResult) = if r.Status = RunStatus.Diverged then guess else min guess r.Final.TrainLoss

    results
    |> List.chunkBySize transfer.Seeds.Length
    |> List.map (List.map lossOf)
    |> List.chunkBySize transfer.Logs.Length
    |> List.chunkBySize transfer.Widths.Length
    |> List.zip shown

let private rates = transfer.Logs |> List.map (fun k -> Math.Pow(2.0, float k))

/// log₂ of the learning rate of least training loss, by seed.
let private best (curve: float list list) =
    [ for seed in 0 .. transfer.Seeds.Length - 1 ->
          let logs = curve |> List.map (fun losses -> log losses[seed])
          let i = logs |> List.indexed |> List.minBy snd |> fst
          float transfer.Logs[i] ]

let private moved (curves: float list list list) = difference (best curves.Head) (best (List.last curves))

let private transferClaims: Claim list =
    let octaves = Math.Log2(float (List.last transfer.Widths) / float transfer.Widths.Head)

    [ for p, curves in losses do
          let shift = moved curves

          { Claim =
              if p = Parameterisation.MuP then
                  "maximal update: the best learning rate is the same at every width, to a factor of 2"
              else
                  "standard: the best learning rate falls as the network grows, by more than a factor of 2"
            Paper = "not in the paper (Yang et al. 2022)"
            Ours = $"from w = {transfer.Widths.Head} to {List.last transfer.Widths}, {octaves:F0} octaves: log₂ ε_best by {interval shift}"
            Verdict =
              if p = Parameterisation.MuP then
                  if abs shift.Low <= 1.0 && abs shift.High <= 1.0 then Holds
                  elif shift.Low <= 1.0 && shift.High >= -1.0 then WithinBand
                  else Fails
              elif shift.High < -1.0 then
                  Holds
              elif shift.Low < -1.0 then
                  WithinBand
              else
                  Fails } ]

let private widths, private seeds = profile.Coordinates

let private checks =
    [ for p in parameterisations ->
          p, CoordinateCheck.Run(WidthFamily.Perceptron 3, p, data, List.toArray widths, List.toArray seeds, batchSize = min 16 n) ]

let private coordinateClaims: Claim list =
    [ for p, report in checks do
          let worst = report.Layers |> Seq.maxBy (fun l -> abs (l.Update.Mean - l.ExpectedUpdate))

          let exponents =
              report.Layers |> Seq.map (fun l -> $"{l.Layer} {interval l.Update} ({l.ExpectedUpdate:G2})") |> String.concat ", "

          { Claim = $"{nameOf p}: what the first update changes grows with the width as the theory says, to 0.25"
            Paper = "not in the paper: derived (Yang and Hu 2021)"
            Ours = $"exponents (expected): {exponents}"
            Verdict =
              if
                  report.Layers
                  |> Seq.forall (fun l -> abs (l.Update.Low - l.ExpectedUpdate) <= 0.25 && abs (l.Update.High - l.ExpectedUpdate) <= 0.25)
              then
                  Holds
              elif abs (worst.Update.Mean - worst.ExpectedUpdate) <= 0.25 then
                  WithinBand
              else
                  Fails } ]

publish
    { Key = "fig5"
      Title = "Figure 5 (ours): coordinates, and the transfer of a learning rate"
      Caption =
        $"Above: a perceptron of {transfer.HiddenLayers} hidden layers, {transfer.Updates} updates of Adam with batches of {transfer.BatchSize}, N = {n}. Below: root mean square of what one update changes the outputs of \
          three hidden layers by. {data.Name}, {transfer.Seeds.Length} and {seeds.Length} seeds ({arguments.Profile} profile)."
      Panels =
        [ for p, curves in losses ->
              { panel
                    $"{nameOf p}: training loss"
                    "learning rate ε"
                    "training cross-entropy"
                    "Training loss against the learning rate for several widths."
                    [ for i, (width, losses) in List.zip transfer.Widths curves |> List.indexed -> curve i $"w = {width}" rates losses ] with
                  LogX = true
                  LogY = true }
          for p, report in checks ->
              { panel
                    $"{nameOf p}: change by one update"
                    "width w"
                    "root mean square"
                    "The change of every layer's outputs by one update, against the width."
                    [ for i, layer in report.Layers |> Seq.map _.Layer |> Seq.indexed ->
                          let own = report.Sizes |> Seq.filter (fun s -> s.Layer = layer) |> Seq.groupBy _.Width |> List.ofSeq
                          curve i layer (own |> List.map (fst >> float)) (own |> List.map (snd >> Seq.map _.Update >> List.ofSeq)) ] with
                  LogX = true
                  LogY = true } ]
      Claims = transferClaims @ coordinateClaims
      Provenance =
        [ "data", $"{data.Name}, sha256 {data.Hash}"
          "library", RunSpec.LibraryVersion
          "device, threads", $"cpu, {profile.Threads}" ]
      Command = command "fig5" }
