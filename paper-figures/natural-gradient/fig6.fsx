// Fig 6: a convolutional network sampled by natural gradient descent with an averaged Fisher information: cross-entropy against temperature, for several ε and several N.
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
open Panel
open Claims
open Settings
open Seeds
open Running

let private convolutional = profile.Convolutional
let private clock = Stopwatch.StartNew()

let private data =
    use whole = Figure.dataSet arguments
    whole.InUnitRange()

requireTrainingImages data (List.max (convolutional.Examples :: convolutional.Sizes))

let private channels = convolutional.Channels

/// Three convolutions 3×3 with stride 2 and padding 1, without biases, then softmax: of 28×28 images 16 positions are left. With 10 channels 1890 + 1600 = 3490 parameters.
let private network: Network =
    let convolution inputs =
        Layer.Convolution
            { Inputs = inputs
              Outputs = channels
              Kernel = 3, 3
              Stride = 2, 2
              Padding = 1, 1 }

    let halved size = (size + 1) / 2
    let left size = halved (halved (halved size))

    [ convolution data.Train.Shape.Channels
      Layer.relu
      convolution channels
      Layer.relu
      convolution channels
      Layer.relu
      Layer.flatten
      Layer.Linear(channels * left data.Train.Shape.Height * left data.Train.Shape.Width, data.ClassCount) ]

let private parameters = Network.shapes network |> List.sumBy (List.fold (*) 1)
let private kind = Likelihood.Categorical data.ClassCount
let private images (set: ImageSet) = TorchTensors.Wrap set.Images
let private labels (set: ImageSet) = TorchTensors.Wrap set.Labels

let private permutation (count: int) (seed: int64) =
    dsharp.randperm (count, dtype = Dtype.Int64, device = Device.CPU, generator = Generator(seed, Device.CPU))

/// Where chains start: SGD on the full training set, learning rate 0.1, batches of 64 from one stream, He-normal weights.
let private train (seed: int64) : float32[] =
    let generator = Generator(seed, Device.CPU)

    let mutable w =
        Network.shapes network
        |> List.map (fun shape ->
            let fanIn = shape.Tail |> List.fold (*) 1
            (dsharp.randn (shape, dtype = Dtype.Float32, device = Device.CPU, generator = generator)) * sqrt (2.0 / float fanIn))
        |> List.toArray

    for _ in 1 .. convolutional.Pretraining do
        w <-
            dsharp.scope (fun () ->
                let rows =
                    dsharp.randint (0, data.Train.Count, [ 64 ], dtype = Dtype.Int64, device = Device.CPU, generator = generator)

                let x, y = (images data.Train).indexSelect(0, rows), (labels data.Train).indexSelect(0, rows)
                let loss (w: Tensor[]) = (Likelihood.costs kind (Network.predict network w x) y).mean()
                Parameters.addScaled -0.1 w (dsharp.grads loss w))

    (Parameters.flatten w).toFlatArray<float32>()

let private starts =
    [| for seed in 1L .. int64 convolutional.Seeds ->
           let key = $"{data.Hash} start channels {channels} updates {convolutional.Pretraining} seed {seed}"
           Cache.cached arguments "start" key (fun () -> train seed) |]

/// A cell of the figure; its batch size is the nearest to N/(2T/ε + 1).
type private Cell = { Examples: int; LearningRate: float; LogTemperature: float; BatchSize: int }

type Scored =
    {
        Loss: float
        SingleLoss: float
        Accuracy: float
        /// the chain ran away; what it would have predicted counts as a guess
        Diverged: bool
    }

let private cell (n: int) (rate: float) log2T =
    let batch = int (Math.Round(float n / (2.0 * 2.0 ** log2T / rate + 1.0)))

    if batch < 1 then
        None
    else
        Some { Examples = n; LearningRate = rate; LogTemperature = log2T; BatchSize = batch }

let private updatesOf (c: Cell) = max 2 (int (convolutional.RateTimesUpdates / c.LearningRate))

let private testing =
    lazy
        (let count = min convolutional.TestExamples data.Test.Count
         (images data.Test)[.. count - 1], (labels data.Test)[.. count - 1])

