// A network with one hidden layer on images projected to a few features, sampled by natural gradient descent at several batch sizes: Figs 4 and 5.
#load "running.fsx"

open System
open System.Diagnostics
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.GradientNoise
open NoiseScale.Theory.Sampling
open NoiseScale.Training.Data
open NoiseScale.Training.Runs
open Panel
open Claims
open Settings
open Seeds
open Running

/// Of one seed at one batch size.
type Scored =
    {
        EnsembleAccuracy: float
        EnsembleLoss: float
        SingleAccuracy: float
        SingleLoss: float
        /// the chain ran away; what it would have predicted counts as a guess
        Diverged: bool
    }

let hidden = profile.Hidden
let clock = Stopwatch.StartNew()

let data =
    use whole = Figure.dataSet arguments
    whole.InUnitRange()

let private pixels (set: ImageSet) = (TorchTensors.Wrap set.Images).view [ set.Count; -1 ]

/// The images through one Gaussian projection, features standardised by the training images'. P3 fixes the projection and says no more.
let private features =
    lazy
        (let generator = Generator(10L, Device.CPU)

         let projection =
             dsharp.randn ([ data.Train.Shape.Length; hidden.Features ], dtype = Dtype.Float32, device = Device.CPU, generator = generator)

         let raw = (pixels data.Train).matmul projection
         let centre, scale = raw.mean 0, raw.stddev 0
         (raw - centre) / scale, ((pixels data.Test).matmul projection - centre) / scale)

let private network =
    [ yield! Layer.dense hidden.Features hidden.Width; Layer.relu; yield! Layer.dense hidden.Width data.ClassCount ]

let parameters = Network.shapes network |> List.sumBy (List.fold (*) 1)
let private updates = int64 (hidden.BurnIn + hidden.Samples)

/// He-normal weights, biases 0.
let private initial (seed: int64) =
    let generator = Generator(seed, Device.CPU)

    Network.shapes network
    |> List.map (fun shape ->
        match shape with
        | [ _; inputs ] ->
            (dsharp.randn (shape, dtype = Dtype.Float32, device = Device.CPU, generator = generator)) * sqrt (2.0 / float inputs)
        | _ -> dsharp.zeros (shape, dtype = Dtype.Float32, device = Device.CPU))
    |> List.toArray
    |> Parameters.flatten

/// So many training examples, drawn by the seed.
let private training (count: int) (seed: int64) =
    let order =
        dsharp.randperm (data.Train.Count, dtype = Dtype.Int64, device = Device.CPU, generator = Generator(100L + seed, Device.CPU))

    let rows = order[.. count - 1]
    (fst features.Value).indexSelect(0, rows), (TorchTensors.Wrap data.Train.Labels).indexSelect(0, rows)

let private testing =
    lazy
        (let count = min hidden.TestExamples data.Test.Count
         (snd features.Value)[.. count - 1], (TorchTensors.Wrap data.Test.Labels)[.. count - 1])

let private sample (report: int64 -> unit) (count: int) (batch: int) (seed: int64) : Scored =
    let inputs, labels = training count seed
    let model = ChainModel.ofNetwork (Likelihood.Categorical data.ClassCount) network inputs labels

    let metric =
        FisherMetric.create
            { Kind = FisherKind.MonteCarlo 1
              Damping = hidden.Damping
              Examples = Some(min count hidden.FisherExamples) }
            model
        |> SamplingFault.orFail

    let target = ChainModel.target model |> Target.withPrior (Prior.OfPrecision hidden.Regulariser)

    let sampler =
        NaturalGradient.minibatch metric { LearningRate = hidden.LearningRate; BatchSize = batch; Seed = seed } target
        |> SamplingFault.orFail


    match tryChains report hidden.BurnIn hidden.Samples sampler (Chains.startAt 1 (initial seed)) with
    | Error _ ->
        let guess = 1.0 / float data.ClassCount

        { EnsembleAccuracy = guess
          EnsembleLoss = -(log guess)
          SingleAccuracy = guess
          SingleLoss = -(log guess)
          Diverged = true }
    | Ok samples ->
        let x, y = testing.Value
        let score = Ensemble.score model 20 samples x y

        { EnsembleAccuracy = Option.get score.Ensemble.Accuracy
          EnsembleLoss = score.Ensemble.CrossEntropy
          SingleAccuracy = Option.get score.Single.Accuracy
          SingleLoss = score.Single.CrossEntropy
          Diverged = false }

/// One training-set size over its batch sizes, and its scores of all seeds.
type Swept = { Set: Batches; Scores: Scored list list }

/// Runs what is missing of some sets.
let sweep label (sets: Batches list) : Swept list =
    requireTrainingImages data (sets |> List.map _.Examples |> List.max)
    // before several threads ask for them
    features.Force() |> ignore
    testing.Force() |> ignore

    let jobOf (set: Batches) batch seed =
        { Key =
            $"{data.Hash} hidden N {set.Examples} B {batch} seed {seed} features {hidden.Features} width {hidden.Width} eps {hidden.LearningRate} \
              delta {hidden.Damping} lambda {hidden.Regulariser} fisher {hidden.FisherExamples} {hidden.BurnIn}+{hidden.Samples} test {hidden.TestExamples}"
          Updates = updates
          Compute = fun report -> sample report set.Examples batch (int64 seed) }

    let results =
        [ for set in sets do
              for batch in set.BatchSizes do
                  for seed in 1 .. hidden.Seeds -> jobOf set batch seed ]
        |> runJobs label "hidden"
        |> List.chunkBySize hidden.Seeds

    let firsts = sets |> List.scan (fun first set -> first + set.BatchSizes.Length) 0

    List.map2
        (fun set first ->
            { Set = set
              Scores = results |> List.skip first |> List.truncate set.BatchSizes.Length })
        sets
        (List.truncate sets.Length firsts)

