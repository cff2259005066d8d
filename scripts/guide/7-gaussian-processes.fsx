(**
---
title: Gaussian processes and tempering
category: Guide
index: 7
---

# Gaussian processes and tempering

What does a cold posterior, T < 1, believe? In Gaussian-process regression tempering has an exact meaning: the posterior at T is the posterior of another prior, and tuning T is empirical Bayes.
In classification it has none (_Cold Posteriors and Aleatoric Uncertainty_; Adlam, Snoek, Smith; 2020; of which we know the abstract, so the formulas here are derived).
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
open NoiseScale.Theory.GaussianProcess

TorchRuntime.Ensure()
let normal seed (shape: int list) : Tensor = dsharp.randn (shape, dtype = Dtype.Float64, generator = Generator seed)

(**
## Regression: another prior

[p(y given f)·p(f)]^(1/T) with kernel k and noise σ² is the posterior of T·k and T·σ²: the mean stays, all variances are multiplied by T.
*)

let x = normal 1L [ 40; 1 ] * 2.0
let y = (x[*, 0] * 1.5).sin() * 3.0 + normal 2L [ 40 ] * 0.6
let model = GpRegression.fit (Kernel.RadialBasis(1.0, [ 1.0 ])) 0.04 x y |> orFail
let point = dsharp.tensor ([ [ 0.5 ] ], dtype = Dtype.Float64)
let predict model = let p = GpRegression.predict point model in float p.Mean, float p.Variance
let mean, variance = predict model
let cold = Temper.Posterior(PosteriorTemperature 0.25)
let coldMean, coldVariance = predict (Tempering.regression cold model |> orFail)
show "mean at T = 1/4, as at 1" coldMean mean
show "variance at T = 1/4, by that at 1" (coldVariance / variance) 0.25

(*** include-output ***)

(**
The likelihood alone at T is the posterior of k and T·σ², and its mean moves.
*)

let likelihoodMean, _ =
    predict (Tempering.regression (Temper.Likelihood(LikelihoodTemperature 0.25)) model |> orFail)

let lessNoise, _ = predict (GpRegression.fit model.Kernel 0.01 x y |> orFail)
show "likelihood at T = 1/4 is noise σ²/4" likelihoodMean lessNoise
holds "and its mean is another one" (abs (likelihoodMean - mean) > 1e-6)

(*** include-output ***)

(**
## The best temperature is empirical Bayes

ln p(y) of T·k and T·σ² is largest at T* = yᵀ(K + σ²)⁻¹y/N. The data vary more than the prior expects, so T* is above 1; its evidence beats its neighbours'.
*)

let best = Tempering.bestTemperature model
let logEvidence factor = Tempering.logEvidence (PosteriorTemperature(best.Value * factor)) model
printfn $"T* = {best.Value:g4}: ln p(y) = {logEvidence 1.0:F2}, untempered {model.LogEvidence:F2}"
show "T* is the data's fit by N" best.Value (float (y.dot model.Coefficients) / 40.0)
holds "a little colder or hotter is worse" (logEvidence 1.0 > logEvidence 0.9 && logEvidence 1.0 > logEvidence 1.1)
show "evidence at T = 1" (Tempering.logEvidence (PosteriorTemperature 1.0) model) model.LogEvidence

(*** include-output ***)

(**
## Classification: no such prior

Tempered softmax likelihoods are not normalised: the sum over labels of p(y given f)^(1/T) depends on f, and so on where the inputs lie. It is 1 for T = 1 only.
*)

let f = dsharp.tensor ([ [ 0.0; 0.0; 0.0 ]; [ 4.0; 0.0; 0.0 ] ], dtype = Dtype.Float64)
let logZ temperature row = (SoftmaxTempering.logZ (LikelihoodTemperature temperature) f).toArray1D<float>() |> Array.item row
show "ln Z at T = 1, undecided" (logZ 1.0 0) 0.0
show "ln Z at T = 1, decided" (logZ 1.0 1) 0.0
show "ln Z at T = 1/2, undecided: 3·(1/3)²" (logZ 0.5 0) (log (1.0 / 3.0))
let decided = let p = exp 4.0 / (exp 4.0 + 2.0) in log (p * p + 2.0 * ((1.0 - p) / 2.0) ** 2.0)
show "ln Z at T = 1/2, decided" (logZ 0.5 1) decided

(*** include-output ***)

(**
A cold likelihood prefers functions that decide. That is a belief about labels, which a prior over functions can hold, or not: how much entropy it expects in a label is set by the variance of its
logits. Priors in use may well expect labels far noisier than curated data sets have.
*)

let content variance = Aleatoric.content (AleatoricMethod.MonteCarlo(20000, 1L)) 10 variance

let entropies =
    [ for variance in [ 0.1; 1.0; 10.0; 100.0 ] -> (content variance).Entropy.Value / log 10.0 ]

printfn "expected entropy of a label, in units of ln 10, at logit variances 0.1, 1, 10, 100: %A" entropies
holds "the larger the logits, the less noise" (entropies = List.sortDescending entropies)
holds "a prior of small logits expects labels to be almost random" (entropies[0] > 0.95)
within 0.02 "at variance 1, by the entropy of a die of ten sides" (List.item 1 entropies) 0.83

(*** include-output ***)

(**
`noisescale temper` draws the whole curve of a classifier's test loss against T.
*)