let private sample (report: int64 -> unit) (c: Cell) (seed: int64) : Scored =
    let rows = (permutation data.Train.Count (100L + seed))[.. c.Examples - 1]
    let x, y = (images data.Train).indexSelect(0, rows), (labels data.Train).indexSelect(0, rows)
    let model = ChainModel.ofNetwork kind network x y

    let metric =
        FisherMetric.create
            { Kind = FisherKind.MonteCarlo 1
              Damping = convolutional.Damping
              Examples = Some(min c.Examples convolutional.FisherExamples) }
            model
        |> Result.bind (Metric.averaged (Metric.averageCoefficient c.LearningRate))
        |> SamplingFault.orFail

    let sampler =
        NaturalGradient.minibatch
            metric
            { LearningRate = c.LearningRate; BatchSize = c.BatchSize; Seed = seed }
            (ChainModel.target model |> Target.withPrior (Prior.OfPrecision convolutional.Regulariser))
        |> SamplingFault.orFail

    let updates = updatesOf c
    let averaged = max 1 (int (Math.Round(convolutional.Averaged * float updates)))
    let start = dsharp.tensor (starts[int seed - 1], dtype = Dtype.Float32, device = Device.CPU)

    match tryChains report (updates - averaged) averaged sampler (Chains.startAt 1 start) with
    | Error _ ->
        { Loss = log (float data.ClassCount)
          SingleLoss = log (float data.ClassCount)
          Accuracy = 1.0 / float data.ClassCount
          Diverged = true }
    | Ok samples ->
        let testX, testY = testing.Value
        let score = Ensemble.score model 5 samples testX testY

        { Loss = score.Ensemble.CrossEntropy
          SingleLoss = score.Single.CrossEntropy
          Accuracy = Option.get score.Ensemble.Accuracy
          Diverged = false }

let private curvesOf (n: int) rate = convolutional.Temperatures |> List.choose (cell n rate)

let private byRate =
    convolutional.LearningRates |> List.map (fun rate -> rate, curvesOf convolutional.Examples rate)

let private bySize = convolutional.Sizes |> List.map (fun n -> n, curvesOf n convolutional.LearningRate)
let private cells = (byRate |> List.collect snd) @ (bySize |> List.collect snd) |> List.distinct

let private scores =
    let jobOf (c: Cell) seed =
        { Key =
            $"{data.Hash} conv {c.Examples} {c.LearningRate} {c.LogTemperature} {c.BatchSize} seed {seed} channels {channels} delta {convolutional.Damping} lambda \
              {convolutional.Regulariser} fisher {convolutional.FisherExamples} rate-times-updates {convolutional.RateTimesUpdates} averaged {convolutional.Averaged} \
              start {convolutional.Pretraining} test {convolutional.TestExamples}"
          Updates = int64 (updatesOf c)
          Compute = fun report -> sample report c (int64 seed) }

    testing.Force() |> ignore

    [ for c in cells do
          for seed in 1 .. convolutional.Seeds -> jobOf c seed ]
    |> runJobs "Figure 6" "convolutional"
    |> List.chunkBySize convolutional.Seeds
    |> List.zip cells
    |> dict

let private losses (cells: Cell list) = cells |> List.map (fun c -> scores[c] |> List.map _.Loss)
let private temperatures (cells: Cell list) = cells |> List.map (fun c -> 2.0 ** c.LogTemperature)

let private lossPanel title text (curves: (string * Cell list) list) : Panel =
    { panel
          title
          "temperature T"
          "test cross-entropy of the ensemble"
          text
          [ for i, (name, cells) in List.indexed curves -> curve i name (temperatures cells) (losses cells) ] with
        LogX = true
        LogY = true }

/// Values at one log₂ T of a curve.
let private at log2T (cells: Cell list) =
    cells |> List.tryFind (fun c -> c.LogTemperature = log2T) |> Option.map (fun c -> scores[c] |> List.map _.Loss)

let private rises (name: string) (cells: Cell list) : Claim =
    let hottest = List.last cells
    let best = cells |> List.minBy (fun c -> scores[c] |> List.averageBy _.Loss)
    let rise = difference (scores[best] |> List.map _.Loss) (scores[hottest] |> List.map _.Loss)

    { Claim = $"{name}: too hot is worse: the cross-entropy at the hottest T is above the least"
      Paper = "above .2 by T = 16 from about .1 (Fig 6a, by eye)"
      Ours = $"by {short rise} at T = {2.0 ** hottest.LogTemperature:G3}; least at T = {2.0 ** best.LogTemperature:G3}"
      Verdict = holdsAboveZero (rise.Low, rise.Mean) }

