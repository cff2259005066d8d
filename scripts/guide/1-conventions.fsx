(**
---
title: Conventions
category: Guide
index: 1
---

# Conventions

Six papers and every framework write the same things differently. This page fixes what we mean, and shows by numbers what a slip costs. Each page of this guide is a script:
`dotnet build Research.sln -c Release && dotnet fsi scripts/guide/1-conventions.fsx` runs it, and it fails if a number on it is wrong.
*)

(*** hide ***)
#load "../expect.fsx"
#r "../../src/NoiseScale.Cli/bin/Release/net10.0/TorchSharp.dll"
#r "../../src/NoiseScale.Cli/bin/Release/net10.0/MathNet.Numerics.dll"
#r "../../src/NoiseScale.Cli/bin/Release/net10.0/DiffSharp.dll"
#r "../../src/NoiseScale.Cli/bin/Release/net10.0/NoiseScale.Schedules.dll"
#r "../../src/NoiseScale.Cli/bin/Release/net10.0/NoiseScale.Theory.dll"

open Expect

(** *)
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.GradientNoise

(**
## Cost: a mean, unless its name says otherwise

_Don't Decay the Learning Rate_, _A Bayesian Perspective_ and _Stochastic Natural Gradient Descent_ sum the cost over the N examples and divide the learning rate by N;
_Implicit Regularization_, and every framework, take the mean. Ours is the mean, C = (1/N)·Σ Cᵢ, with the update w ← w − ε·∇Ĉ, which is the same update. A function that takes
a summed cost says so. The two differ where a prior comes in: the L2 coefficient λ of a summed cost is λ/N of a mean one.

## Noise scale: exact, or linear

One quantity sets the noise of SGD: g = ε/(1−m)·(N/B − 1). For B ≪ N people write g ≈ εN/(B(1−m)). The exact form is our default: it vanishes at full batch, where there is no noise.
*)

let at form batch = (NoiseScale.ofParts form 1000.0 batch 0.1).Value

show "N = 1000, ε = 0.1, B = 100, exact" (at Form.Exact 100.0) 0.9
show "the same, linear" (at Form.Linear 100.0) 1.0
show "full batch, exact" (at Form.Exact 1000.0) 0.0
show "full batch, linear" (at Form.Linear 1000.0) 0.1

(*** include-output ***)

(**
So "double ε, double B" keeps g only as long as N/B is large. What keeps it exactly is B = N/(1 + g/ε):
*)

let exactly = NoiseScale.batchSizeFor Form.Exact 1000L<example> 0.2 (NoiseScale 0.9)
show "at ε = 0.2 the batch of g = 0.9 is not 200 but" exactly (1000.0 / 5.5)
show "g there" (at Form.Exact exactly * 2.0) 0.9
show "g at ε = 0.2, B = 200" (at Form.Exact 200.0 * 2.0) 0.8

(*** include-output ***)

