(**
---
title: Sampling
category: Guide
index: 6
---

# What does SGD sample?

Noise has a temperature. Natural gradient descent on minibatches samples e^(−C/T), C the _summed_ cost with its prior, at T = (ε/2)(N/B − 1) = g/2
(_Stochastic Natural Gradient Descent Draws Posterior Samples in Function Space_; Smith, Duckworth, Rezchikov, Le, Sohl-Dickstein; 2018). T = 1 is the posterior.
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
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Sampling

TorchRuntime.Ensure()
let sampled result = SamplingFault.orFail result

(**
## A batch size is a temperature

B = N/(2T/ε + 1). For N = 400 and ε = 0.1 the posterior wants 19.05 examples, and 19 sample at a little more than 1:
*)

let examples, learningRate = 400, 0.1

let wanted =
    Temperature.batchSizeFor Form.Exact examples learningRate (PosteriorTemperature 1.0) |> sampled

let batch, temperature =
    Temperature.roundedBatchSizeFor examples learningRate (PosteriorTemperature 1.0) |> sampled

show "batch for T = 1" wanted (400.0 / 21.0)
show "rounded" (float batch) 19.0
show "its temperature" temperature.Value (0.05 * (400.0 / 19.0 - 1.0))

(*** include-output ***)

(**
## Whole posterior, or likelihood only

Tempering the posterior at T also sharpens the prior; tempering the likelihood alone does not. The first at T is the second at T with the prior's precision λ/T:
*)

let likelihood, lambda = Temperature.toLikelihood (PosteriorTemperature 0.25) 1.0
show "T of the likelihood" likelihood.Value 0.25
show "its λ" lambda 4.0

(*** include-output ***)

(**
## Sampling logistic regression

Two inputs, 400 examples, a prior of precision 1. Sixteen chains of minibatch natural gradient descent from the truth; what they should find comes from a sum over a grid.
*)

let generator = Generator 3L
let x = dsharp.randn ([ examples; 2 ], dtype = Dtype.Float64, generator = generator)
let truth = dsharp.tensor ([ 2.0; -1.0 ], dtype = Dtype.Float64)
let y = ((x.matmul truth).sigmoid().bernoulli(generator = generator)).cast Dtype.Float64
let chains = ChainModel.ofLinear (LinearModel.create Likelihood.Bernoulli false x y)
let target = ChainModel.target chains |> Target.withPrior (Prior.OfPrecision 1.0)

let fisher =
    FisherMetric.create { Kind = FisherKind.Model; Damping = 1e-4; Examples = None } chains |> sampled

/// Mean and variance of w₁ under e^(−C/T).
let exactly (temperature: float) =
    let axis centre = dsharp.linspace (centre - 2.0, centre + 2.0, 201, dtype = Dtype.Float64)
    let a, b = axis 2.0, axis -1.0
    let spread (t: Tensor) = (t.expand [ 201; 201 ]).reshape [ -1 ]
    let grid = dsharp.stack ([| spread (a.unsqueeze 1); spread (b.unsqueeze 0) |], 1)
    let logs = (target.Cost grid) / -temperature
    let weights = (logs - logs.max ()).exp()
    let mean (v: Tensor) = float ((weights * v).sum() / weights.sum ())
    let centre = mean grid[*, 0]
    centre, mean ((grid[*, 0] - centre) * (grid[*, 0] - centre))

let sample batch =
    let settings: NaturalGradientSettings = { LearningRate = learningRate; BatchSize = batch; Seed = 1L }
    let sampler = NaturalGradient.minibatch fisher settings target |> sampled
    let plan = { BurnIn = 200L; Thinning = 5; Samples = 300; LargestParameter = 1e3 }
    let run = Chains.run plan sampler (Chains.startAt 16 truth) |> sampled
    sampler.Temperature.Value, ChainSummary.ofDraws (Draws.ofTensor (run.Samples[*, *, 0].transpose())) |> orFail

for batch in [ 60; 33; 19 ] do
    let temperature, summary = sample batch
    let mean, variance = exactly temperature
    printfn $"B = {batch}, T = {temperature:g4}, R̂ = {summary.Rhat:F3}"
    within 0.05 "mean of w₁" summary.Mean.Value mean
    within (0.25 * variance) "variance of w₁" summary.Variance.Value variance
    holds "the chains agree" (summary.Rhat < 1.05)

(*** include-output ***)

(**
The tolerance is no slackness of the test: the theorem holds as ε goes to 0, and ε is 0.1. Smaller batches are hotter, and the variance follows; at much smaller ones, where the minibatches' noise is no longer normal and
steps are long against the posterior, it does not.

`noisescale sample` compares such samplers, and `PosteriorModel` (C#) draws samples and predicts with all of them.
*)
