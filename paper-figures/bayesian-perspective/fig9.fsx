// Fig 9: the gradient of one softmax parameter at the start, of single examples and of minibatches: the minibatches' is nearer to a normal law.
#load "experiment.fsx"

open System
open System.Diagnostics
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.GradientNoise
open NoiseScale.Training.Runs
open Panel
open Claims
open Settings
open Seeds
open Experiment

let private clock = Stopwatch.StartNew()

/// One network and one weight of its last layer for every seed: class 0's weight from the hidden unit that is most active over the examples.
let private gradientsOf (seed: int64) : float[] =
    let network =
        [ yield! Layer.dense data.Train.Shape.Length training.Width
          Layer.relu
          yield! Layer.dense training.Width data.ClassCount ]

    dsharp.scope (fun () ->
        use some = data.Take(min data.Train.Count (10 * training.TrainingSetSize), seed)
        let inputs = (TorchTensors.Wrap some.Train.Images).view [ some.Train.Count; -1 ]
        let targets = TorchTensors.Wrap some.Train.Labels
        let generator = Generator seed

        let w =
            Network.shapes network
            |> List.map (fun shape ->
                if shape.Length = 2 then
                    (dsharp.randn (shape, dtype = Dtype.Float32, generator = generator)) * sqrt (2.0 / float shape[1])
                else
                    dsharp.zeros (shape, dtype = Dtype.Float32))
            |> Array.ofList

        let active = ((inputs.matmul (w[0].transpose())).relu().mean(0).argmax())[0]
        let examples = PerExample.ofNetwork (Likelihood.Categorical data.ClassCount) network inputs targets
        let one = w |> Array.map (fun t -> t.zerosLike ())
        one[2] <- (dsharp.onehot (one[2].nelement, active, dtype = Dtype.Float32)).view one[2].shape
        (PerExample.products 1000 one examples w).cast(Dtype.Float64).toArray1D<float>())

let private unwrap result =
    match result with
    | Ok value -> value
    | Error error -> failwith $"{error}"

let private singles = dict [ for seed in training.Seeds -> seed, gradientsOf seed ]

/// Gradients of so many minibatches of B, for a seed; of B = 1, the examples' own.
let private minibatches seed batch =
    Gaussianity.minibatchGradients BatchDraw.WithoutReplacement (int seed) batch profile.Draws singles[seed]

let private samples =
    [ for batch in profile.DrawnBatches -> batch, [ for seed in training.Seeds -> minibatches seed batch ] ]

let private figures =
    [ for batch, drawn in samples -> batch, drawn |> List.map (Gaussianity.ofSample >> unwrap) ]

/// Density of numbers in units of their deviation, from −4 to 4, averaged over seeds.
let private density (drawn: float[] list) =
    let bins, least, width = 64, -4.0, 0.125
    let counts = Array.zeroCreate<float> bins

    for sample in drawn do
        let mean = Array.average sample
        let deviation = sqrt (sample |> Array.averageBy (fun x -> (x - mean) * (x - mean)))

        for x in sample do
            let bin = int (floor (((x - mean) / deviation - least) / width))

            if bin >= 0 && bin < bins then
                counts[bin] <- counts[bin] + 1.0 / (float sample.Length * width * float drawn.Length)

    [| for i in 0 .. bins - 1 -> least + width * (float i + 0.5) |], counts

let private normal =
    let xs = [| -4.0 .. 0.05..4.0 |] in xs, xs |> Array.map (fun x -> exp (-x * x / 2.0) / sqrt (2.0 * Math.PI))

let private meanOf (quantity: Gaussianity -> float) batch =
    figures |> List.find (fun (b, _) -> b = batch) |> snd |> List.map quantity |> mean

let private smallest, largest = profile.DrawnBatches.Head, List.last profile.DrawnBatches

let private closer =
    let distance b =
        figures |> List.find (fun (batch, _) -> batch = b) |> snd |> List.map _.KolmogorovSmirnov |> List.toArray

    let difference = Statistics.PairedDifference(distance smallest, distance largest)

    { Claim = $"gradients of B = {largest} are nearer to a normal law than those of single examples"
      Paper = "visibly more Gaussian (Fig 9, B = 30)"
      Ours =
        $"largest distance of the distribution functions {(meanOf _.KolmogorovSmirnov smallest).Mean:F3} and {(meanOf _.KolmogorovSmirnov largest).Mean:F3}, apart by {interval difference}"
      Verdict = holdsAboveZero (difference.Low, difference.Mean) }

/// A minibatch is drawn from N examples without replacement: for B much less than N its kurtosis is that of independent draws.
let private law =
    let expected = Gaussianity.excessKurtosisOfMean largest (meanOf _.ExcessKurtosis smallest).Mean
    let found = meanOf _.ExcessKurtosis largest

    { Claim = "the excess kurtosis falls as 1/B"
      Paper = "not in the paper: the law of means of independent numbers"
      Ours =
        $"{(meanOf _.ExcessKurtosis smallest).Mean:F1} of single examples, {found.Mean:F2} [{found.Low:F2}, {found.High:F2}] at B = {largest}; 1/B gives {expected:F2}"
      Verdict =
        if found.Low <= expected && expected <= found.High then Holds
        elif abs (found.Mean - expected) < 0.5 * expected then WithinBand
        else Fails }

publish
    { Key = "fig9"
      Title = "Figure 9: gradients of single examples and of minibatches"
      Caption =
        $"The gradient of one weight of the softmax layer at random initial parameters, class 0's from the most active hidden unit: {profile.Draws:N0} draws of each batch size from \
          {singles[training.Seeds.Head].Length:N0} examples; {data.Name}, inputs from 0 to 1, {training.Seeds.Length} networks ({arguments.Profile} profile)."
      Panels =
        [ { panel
                "9  density, in units of the deviation"
                "gradient, standardised"
                "density"
                "Density of the gradient of one softmax weight over single examples and over minibatches, beside the normal density."
                [ for i, (batch, drawn) in List.indexed samples do
                      let xs, ys = density drawn
                      series i $"B = {batch}" xs ys
                  series 3 "normal" (fst normal) (snd normal) ] with
              YRange = Some(0.0, 1.2) } ]
      Claims = [ closer; law ]
      Provenance =
        [ "data", $"{data.Name}, sha256 {data.Hash}"
          "seeds", training.Seeds |> List.map string |> String.concat ", "
          "library", RunSpec.LibraryVersion
          "this run", $"{clock.Elapsed.TotalSeconds:F1} s" ]
      Command = command "fig9" }
