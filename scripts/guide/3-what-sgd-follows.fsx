(**
---
title: What SGD follows
category: Guide
index: 3
---

# What SGD follows: backward error and modified losses

An optimizer with a finite learning rate does not follow the gradient flow of its cost. To an order in ε it follows the gradient flow of another one, its _modified loss_
(_On the Origin of Implicit Regularization in SGD_; Smith, Dherin, Barrett, De; ICLR 2021). The library derives that loss, exactly, term by term.
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
open NoiseScale.Theory.BackwardError

TorchRuntime.Ensure()
let vector (values: float list) = [| dsharp.tensor (values, dtype = Dtype.Float64) |]
let distance (a: Tensor[]) (b: Tensor[]) = float ((a[0] - b[0]).norm())

(**
## Gradient descent

The gradient flow of C̃ = C + (ε/4)‖∇C‖² stays closer to gradient descent than that of C does. On C = a·w²/2 everything can be written down: a step multiplies w by 1 − εa, so that the
true flow has the rate −ln(1 − εa)/ε = a(1 + εa/2 + …), and a(1 + εa/2)w is the gradient of C̃.
*)

let parabola: Loss = fun w -> (w[0] * w[0]).sum() * 1.5 // a = 3
let modified = ModifiedLoss.derive 2 ModifiedEquation.gradientDescent
let slope = modified.Gradient(0.1, [| parabola |], vector [ 2.0 ])
show "a(1 + εa/2)·w at a = 3, ε = 0.1, w = 2" (float (slope[0].sum())) (3.0 * (1.0 + 0.15) * 2.0)

(*** include-output ***)

(**
Each further order of the modified equation brings the flow nearer by a factor ε. So halving ε, for the same time, should halve the distance between gradient descent and the gradient flow, and
divide that to the flow of order 2 by four, of order 3 by eight. The order is measured, as a slope:
*)

let loss: Loss = fun w -> (w[0] ** 4).sum() / 4.0 + w[0][0] * w[0][1]
let start = vector [ 0.6; -0.4 ]

let descend learningRate =
    let step w = Parameters.addScaled -learningRate w (dsharp.grads loss w)
    Seq.fold (fun w _ -> step w) start (seq { 1 .. int (round (1.0 / learningRate)) })

let missed order learningRate =
    let flow = ModifiedFlow.at ModifiedEquation.gradientDescent order learningRate [| loss |]
    distance (descend learningRate) (ModifiedFlow.solve 100 1.0 flow start)

for order in 1..3 do
    within 0.15 $"order measured, of the flow of order {order}" (log (missed order 0.04 / missed order 0.02) / log 2.0) (float order)

(*** include-output ***)

(**
## Momentum

The heavy ball follows (1/(1−m))·C + ε(1+m)/(4(1−m)³)·‖∇C‖². With a symbol for m the derivation says so; with a number it computes.
*)

let heavyBall = ModifiedLoss.derive 2 (ModifiedEquation.heavyBall (Coefficient.Symbol "m"))

for term in heavyBall.Terms do
    printfn $"{term.Tree}: {term.Coefficient}"

show "coefficient of ‖∇C‖² at m = 0.9" (heavyBall.Terms[1].Coefficient.At 0.9) (1.9 / (4.0 * 0.1 ** 3.0))

(*** include-output ***)

(**
## Minibatches

With shuffled minibatches the gradients that are squared are those of the minibatches: averaged over the orders of an epoch, SGD follows

C + (ε/4)·mean ‖∇Ĉ‖² = C + (ε/4)·‖∇C‖² + (ε/4)·mean ‖∇Ĉ − ∇C‖²,

and the last term is the one in ε/B: a penalty on how much the minibatches disagree. We take three minibatches, all six orders of an epoch, and no sampling error:
*)

let minibatches: Loss[] =
    [| for centre, width in [ 1.0, 1.0; -0.5, 2.0; 0.2, 0.5 ] ->
           fun w -> ((w[0] - centre) ** 4).sum() * (0.1 * width) + (w[0] * w[0]).sum() * width |]

let rec orders =
    function
    | [] -> [ [] ]
    | some ->
        [ for first in some do
              for rest in orders (List.except [ first ] some) -> first :: rest ]

let meanOfEpochs learningRate =
    let epoch order =
        order |> List.fold (fun w i -> Parameters.addScaled -learningRate w (dsharp.grads minibatches[i] w)) start

    let ends = orders [ 0; 1; 2 ] |> List.map epoch
    [| (ends |> List.map (fun w -> w[0]) |> dsharp.stack).mean 0 |]

let shuffled = ModifiedEquation.shuffled (Coefficient.OfInt 3)
let full: Loss = fun w -> (minibatches[0] w + minibatches[1] w + minibatches[2] w) / 3.0

let missedBy equation losses learningRate =
    let flow = ModifiedFlow.at equation 2 learningRate losses
    distance (meanOfEpochs learningRate) (ModifiedFlow.solve 50 (3.0 * learningRate) flow start)

(**
An epoch lasts 3ε, so the flow that is right to second order misses the end of an epoch by O(ε³), and one that is only right to first order by O(ε²):
*)

let measured equation losses = log (missedBy equation losses 0.02 / missedBy equation losses 0.01) / log 2.0
within 0.15 "with the minibatches' squared gradients" (measured shuffled minibatches) 3.0
within 0.15 "with the full gradient's only" (measured ModifiedEquation.gradientDescent [| full |]) 2.0

(*** include-output ***)

(**
Minibatches drawn _with replacement_ follow the loss of gradient descent to this order, on average: no term in ε/B.
*)

let replaced = ModifiedLoss.derive 2 (ModifiedEquation.withReplacement (Coefficient.OfInt 3))

show
    "with replacement, less gradient descent"
    (float (replaced.Value(0.1, minibatches, start) - modified.Value(0.1, [| full |], start)))
    0.0

let penalty = GradientPenalty.regulariser minibatches start // ¼·mean ‖∇Ĉ‖², the paper's C_reg

show
    "shuffled, less the cost, is ε·¼·mean ‖∇Ĉ‖²"
    (float ((ModifiedLoss.derive 2 shuffled).Value(0.1, minibatches, start) - full start))
    (0.1 * penalty)

(*** include-output ***)

(**
At the command line `noisescale modified-loss --optimizer heavy-ball --order 3` prints such a derivation, and `--latex` typesets it.
*)
