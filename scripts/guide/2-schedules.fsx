(**
---
title: Schedules and their algebra
category: Guide
index: 2
---

# Schedules and their algebra

A schedule is a value: learning rate ε, batch size B and momentum m as curves over epochs, the training-set size N and the optimizer. Transformations take a schedule to another one and
keep its noise scale g = ε/(1−m)·(N/B − 1) at every time. A plan is what runs: every update, before any has run.
*)

(*** hide ***)
#load "../expect.fsx"
#I "../../src/NoiseScale.Cli/bin/Release/net10.0"
#r "NoiseScale.Schedules.dll"
#r "MathNet.Numerics.dll"

open Expect

(** *)
open NoiseScale.Schedules

let ok result = ScheduleError.orFail result
let updates schedule = (Plan.ofSchedule schedule).Updates |> float

(**
## The example of the paper

_Don't Decay the Learning Rate_ (Smith, Kindermans, Ying, Le; ICLR 2018) divides ε by 5 at epochs 60, 120 and 160. The decay can be traded for a growing batch: dividing ε by 5 and
multiplying B by 5 change g alike.
*)

let decaying =
    Syntax.parse "lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000" |> ok

let grow form cap schedule = Trade.decayForBatch TradeRule.Linear form cap None schedule |> ok
let growing = decaying |> grow Form.Linear (Cap.Examples 5120.0)
printfn "%s" (Syntax.print growing)

show "updates, decaying" (updates decaying) 80000.0
show "updates, growing to at most 5120" (updates growing) 29188.0

(*** include-output ***)

(**
Where the batch reached its cap, at epoch 160, the rest of the decay is left in the learning rate. Two levers more, of the same law: a learning rate five times as large from the start
(B ∝ ε), and a momentum of 0.98 (B ∝ 1/(1−m)).
*)

let faster = decaying |> Transform.scaleLearningRate Form.Linear 5.0 |> ok
let fastest = faster |> Transform.setMomentum Form.Linear 0.98 |> ok
show "batch at 5ε" (Curve.valueAt 0.0<epoch> faster.BatchSize) 640.0
show "batch at 5ε and m = 0.98" (Curve.valueAt 0.0<epoch> fastest.BatchSize) 3200.0
show "updates at 5ε, growing" (updates (faster |> grow Form.Linear (Cap.Examples 5120.0))) 6453.0
show "updates at 5ε and m = 0.98, growing" (updates (fastest |> grow Form.Linear (Cap.Examples 5120.0))) 2352.0

(*** include-output ***)

(**
## Exact and linear

Above, g was εN/(B(1−m)), as in the paper. The exact g asks for slightly smaller batches: 634 in place of 640.
*)

let exactly = decaying |> grow Form.Exact (Cap.Examples 5120.0)
within 0.001 "batch after epoch 60, exact" (Curve.valueAt 100.0<epoch> exactly.BatchSize) 633.513

for epoch in [ 30.0<epoch>; 100.0<epoch>; 150.0<epoch>; 200.0<epoch> ] do
    let g schedule = (NoiseScale.at Form.Exact epoch schedule).Value
    show $"exact g at epoch {epoch}, traded" (g exactly) (g decaying)

(*** include-output ***)

(**
Batches are whole numbers when they run, and the plan's noise scale is off by what rounding costs. `PlanDiff` says by how much:
*)

let diff = PlanDiff.between Form.Exact (Plan.ofSchedule decaying) (Plan.ofSchedule exactly)
show "updates saved" (float diff.UpdatesSaved) (80000.0 - 29271.0)
within 1e-5 "largest relative difference of g" diff.NoiseScaleDeviation 7.8e-4

(*** include-output ***)

(**
## Laws

Transformations compose, and each has an inverse; a trade can be taken back.
*)

let twice =
    decaying
    |> Transform.scaleLearningRate Form.Linear 2.0
    |> Result.bind (Transform.scaleLearningRate Form.Linear 4.0)
    |> ok

let once = decaying |> Transform.scaleLearningRate Form.Linear 8.0 |> ok
let at t curve = Curve.valueAt t curve
show "2 then 4 is 8" (at 70.0<epoch> twice.BatchSize) (at 70.0<epoch> once.BatchSize)

let back = Trade.batchForDecay Form.Exact exactly |> ok
show "traded and taken back, learning rate" (at 150.0<epoch> back.LearningRate) 0.004
show "traded and taken back, batch" (at 150.0<epoch> back.BatchSize) 128.0

(*** include-output ***)

(**
Where a law does not hold it is refused, with its reason, and not quietly applied:
*)

let refused =
    function
    | Ok _ -> "accepted"
    | Error error -> ScheduleError.message error

let dampened =
    decaying |> Schedule.withOptimizer (Optimizer.HeavyBall MomentumConvention.Dampened) |> ok

printfn "%s" (refused (Transform.setMomentum Form.Exact 0.98 dampened))
printfn "%s" (refused (Transform.scaleLearningRate Form.Linear 1000.0 decaying))
holds "B ∝ 1/(1−m) is refused under dampening" (Transform.setMomentum Form.Exact 0.98 dampened |> Result.isError)
holds "a batch beyond N is refused" (Transform.scaleLearningRate Form.Linear 1000.0 decaying |> Result.isError)

(*** include-output ***)

(**
## Curves

A curve may be any sum, product, power, shift, stretch and join of closed forms, and its integral is a closed form where there is one: the length of a schedule in updates is ∫ N/B dt, not a count.
A cosine is traded like any other decay.
*)

let cosine =
    Syntax.parse "lr join(5, linear(0.01, 0.1, 5), cosine(0.1, 0, 85)); batch 256; momentum 0.9; epochs 90; examples 1281167"
    |> ok

show "area under ε" (float (CurveAnalysis.integral 0.0<epoch> 90.0<epoch> cosine.LearningRate)) (0.055 * 5.0 + 0.05 * 85.0)
let traded = cosine |> grow Form.Exact Cap.TenthOfTrainingSet
show "updates of the cosine" (updates cosine) 450410.0
show "traded, to a tenth of the training set" (updates traded) 237780.0

(*** include-output ***)

(**
## Other optimizers

For Adam the linear rule is not the law of its noise: `ScalingRule.SquareRoot` scales ε by √k, β₁, β₂ and Adam's own ε along (Malladi et al. 2022). `TradeRule.Seesaw` trades half the decay.
*)

let adam = Syntax.parse "lr 0.001; batch 256; epochs 10; examples 50000; optimizer adamw" |> ok
let scaled = adam |> Transform.scaleBatch ScalingRule.SquareRoot Form.Linear 4.0 |> ok
show "Adam's ε at four times the batch" (at 0.0<epoch> scaled.LearningRate) 0.002

match Optimizer.adamConstants scaled.Optimizer with
| Some constants -> show "and β₁" constants.Beta1 0.6
| None -> failwith "an Adam stays an Adam"

(*** include-output ***)