(**
## Temperature: a type a meaning

A bare number called temperature is a bug. Ours are types, and are converted by name.

| type | written | means |
|---|---|---|
| `NoiseScale` | g = ε/(1−m)·(N/B − 1) | of the stochastic differential equation, summed cost (_Don't Decay_, _A Bayesian Perspective_) |
| `PosteriorTemperature` | T = g/2, exactly | SGD samples e^(−C/T) with C summed; T = 1 is the posterior (_Natural Gradient_) |
| `StepTemperature` | T = ε/((1−m)B) | variance of an update, mean cost (_Implicit Regularization_) |
| `LikelihoodTemperature` | p(y given w)^(1/T)·p(w) | the likelihood alone is tempered, the prior left as it is |
*)

let schedule =
    Syntax.parse "lr 0.1; batch 100; momentum 0.9; epochs 10; examples 1000" |> ScheduleError.orFail

show "g" (NoiseScale.at Form.Exact 0.0<epoch> schedule).Value 9.0
show "T of the posterior" (NoiseScale.posteriorTemperatureAt 0.0<epoch> schedule).Value 4.5
show "T of a step" (NoiseScale.stepTemperatureAt 0.0<epoch> schedule).Value 0.01

(*** include-output ***)

(**
## Covariance of a gradient: which denominator

The gradients of the N examples scatter about their mean G. _A Bayesian Perspective_ divides their squares by N − 1, _Implicit Regularization_ by N; with the first the covariance
of a minibatch's gradient is (1/B)(1 − B/N)·Σ, with the second (N − B)/((N − 1)B)·S. Both are exact, and are the same matrix:
*)

let gradients =
    dsharp.tensor ([ [ 1.0; 0.0 ]; [ 0.0; 2.0 ]; [ -1.0; 1.0 ]; [ 4.0; 1.0 ] ], dtype = Dtype.Float64)

let moments = FiniteSample.ofGradients gradients |> orFail
let factor draw = FiniteSample.covarianceFactor draw 4L 2L

show "Γ, denominator N" moments.Gamma 4.0
show "tr Σ, denominator N − 1" moments.TraceOfCovariance (16.0 / 3.0)
show "of two from four, by N" (factor BatchDraw.WithoutReplacement * moments.Gamma) (4.0 / 3.0)
show "of two from four, by N − 1" ((1.0 / 2.0) * (1.0 - 2.0 / 4.0) * moments.TraceOfCovariance) (4.0 / 3.0)

(*** include-output ***)

(**
and what all six pairs of examples give when they are enumerated:
*)

let pairs =
    [ for i in 0..3 do
          for j in i + 1 .. 3 -> (gradients[i] + gradients[j]) / 2.0 ]

let mean = gradients.mean 0
show "enumerated" (pairs |> List.averageBy (fun pair -> float ((pair - mean).norm() ** 2))) (4.0 / 3.0)

(*** include-output ***)

(**
## Sampling: three schemes

_Reshuffled epochs_ visit every example once an epoch (_Implicit Regularization_, and what data loaders do). _Without replacement_ draws every batch anew from all N (_A Bayesian
Perspective_, _Natural Gradient_). _With replacement_ draws every example anew. The noise of one batch is the same in the first two; what a whole epoch does is not, and
[the modified loss](3-what-sgd-follows.html) of the third has no term in ε/B.
*)

show "of two from four, with replacement" (factor BatchDraw.WithReplacement * moments.Gamma) 2.0

(*** include-output ***)

(**
## Momentum: three forms

| `MomentumConvention` | update | found in |
|---|---|---|
| `LearningRateOutside` | v ← m·v + ĝ, w ← w − ε·v | PyTorch with dampening 0, _Don't Decay_ |
| `LearningRateInside` | v ← m·v + ε·ĝ, w ← w − v | TensorFlow, Caffe |
| `Dampened` | v ← m·v + (1−m)·ĝ, w ← w − ε·v | PyTorch with dampening = m, Adam's first moment |

The first two agree while ε stays, and part at every change of it. In the third momentum does not accelerate: its effective learning rate is ε, not ε/(1−m), and the law
B ∝ 1/(1−m) does not hold for it; asked to use it, the library refuses.
*)

let effective convention = NoiseScale.effectiveLearningRate (Optimizer.HeavyBall convention) 0.1 0.9
show "ε/(1−m), PyTorch" (effective MomentumConvention.LearningRateOutside) 1.0
show "the same, dampened" (effective MomentumConvention.Dampened) 0.1

(*** include-output ***)

(**
Nine tenths and ninety-eight hundredths are not numbers of a computer; 1 − m is rounded once, from the decimal that was written, so that 640 becomes 3200 and not 3199.99…
*)

show "1/(1 − 0.98)" (1.0 / Momentum.complement 0.98) 50.0
show "B of m = 0.9 for m = 0.98" (640.0 * Momentum.complement 0.9 / Momentum.complement 0.98) 3200.0

(*** include-output ***)

(**
## Time: epochs of data seen

Everything is a function of epochs, never of the update's number, which means something else as soon as the batch changes. A _plan_ says which updates that makes. In F# the units are
part of the types: `60.0<epoch>`, `50000L<example>`.
*)

let updates text = Syntax.parse text |> ScheduleError.orFail |> Plan.ofSchedule |> _.Updates |> float
show "0.4 epochs of 1000 in batches of 100" (updates "lr 0.1; batch 100; momentum 0; epochs 0.4; examples 1000") 4.0
show "two epochs, the second in batches of 250" (updates "lr 0.1; batch 100 -> 250 @1; momentum 0; epochs 2; examples 1000") 14.0

(*** include-output ***)
