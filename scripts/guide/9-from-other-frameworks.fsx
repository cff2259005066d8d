(**
---
title: From PyTorch, JAX and optax, and back
category: Guide
index: 9
---

# From PyTorch, JAX and optax, and back

Their schedules are functions of a step; ours are functions of epochs of data seen, because a step means something else as soon as the batch changes. A step of B examples is B/N epochs.
*)

(*** hide ***)
#load "../expect.fsx"
#I "../../src/NoiseScale.Cli/bin/Release/net10.0"
#r "NoiseScale.Schedules.dll"
#r "MathNet.Numerics.dll"

open Expect

(** *)
open System
open NoiseScale.Schedules

let ok result = ScheduleError.orFail result
let curve text = Syntax.parseCurve text |> ok
let at epoch curve = Curve.valueAt (epoch * 1.0<epoch>) curve

(**
## The usual schedules

| theirs | ours |
|---|---|
| `StepLR(step_size=30, gamma=0.1)` from 0.1 | `0.1 /10 @30,60` |
| `MultiStepLR([60, 120, 160], gamma=0.2)` | `0.1 /5 @60,120,160` |
| `CosineAnnealingLR(T_max=90, eta_min=1e-4)` | `cosine(0.1, 1e-4, 90)` |
| `ExponentialLR(gamma=0.95)` | `exponential(0.1, 0.05129…)`, the rate being −ln γ |
| `OneCycleLR(max_lr=1, pct_start=0.3)` over 10 epochs | `Curve.oneCycle 0.04 1.0 4e-6 3.0<epoch> 10.0<epoch>` |
| `CosineAnnealingWarmRestarts(T_0=10, T_mult=2)`, SGDR | `cosine-restarts(0.1, 0, 10, 2)` |
| `optax.warmup_cosine_decay_schedule(0.01, 0.1, 5 epochs, 90 epochs)` | `join(5, linear(0.01, 0.1, 5), cosine(0.1, 0, 85))` |
| `optax.warmup_exponential_decay_schedule`, `join_schedules` | `join(t, before, after)` of any two |
| `LinearLR(0.1, 1, total_iters=5)` then `MultiStepLR`, by `SequentialLR` | `join(5, linear(0.01, 0.1, 5), (0.1 /5 @55))` |

Beside each its formula, as their documentation has it, at some epochs:
*)

let same what (ours: Curve) (theirs: float -> float) epochs =
    for epoch in epochs do
        within 1e-12 $"{what} at epoch {epoch}" (at epoch ours) (theirs epoch)

same "StepLR" (curve "0.1 /10 @30,60") (fun t -> 0.1 * 0.1 ** floor (t / 30.0)) [ 0.0; 29.9; 30.0; 75.0 ]

same
    "MultiStepLR"
    (curve "0.1 /5 @60,120,160")
    (fun t -> 0.1 * 0.2 ** float (List.length (List.filter (fun b -> b <= t) [ 60.0; 120.0; 160.0 ])))
    [ 59.0; 60.0; 130.0; 199.0 ]

let cosine high low length t = low + (high - low) * (1.0 + cos (Math.PI * t / length)) / 2.0
same "CosineAnnealingLR" (curve "cosine(0.1, 1e-4, 90)") (cosine 0.1 1e-4 90.0) [ 0.0; 45.0; 89.0 ]
same "ExponentialLR" (Curve.exponential 0.1 (-(log 0.95) / 1.0<epoch>)) (fun t -> 0.1 * 0.95 ** t) [ 0.0; 1.0; 20.0 ]

let restarts t =
    if t < 10.0 then cosine 0.1 0.0 10.0 t
    elif t < 30.0 then cosine 0.1 0.0 20.0 (t - 10.0)
    else cosine 0.1 0.0 40.0 (t - 30.0)

same "CosineAnnealingWarmRestarts" (curve "cosine-restarts(0.1, 0, 10, 2)") restarts [ 0.0; 5.0; 10.0; 20.0; 30.0 ]