/// εN/2.
let predicted (set: Batches) = hidden.LearningRate * float set.Examples / 2.0

let private batches (s: Swept) = s.Set.BatchSizes |> List.map float
let private values (f: Scored -> float) (s: Swept) = s.Scores |> List.map (List.map f)

let lossPanel letter (s: Swept) : Panel =
    { panel
          $"{letter}  test cross-entropy, N = {s.Set.Examples}"
          "batch size B"
          "test cross-entropy"
          "Test cross-entropy against batch size, of the ensemble and of single samples."
          [ curve 0 "ensemble" (batches s) (values _.EnsembleLoss s)
            curve 1 "single sample" (batches s) (values _.SingleLoss s)
            let low = values _.EnsembleLoss s |> List.concat |> List.min
            let high = values _.SingleLoss s |> List.concat |> List.max
            series 3 "B = εN/2" [ predicted s.Set; predicted s.Set ] [ low; high ] ] with
        LogX = true }

let accuracyPanel letter (s: Swept) : Panel =
    { panel
          $"{letter}  test accuracy, N = {s.Set.Examples}"
          "batch size B"
          "test accuracy"
          "Test accuracy against batch size, of the ensemble and of single samples."
          [ curve 0 "ensemble" (batches s) (values _.EnsembleAccuracy s)
            curve 1 "single sample" (batches s) (values _.SingleAccuracy s) ] with
        LogX = true }

/// Margin set before the runs: the best batch size is εN/2 to a factor of 2, one step of the grid.
let optimal (paper: string) (s: Swept) : Claim =
    let logs = s.Set.BatchSizes |> List.map (float >> Math.Log2)
    let l = lowest logs (values _.EnsembleLoss s)
    let m = mean l.OfSeeds
    let expected = Math.Log2(predicted s.Set)

    { Claim = $"N = {s.Set.Examples}: the ensemble's cross-entropy is least at B = εN/2 = {predicted s.Set:F0}, to a factor of 2"
      Paper = paper
      Ours = $"B = {2.0 ** m.Mean:F0} [{2.0 ** m.Low:F0}, {2.0 ** m.High:F0}] over {l.OfSeeds.Length} seeds"
      Verdict =
        if l.IsInterior && m.Low > expected - 1.0 && m.High < expected + 1.0 then Holds
        elif abs (m.Mean - expected) < 1.0 then WithinBand
        else Fails }

/// The ensemble's cross-entropy along the batch sizes, beside the paper's, where the grid has them.
let along (paper: (int * float) list) (s: Swept) : Claim =
    let shown =
        [ for batch, scores in List.zip s.Set.BatchSizes s.Scores -> batch, mean (scores |> List.map _.EnsembleLoss) ]

    // how much worse than at the best: what a change of features does not change
    let least = shown |> List.map (fun (_, m) -> m.Mean) |> List.min
    let paperLeast = paper |> List.map snd |> List.min

    let both =
        [ for batch, value in paper do
              match List.tryFind (fst >> (=) batch) shown with
              | Some(_, m) -> (value - paperLeast), (m.Mean - least)
              | None -> () ]

    { Claim = $"N = {s.Set.Examples}: how far the cross-entropy rises towards both ends, to 0.05 nats"
      Paper = (paper |> List.map (fun (batch, value) -> $"{value} at {batch}") |> String.concat ", ") + " (by eye)"
      Ours = shown |> List.map (fun (batch, m) -> $"{m.Mean:F3} at {batch}") |> String.concat ", "
      Verdict =
        if both.Length < 3 then NotTestable
        elif both |> List.forall (fun (a, b) -> abs (a - b) < 0.05) then Holds
        elif both |> List.forall (fun (a, b) -> abs (a - b) < 0.15) then WithinBand
        else Fails }

let ensembleWins (s: Swept) : Claim =
    let gains =
        [ for scores in s.Scores -> difference (scores |> List.map _.EnsembleLoss) (scores |> List.map _.SingleLoss) ]

    let worst = gains |> List.minBy _.Low

    { Claim = $"N = {s.Set.Examples}: the ensemble is better than its samples at every B below N"
      Paper = "it is (Figs 4b and 5)"
      Ours = $"least gain in cross-entropy {short worst}"
      Verdict =
        let below = List.zip s.Set.BatchSizes gains |> List.filter (fun (b, _) -> b < s.Set.Examples)

        if below |> List.forall (fun (_, g) -> g.Low > 0.0) then Holds
        elif below |> List.forall (fun (_, g) -> g.Mean > 0.0) then WithinBand
        else Fails }

let setting =
    $"{data.Name}, projected to {hidden.Features} features, one hidden layer of {hidden.Width} ReLU ({parameters} parameters), ε = {hidden.LearningRate}, λ = {hidden.Regulariser}, \
      δ = {hidden.Damping}, Fisher information from batches of {hidden.FisherExamples} with one sampled label each; {hidden.BurnIn} updates of burn-in, {hidden.Samples} samples, \
      {hidden.Seeds} seeds of data, weights and batches ({arguments.Profile} profile)"

let origin (swept: Swept list) =
    let all = swept |> List.collect _.Scores |> List.concat

    provenance $"1 to {hidden.Seeds}" $"{data.Name}, sha256 {data.Hash}" clock
    @ [ ("diverged, counted as guesses", $"{all |> List.filter _.Diverged |> List.length} of {all.Length} chains") ]
