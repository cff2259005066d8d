(**
---
title: Evidence
category: Guide
index: 5
---

# Evidence

Which of two models should the data make us believe? The evidence p(data given model) integrates over the parameters; Laplace's approximation of it is
ln P = −[C(w₀) + ½ Σ ln(λᵢ/λ)], the cost at the minimum with its prior, and the Occam factor: how much narrower the posterior is than the prior
(_A Bayesian Perspective on Generalization and SGD_; Smith, Le; ICLR 2018). The cost here is a _sum_ over the examples, as the posterior has it.
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
open NoiseScale.Theory.Evidence

TorchRuntime.Ensure()
let vector (values: float list) = dsharp.tensor (values, dtype = Dtype.Float64)

(**
## Where it is exact

In linear regression with noise of variance σ² and the prior precision λ, the posterior is normal, and Laplace's approximation is the evidence itself: y is normal with covariance σ²·1 + XXᵀ/λ.
*)

let x = vector [ -1.0; -0.5; 0.0; 0.3; 1.0 ]
let y = vector [ -0.8; -0.6; 0.2; 0.1; 1.1 ]
let noise, lambda = 0.04, 2.0
let features = dsharp.stack ([ x.onesLike (); x ], 1)
let linear = LinearModel.create (Likelihood.Gaussian noise) false features (y.unsqueeze 1)

let evidence lambda model =
    match EvidenceProfile.point ProfileOptions.Default model lambda with
    | Ok point -> point.Report
    | Error error -> failwith $"{error}"

let exactly =
    let identity = dsharp.eye (5, dtype = Dtype.Float64)
    let covariance = noise * identity + features.matmul (features.transpose ()) / lambda
    let quadratic = float (y.dot (covariance.solve y))
    -0.5 * (quadratic + log (float (covariance.det ())) + 5.0 * log (2.0 * System.Math.PI))

let report = evidence lambda linear
within 1e-8 "ln P, Laplace's" report.LogEvidence.Value exactly
show "the Occam factor is what the cost leaves" report.Occam.Value (-report.LogEvidence.Value - report.Cost)

(*** include-output ***)

(**
## Choosing the prior, and the model

The best λ is a maximum of the evidence. Polynomials of rising degree on thirty points of a cubic: under a fixed and vague prior the misfit falls with every degree, and the evidence knows when to stop.
*)

let generator = Generator 2L
let inputs = dsharp.linspace (-1.0, 1.0, 30, dtype = Dtype.Float64)
let curve = 0.3 + 1.2 * inputs - 1.5 * inputs * inputs * inputs
let targets = curve + 0.2 * dsharp.randn ([ 30 ], dtype = Dtype.Float64, generator = generator)
let powers degree = dsharp.stack ([ for k in 0..degree -> if k = 0 then inputs.onesLike () else inputs ** k ], 1)

let weighed =
    [ for degree in 0..6 ->
          let model = LinearModel.create (Likelihood.Gaussian 0.04) false (powers degree) (targets.unsqueeze 1)

          match EvidenceProfile.maximise ProfileOptions.Default 0.01 1e-4 1e4 model with
          | Ok(best, _) -> degree, best.Lambda, best.Report
          | Error(_, error) -> failwith $"{error}" ]

for degree, lambda, report in weighed do
    printfn
        $"degree {degree}: λ = %6.3f{lambda}, misfit %6.2f{report.DataCost}, Occam factor %6.2f{report.Occam.Value}, ln P = %7.2f{report.LogEvidence.Value}"

let best, _, _ = weighed |> List.maxBy (fun (_, _, report) -> report.LogEvidence.Value)
show "degree of the largest evidence" (float best) 3.0

let misfit degree =
    (evidence 1e-3 (LinearModel.create (Likelihood.Gaussian 0.04) false (powers degree) (targets.unsqueeze 1))).DataCost

holds "the misfit alone would go on" (misfit 6 < misfit 3)

(*** include-output ***)

(**
## Against the model that knows nothing

A classifier has a rival that gives every one of n classes the probability 1/n: −ln P = N ln n. Only a model that beats it has learnt anything, and on random labels none should, however well it
fits them: 40 points, 20 features of noise.
*)

let noisy: Tensor = dsharp.randn ([ 40; 20 ], dtype = Dtype.Float64, generator = generator)
let truth = (noisy[*, 0].sign() + 1.0) / 2.0

let random =
    dsharp.tensor ([ for i in 0..39 -> float ((i * 7 + i * i * 3) % 5 % 2) ], dtype = Dtype.Float64)

let ratio (labels: Tensor) lambda = (evidence lambda (LinearModel.create Likelihood.Bernoulli false noisy labels)).RatioToNull.Value

let informative, uninformative = ratio truth 0.3, ratio random 0.3
printfn $"labels that depend on the inputs: ln(evidence ratio) {informative.InFavourOfModel:F2} for the model"
printfn $"labels that do not: ln(evidence ratio) {uninformative.InFavourOfModel:F2}"
holds "the model is believed where labels depend on inputs" informative.ModelFavoured
holds "and not where they do not" (not uninformative.ModelFavoured)
holds "whatever the prior" ([ 0.01; 0.1; 1.0; 10.0; 100.0 ] |> List.forall (fun lambda -> not (ratio random lambda).ModelFavoured))

(*** include-output ***)

(**
`LaplaceEvidence` does this in C#, `noisescale evidence` at the command line; for networks the eigenvalues may come from Lanczos, with error bars.
*)
