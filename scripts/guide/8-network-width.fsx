(**
---
title: Network width
category: Guide
index: 8
---

# Network width

What should happen to learning rate and batch when a network grows wider? In units of the initial weights the best noise scale, ḡ = ε/(B(1−m)σ²), grows in proportion to the width
(_The Effect of Network Width on Stochastic Gradient Descent and Generalization_; Park, Sohl-Dickstein, Le, Smith; ICML 2019; of which we know the laws, and no numbers).
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
open NoiseScale.Theory.Width

TorchRuntime.Ensure()
let normal (generator: Generator) (shape: int list) : Tensor = dsharp.randn (shape, dtype = Dtype.Float64, generator = generator)
let ok result = ScheduleError.orFail result

(**
## Why σ² is in it

A network with weights W is the same as one with weights W = σ·θ, and training cannot tell them apart but for the learning rate: a step at ε on θ is a step at σ²ε on W. A noise scale that
is to mean the same for both is ε/σ². Five updates of a small loss, in both coordinates:
*)

let loss: Loss = fun w -> (w[0] ** 4).sum() / 4.0 + (w[0] * w[1]).sum() + (w[1] * w[1]).sum()

let start =
    [| dsharp.tensor ([ 0.6; -0.4 ], dtype = Dtype.Float64); dsharp.tensor ([ 0.3; 0.8 ], dtype = Dtype.Float64) |]

let sigma = [| 0.5; 0.1 |]

let train (rates: float[]) loss w =
    Seq.fold
        (fun w _ -> Array.map3 (fun (w: Tensor) (g: Tensor) (rate: float) -> w - g * rate) w (dsharp.grads loss w) rates)
        w
        (seq { 1..5 })

let inWeights = train (Reparametrisation.learningRates RateFamily.Sgd sigma 0.1) loss start

let inTheta =
    train [| 0.1; 0.1 |] (Reparametrisation.loss sigma loss) (Reparametrisation.coordinates sigma start)

let apart =
    Array.map2 (fun (a: Tensor) (b: Tensor) -> float ((a - b).norm())) inWeights (Reparametrisation.weights sigma inTheta)

show "weights apart after five updates" (Array.sum apart) 0.0

(*** include-output ***)

(**
With `Standard` weights σ² is 2/w between hidden layers (He), with `Ntk` it is 1, the factor √(2/w) standing in the forward pass. So ḡ ∝ w says: ε/B stays for `Standard`, and grows with the
width for `Ntk`.
*)

let g256 = NormalisedNoiseScale.ofParts (sqrt (2.0 / 256.0)) 64.0 (0.02 / (1.0 - 0.9))
let g1024 = NormalisedNoiseScale.ofParts (sqrt (2.0 / 1024.0)) 64.0 (0.02 / (1.0 - 0.9))
show "ḡ of one schedule at w = 1024, over that at 256" (g1024.Value / g256.Value) 4.0
show "exponent of (ε/B)_opt, Standard" (Parameterisation.noiseScale Parameterisation.Standard) 0.0
show "exponent of (ε/B)_opt, NTK" (Parameterisation.noiseScale Parameterisation.Ntk) 1.0

(*** include-output ***)

(**
## Which learning rates are stable

What the first update changes in the outputs of a network must not grow with the width. The theory has an exponent for each layer; here the output of a network of one hidden layer, one
step of SGD at ε = 0.001, at widths from 128 to 2048, eight draws of weights each:
*)

let widths = [| 128; 256; 512; 1024; 2048 |]
let x = normal (Generator 1) [ 16; 10 ]
let y = normal (Generator 2) [ 16; 1 ]

/// Root mean square of the change of the output by one step at ε·w^rate for each layer, the last layer's weights ∝ w^outDeviation.
let firstChange (outDeviation: float) (rates: float[]) width (seed: int) =
    let generator = Generator(int64 seed)

    let w =
        [| normal generator [ 10; width ] / sqrt 10.0; normal generator [ width; 1 ] * float width ** outDeviation |]

    let output (w: Tensor[]) = dsharp.matmul (dsharp.relu (dsharp.matmul (x, w[0])), w[1])
    let cost (w: Tensor[]) = ((output w - y) ** 2).mean() / 2.0

    let stepped =
        Array.map3 (fun (w: Tensor) (g: Tensor) rate -> w - g * (0.001 * float width ** rate)) w (dsharp.grads cost w) rates

    sqrt (float (((output stepped - output w) ** 2).mean()))

let exponent measure =
    let logs =
        widths |> Array.map (fun width -> Seq.average [ for seed in 1..8 -> log (measure width seed) ])

    let struct (_, slope) = MathNet.Numerics.Fit.Line(widths |> Array.map (float >> log), logs)
    slope

let expected p = (Coordinates.expected RateFamily.Sgd p 1 LayerRole.Output).Update
show "Standard, by theory" (expected Parameterisation.Standard) 1.0
within 0.2 "Standard, measured" (exponent (firstChange -0.5 [| 0.0; 0.0 |])) 1.0
show "the maximal update, by theory" (expected Parameterisation.MuP) 0.0
within 0.2 "the maximal update, measured" (exponent (firstChange -1.0 [| 1.0; -1.0 |])) 0.0

(*** include-output ***)

(**
So the largest stable ε falls as 1/w for `Standard`; for `Ntk` and for the maximal update (`MuP`: Yang and Hu 2021) it stays. With the best ε/B that fixes the largest useful batch:
∝ 1/w for `Standard` and `Ntk`.

## Moving a schedule

`Width.transfer` does both: the learning rate goes the way of the largest stable one, the noise scale that of the best.
*)

let schedule = Syntax.parse "lr 0.02; batch 64; momentum 0.9; epochs 10; examples 60000" |> ok
let moved p = Width.transfer Form.Linear p 256.0 1024.0 schedule |> ok

for p in [ Parameterisation.Standard; Parameterisation.Ntk; Parameterisation.MuP ] do
    printfn $"{p, -10} {Syntax.print (moved p)}"

show "batch, Standard" (Curve.valueAt 0.0<epoch> (moved Parameterisation.Standard).BatchSize) 16.0
show "learning rate, Standard" (Curve.valueAt 0.0<epoch> (moved Parameterisation.Standard).LearningRate) 0.005
show "batch, NTK" (Curve.valueAt 0.0<epoch> (moved Parameterisation.Ntk).BatchSize) 16.0
show "learning rate, NTK" (Curve.valueAt 0.0<epoch> (moved Parameterisation.Ntk).LearningRate) 0.02

(*** include-output ***)

(**
It moves there and back, and in two steps as in one:
*)

let back =
    Width.transfer
        Form.Exact
        Parameterisation.Standard
        1024.0
        256.0
        (Width.transfer Form.Exact Parameterisation.Standard 256.0 1024.0 schedule |> ok)
    |> ok

show "batch, there and back, exact" (Curve.valueAt 0.0<epoch> back.BatchSize) 64.0

holds
    "Adam's schedules are refused: the law is of SGD"
    (Width.transfer
        Form.Linear
        Parameterisation.Standard
        256.0
        1024.0
        (Syntax.parse "lr 0.001; batch 64; epochs 10; examples 60000; optimizer adam" |> ok)
     |> Result.isError)

(*** include-output ***)

(**
## Does it hold?

On a network: `noisescale width coordinates` and `noisescale width stability` measure the exponents, `noisescale plan … --transfer-width 256:1024` moves a schedule,
`noisescale reproduce network-width` sweeps batch sizes over widths and fits ḡ_opt ∝ w^p with an interval. What we found, where it fails too, stands in `paper-figures/network-width`.
*)
