// How noisy is a gradient, and which batch size does that make critical? Run it after `dotnet build Research.sln -c Release`:
//   dotnet fsi scripts/measure-a-noise-scale.fsx
#I "../src/NoiseScale.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "MathNet.Numerics.dll"
#r "Fractions.dll"
#r "DiffSharp.dll"
#r "NoiseScale.Theory.dll"

open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.GradientNoise

let unwrap (result: Result<'value, 'error>) = result |> Result.defaultWith (fun error -> failwith $"{error}")

// two moons, and a small network that tells them apart
let count = 400
let generator = Generator 1L
let angle = (dsharp.rand ([ count ], dtype = Dtype.Float64, generator = generator)) * System.Math.PI
let labels = dsharp.tensor ([| for i in 0 .. count - 1 -> i % 2 |], dtype = Dtype.Int64)
let side = 1.0 - 2.0 * labels.cast Dtype.Float64

let inputs =
    dsharp.stack ([ angle.cos () * side + 0.5 * (1.0 - side); angle.sin () * side + 0.25 * (1.0 - side) ], 1)
    + (dsharp.randn ([ count; 2 ], dtype = Dtype.Float64, generator = generator)) * 0.15

let network = [ yield! Layer.dense 2 16; Layer.tanh; yield! Layer.dense 16 2 ]
let examples = PerExample.ofNetwork (Likelihood.Categorical 2) network inputs labels
let mutable w = Network.initialise network generator

let loss =
    Problem.meanLoss (Problem.create (Likelihood.Categorical 2) (Network.predict network) inputs labels)

printfn "per-example gradients by %O" examples.Way
printfn "%8s %10s %12s %12s %10s %22s" "updates" "C" "‖G‖²" "tr Σ" "B_simple" "95 % of 100 batches"

for updates in 0..200 do
    if updates % 40 = 0 then
        // exactly, from the gradient of every example, and as a training run would see it, from micro-batches of sixteen examples
        let moments = PerExample.moments 100 examples w |> unwrap
        let exact = NoiseScaleEstimate.exact moments |> unwrap
        let gradients = PerExample.gradients 100 examples w

        let measurements =
            [ for _ in 1..100 ->
                  let rows = dsharp.randint (0, count, [ 128 ], dtype = Dtype.Int64, generator = generator)
                  let means = (gradients.indexSelect (0, rows)).view([ 8; 16; -1 ]).mean 1
                  NoiseMeasurement.ofMicroBatches QuadraticForm.Identity None (Array.replicate 8 16L) means |> unwrap ]

        let estimate = NoiseScaleEstimate.ofMeasurements 0.95 DenominatorPolicy.Unbounded measurements |> unwrap

        printfn
            "%8d %10.4f %12.3e %12.3e %10.1f %22s"
            updates
            (float (loss w))
            moments.SquaredNorm
            moments.TraceOfCovariance
            (defaultArg exact.Value nan)
            $"[{estimate.Low:F1}, {estimate.High:F1}]"

    w <- Parameters.addScaled -0.5 w (dsharp.grads loss w)

// what the gradients' noise looks like at the end: its largest directions and its tails
let spectrum = CovarianceSpectrum.ofExamples 5 0L 100 examples w |> unwrap

let shares =
    spectrum.Eigenvalues |> Array.map (fun e -> $"{e / spectrum.Total:P0}") |> String.concat ", "

printfn $"the five largest of {count} directions hold {shares} of tr Σ"

let one = w |> Array.map _.zerosLike()
one[2] <- (dsharp.onehot (one[2].nelement, 0, dtype = Dtype.Float64)).view one[2].shape
let single = (PerExample.products 100 one examples w).toArray1D<float>()

for batch in [ 1; 8; 64 ] do
    let g =
        Gaussianity.minibatchGradients BatchDraw.WithReplacement 1 batch 4000 single |> Gaussianity.ofSample |> unwrap

    printfn
        $"one weight's gradient at B = {batch, 2}: excess kurtosis {g.ExcessKurtosis:F2}, distance to a normal law {g.KolmogorovSmirnov:F3}"