/// T = 1 costs at most so many nats more than the best T of the grid.
let private nearOptimal (name: string) (cells: Cell list) : Claim list =
    match at 0.0 cells with
    | None -> []
    | Some atOne ->
        let best = cells |> List.minBy (fun c -> scores[c] |> List.averageBy _.Loss)
        let excess = difference (scores[best] |> List.map _.Loss) atOne

        [ { Claim = $"{name}: T = 1 is as good as the best T, to 0.05 nats"
            Paper = "about .095 to .10 at T = 1, .10 at 1/16, .11 to .125 at 4 (Fig 6a, by eye)"
            Ours = $"{short excess} above the best, which is at T = {2.0 ** best.LogTemperature:G3}"
            Verdict =
              if excess.High < 0.05 then Holds
              elif excess.Low < 0.05 then WithinBand
              else Fails } ]

let private alike: Claim list =
    match byRate |> List.choose (fun (rate, cells) -> at 0.0 cells |> Option.map (fun losses -> rate, losses)) with
    | _ :: _ :: _ as all ->
        let (slow, a), (fast, b) = List.minBy fst all, List.maxBy fst all
        let gap = difference a b

        [ { Claim = $"at one T the learning rate hardly matters: ε = {slow} and {fast} at T = 1, to 0.05 nats"
            Paper = "the curves of ε = .01, .05 and .1 nearly coincide up to T = 4 (Fig 6a, by eye)"
            Ours = $"apart by {short gap}"
            Verdict =
              if gap.Low > -0.05 && gap.High < 0.05 then Holds
              elif gap.Low < 0.05 && gap.High > -0.05 then WithinBand
              else Fails } ]
    | _ -> []

/// The paper's values at T = 1/16 and 1, by N.
let private eyed =
    dict [ 512, (0.466, 0.56); 1024, (0.34, 0.37); 2048, (0.26, 0.265); 4096, (0.157, 0.16); 8192, (0.102, 0.095) ]

let private cold: Claim list =
    [ for n, cells in bySize do
          match at -4.0 cells, at 0.0 cells with
          | Some coldest, Some atOne ->
              let gain = difference coldest atOne

              let paper =
                  match eyed.TryGetValue n with
                  | true, (c, one) -> $"{c} at T = 1/16, {one} at T = 1 (Fig 6b, by eye)"
                  | _ -> "not in the paper"

              { Claim = $"N = {n}: T = 1 against T = 1/16"
                Paper = paper
                Ours = $"{interval (mean coldest)} and {interval (mean atOne)}; T = 1 worse by {short gain}"
                Verdict =
                  match eyed.TryGetValue n with
                  | true, (c, one) when channels = 10 && arguments.Profile <> "rehearsal" ->
                      if (gain.Low > 0.0) = (one > c) && (gain.Low > 0.0 || gain.High < 0.0) then
                          Holds
                      elif gain.Low <= 0.0 && gain.High >= 0.0 then
                          WithinBand
                      else
                          Fails
                  | _ -> NotTestable }
          | _ -> () ]

publish
    { Key = "fig6"
      Title = "Figure 6: a convolutional network against temperature"
      Caption =
        $"{data.Name}: three convolutions 3×3 of {channels} channels with stride 2 and softmax, {parameters} parameters, no biases; λ = {convolutional.Regulariser}, δ = {convolutional.Damping}, \
          Fisher information averaged with α = 0.95^(ε/0.001) over batches of {convolutional.FisherExamples} with one sampled label; B = [N/(2T/ε + 1)]; {convolutional.RateTimesUpdates:G4}/ε updates \
          from {convolutional.Pretraining} of SGD, the last {100.0 * convolutional.Averaged:G3} %% averaged; {convolutional.Seeds} seeds ({arguments.Profile} profile)."
      Panels =
        [ lossPanel
              $"6a  N = {convolutional.Examples}, several learning rates"
              "Test cross-entropy of the ensemble against temperature for several learning rates."
              [ for rate, cells in byRate -> $"ε = {rate}", cells ]
          lossPanel
              $"6b  ε = {convolutional.LearningRate}, several N"
              "Test cross-entropy of the ensemble against temperature for several sizes of the training set."
              [ for n, cells in bySize -> $"N = {n}", cells ] ]
      Claims =
        [ for rate, cells in byRate do
              yield! nearOptimal $"ε = {rate}" cells
              rises $"ε = {rate}" cells
          yield! alike
          yield! cold ]
      Provenance =
        provenance $"1 to {convolutional.Seeds}" $"{data.Name}, sha256 {data.Hash}" clock
        @ [ ("diverged, counted as guesses",
             $"{scores.Values |> Seq.concat |> Seq.filter _.Diverged |> Seq.length} of {scores.Values |> Seq.sumBy List.length} chains") ]
      Command = command "fig6" }