let warmUp t = if t < 5.0 then 0.01 + (0.1 - 0.01) * t / 5.0 else cosine 0.1 0.0 85.0 (t - 5.0)
same "warmup_cosine_decay" (curve "join(5, linear(0.01, 0.1, 5), cosine(0.1, 0, 85))") warmUp [ 0.0; 2.5; 5.0; 47.5 ]

(*** include-output ***)

(**
Note that optax's `decay_steps` counts the warm-up, and that a learning rate of exactly 0 is refused here: no update happens under it. Begin a warm-up at what its first step would have.

## One cycle, and its momentum

`OneCycleLR` also cycles the momentum, down from 0.95 to 0.85 and up again, unless `cycle_momentum=False`. That is easily overlooked, and moves the noise scale: at the peak of ε
momentum is least, so g grows there by less than ε does.
*)

let peak, rise, length = 1.0, 3.0<epoch>, 10.0<epoch>
let rate = Curve.oneCycle (peak / 25.0) peak (peak / 25.0 / 1e4) rise length
let momentum = Curve.oneCycle 0.95 0.85 0.95 rise length

let oneCycle m =
    Schedule.create (Optimizer.HeavyBall MomentumConvention.LearningRateOutside) 50000L<example> length rate (Curve.constant 500.0) m
    |> ok

let g epoch schedule = (NoiseScale.at Form.Exact (epoch * 1.0<epoch>) schedule).Value

show "ε at the start" (at 0.0 rate) 0.04
show "ε at the peak" (at 3.0 rate) 1.0
show "ε at the end" (at 10.0 rate) 4e-6
show "g at the peak over g at the start, cycled momentum" (g 3.0 (oneCycle momentum) / g 0.0 (oneCycle momentum)) (25.0 / 3.0)
show "the same, momentum 0.95 throughout" (g 3.0 (oneCycle (Curve.constant 0.95)) / g 0.0 (oneCycle (Curve.constant 0.95))) 25.0

(*** include-output ***)

(**
## Steps to epochs

A schedule that was tuned in steps at one batch size is a schedule in epochs at that batch size: 1000 steps of 512 of ImageNet's 1 281 167 are 0.4 epochs. Written so, it can be moved to
another batch; in steps it could not.
*)

let epochsOf steps (batch: float) (examples: float) = steps * batch / examples
within 1e-5 "1000 steps of 512, in epochs" (epochsOf 1000.0 512.0 1281167.0) 0.39964

(*** include-output ***)

(**
PyTorch's schedulers usually step once an epoch, so that a cosine is a staircase; ours is the smooth curve, read at the beginning of every update, as it is where `scheduler.step()` is called for every batch.
Decays at an epoch are the same in both.

## The last batch of an epoch

| `DataLoader` | `PartialBatch` | of 1000 examples in batches of 300, two epochs |
|---|---|---|
| `drop_last=True` | `Drop` | 300 300 300, 300 300 300 |
| `drop_last=False` | `Keep` | 300 300 300 100, … |
| neither | `CarryOver`, the default | seven of 300: a batch crosses into the next epoch |

With `Keep` the noise scale of that last update is another one: 3.9 times that of the rest.
*)

let plan partial =
    Plan.create { PlanPolicy.Default with PartialBatch = partial } (Syntax.parse "lr 0.1; batch 300; epochs 2; examples 1000" |> ok)

show "updates with Drop" (float (plan PartialBatch.Drop).Updates) 6.0
show "updates with Keep" (float (plan PartialBatch.Keep).Updates) 8.0
show "updates with CarryOver" (float (plan PartialBatch.CarryOver).Updates) 7.0
let noise batch = (NoiseScale.ofParts Form.Exact 1000.0 batch 0.1).Value
within 0.1 "g of the last batch over g of the others" (noise 100.0 / noise 300.0) 3.9

(*** include-output ***)

