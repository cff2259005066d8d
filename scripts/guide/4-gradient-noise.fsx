(**
---
title: Gradient noise and the critical batch
category: Guide
index: 4
---

# Gradient noise and the critical batch

How many examples does a gradient need? B_simple = tr Σ/‖G‖² compares the scatter of single examples' gradients, tr Σ, with the square of their mean, G: at B = B_simple a minibatch's
gradient is as much noise as signal (McCandlish et al. 2018).
*)

(*** hide ***)
#load "../expect.fsx"
#I "../../src/NoiseScale.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "MathNet.Numerics.dll"
#r "Fractions.dll"
#r "DiffSharp.dll"
#r "NoiseScale.Schedules.dll"
#r "NoiseScale.Theory.dll"

open Expect

(** *)
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.GradientNoise

TorchRuntime.Ensure()
let generator = Generator 1L
let normal (shape: int list) : Tensor = dsharp.randn (shape, dtype = Dtype.Float64, generator = generator)

(**
## Exactly

Logistic regression of 300 examples on 4 inputs; the gradients of all examples at once, and their first two moments. tr Σ has the denominator N − 1 (see [conventions](1-conventions.html)).
*)

let count = 300
let inputs = normal [ count; 4 ]
let truth = dsharp.tensor ([ 1.0; -1.0; 0.5; 0.0 ], dtype = Dtype.Float64)
let labels = ((inputs.matmul truth).sigmoid().bernoulli(generator = generator)).cast Dtype.Int64
let network = Layer.dense 4 2
let w = Network.initialise network generator
let examples = PerExample.ofNetwork (Likelihood.Categorical 2) network inputs labels
let gradients = PerExample.gradients 100 examples w
let moments = FiniteSample.ofGradients gradients |> orFail
let exact = (NoiseScaleEstimate.exact moments |> orFail).Value.Value
printfn $"‖G‖² = {moments.SquaredNorm:g4}, tr Σ = {moments.TraceOfCovariance:g4}, B_simple = {exact:g4}"
show "B_simple" exact (moments.TraceOfCovariance / moments.SquaredNorm)

(*** include-output ***)

(**
## What a minibatch sees

E‖ĝ‖² = ‖G‖² + f·Γ, f = (N−B)/((N−1)B) without replacement: an identity, which a mean over minibatches approaches.
*)

let batch = 20

let seen =
    List.average
        [ for _ in 1..4000 ->
              let rows = (dsharp.randperm (count, generator = generator))[0 .. batch - 1]
              float (((gradients.indexSelect (0, rows)).mean 0).norm()) ** 2.0 ]

let identity = FiniteSample.minibatchSquaredNorm BatchDraw.WithoutReplacement batch moments
within (0.03 * identity) "E‖ĝ‖², over 4000 minibatches of 20" seen identity

(*** include-output ***)

(**
So ‖ĝ‖² overstates ‖G‖², and a noise scale from one minibatch, or a ratio of averages that are not corrected, is biased.

## From training

A training run does not have single examples' gradients, but it has micro-batches: the differences between them estimate tr Σ, their mean ‖G‖², both without bias, and the ratio of the two
averages comes with an interval (Fieller's). Here 200 measurements of 8 micro-batches of 16:
*)

let measurements =
    [ for _ in 1..200 ->
          let rows = dsharp.randint (0, count, [ 128 ], dtype = Dtype.Int64, generator = generator)
          let means = (gradients.indexSelect (0, rows)).view([ 8; 16; -1 ]).mean 1
          NoiseMeasurement.ofMicroBatches QuadraticForm.Identity None (Array.replicate 8 16L) means |> orFail ]

let estimate = NoiseScaleEstimate.ofMeasurements 0.99 DenominatorPolicy.Unbounded measurements |> orFail
printfn $"99 %% interval [{estimate.Low:F1}, {estimate.High:F1}], exactly {exact:F1}"
holds "the interval covers B_simple" (estimate.Low < exact && exact < estimate.High)

(*** include-output ***)

(**
## What a batch size buys

Reaching some loss takes S updates and E = S·B examples with (S/S_min − 1)(E/E_min − 1) = 1: at the critical batch B = E_min/S_min twice the least of both. Beyond it, updates are hardly saved.
*)

let tradeOff = CriticalBatch.create 1000.0 64000.0
show "critical batch" tradeOff.BatchSize 64.0
show "updates there, of at least 1000" (tradeOff.Updates 64.0) 2000.0
show "updates at ten times that batch" (tradeOff.Updates 640.0) 1100.0
show "examples at ten times that batch, of at least 64 000" (tradeOff.Examples 640.0) 704000.0

(*** include-output ***)

(**
The best learning rate for one step is ε_max/(1 + B_noise/B): it grows with the batch while that is small, B ∝ ε, and not at all beyond.
*)

let best = CriticalBatch.optimalLearningRate 1.0 64.0
within 0.05 "small batches: twice the batch, times" (best 2.0 / best 1.0) 2.0
within 0.06 "large batches: twice the batch, times" (best 2048.0 / best 1024.0) 1.0

(*** include-output ***)

(**
In a TorchSharp loop `GradientNoiseMonitor` (C#) measures this as training goes; `noisescale noise` does it for a perceptron; `--hessian` adds B_noise = tr(HΣ)/GᵀHG.
*)