(**
## Momentum and its traps

| theirs | ours |
|---|---|
| `torch.optim.SGD(momentum=m)` | `heavy-ball`, learning rate outside the buffer |
| `torch.optim.SGD(momentum=m, nesterov=True)` | `nesterov` |
| `torch.optim.SGD(momentum=m, dampening=m)` | `heavy-ball dampened`: momentum does not accelerate |
| `tf.keras.optimizers.SGD(momentum=m)` | `heavy-ball inside` |
| `optax.sgd(lr, momentum=m)` | `heavy-ball`, learning rate outside |
| `torch.optim.Adam`, `AdamW` | `adam`, `adamw` |

- The learning rate inside or outside the buffer is the same while it is constant. At a decay by 5, outside, the buffer's old gradients decay with it at once; inside, they go on at the old rate for
  1/(1−m) updates.
- A dampened momentum has the effective learning rate ε, and the noise scale of plain SGD. PyTorch's first step with dampening is not damped: its buffer begins as the gradient itself.
- PyTorch's `weight_decay` of SGD and Adam adds λw to the gradient; AdamW's shrinks w by ελ. The first is the L2 term (λ/2)‖w‖² of a mean cost.

One weight, gradient always 1, m = 0.5, ε from 1 to 0.1 at the third update:
*)

let run inside =
    let step (w, v) rate =
        if inside then
            (let v = 0.5 * v + rate in w - v, v)
        else
            (let v = 0.5 * v + 1.0 in w - rate * v, v)

    [ 1.0; 1.0; 0.1; 0.1 ] |> List.fold step (0.0, 0.0) |> fst

show "w after four updates, outside" (run false) -(1.0 + 1.5 + 0.175 + 0.1875)
show "w after four updates, inside" (run true) -(1.0 + 1.5 + 0.85 + 0.525)

(*** include-output ***)

(**
## Back: a plan that a Python loop follows

`Table.json` (at the command line `noisescale plan … --json`) writes the plan as rows of equal updates, which a loop of ten lines follows: for every row, set `lr` and `momentum`,
and take `updates` batches of `batch` examples.
*)

let schedule =
    Syntax.parse "lr 0.1 /5 @2; batch 300 -> 400 @1; momentum 0.9; epochs 3; examples 1000" |> ok

let json = Table.json (Plan.ofSchedule schedule)
printfn "%s" json

(*** include-output ***)

(**
```python
import json
table = json.load(open("plan.json"))
for row in table["rows"]:
    for group in optimizer.param_groups:
        group["lr"], group["momentum"] = row["lr"], row["momentum"]
    for k in range(row["updates"]):
        first = row["example"] + k * row["batch"]          # positions in the stream of examples, N an epoch
        step(optimizer, examples(first, first + row["batch"]))
```

The same loop, here, sees what the plan says:
*)

let rows = (Text.Json.JsonDocument.Parse json).RootElement.GetProperty "rows"

let followed =
    [ for row in rows.EnumerateArray() do
          for k in 0L .. (row.GetProperty "updates").GetInt64() - 1L do
              let batch = (row.GetProperty "batch").GetInt32()
              (row.GetProperty "example").GetInt64() + k * int64 batch, batch, (row.GetProperty "lr").GetDouble() ]

let planned =
    [ for update in Plan.ofSchedule schedule |> Plan.updates -> int64 update.FirstExample, int update.BatchSize, update.LearningRate ]

holds "the loop makes the plan's updates" (followed = planned)

(*** include-output ***)

(**
The schedule itself travels as JSON or as its one line, and comes back bit for bit:
*)

holds "JSON and back" (Json.parse (Json.print schedule) = Ok schedule)
holds "one line and back" (Syntax.parse (Syntax.print schedule) = Ok schedule)

(*** include-output ***)

(**
And a schedule that exists only as a log of somebody's run, a learning rate for every epoch, is a step curve:
*)

let logged = [ 0.1; 0.1; 0.05; 0.02 ]

let replayed =
    Curve.step logged.Head [ for i in 1 .. logged.Length - 1 -> float i * 1.0<epoch>, logged[i] ]

holds "the log, epoch by epoch" (List.init 4 (fun i -> at (float i + 0.5) replayed) = logged)

(*** include-output ***)
