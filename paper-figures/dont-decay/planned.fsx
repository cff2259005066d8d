// Schedules of the paper that are planned here and not run: what Figs 6 and 7 share.
#load "experiment.fsx"

open NoiseScale.Schedules
open Panel

let schedule name = (DontDecay.tryFind name |> Option.get).Schedule

let plan name = Plan.ofSchedule (schedule name)

/// A quantity of every phase against epochs of data seen, or against updates, as a staircase.
let private drawn index (label: string) name (byUpdates: bool) (value: PlannedUpdate -> float) =
    let plan = plan name

    let points =
        [ for phase in plan.Phases do
              for k in [ phase.FirstUpdate; phase.FirstUpdate + phase.Updates - 1L ] do
                  let mutable walk = plan.From k
                  walk.MoveNext() |> ignore
                  let u = walk.Current
                  (if byUpdates then float u.Index else float u.Epoch), value u ]

    let xs, ys = staircase (points |> List.map fst) (points |> List.map snd)
    series index label xs ys

let panel title byUpdates yTitle value text (names: (string * string) list) : Panel =
    { Title = title
      XTitle = (if byUpdates then "parameter updates" else "epochs")
      YTitle = yTitle
      LogX = false
      LogY = true
      YRange = None
      Text = text
      Series = names |> List.mapi (fun i (label, name) -> drawn i label name byUpdates value) }

let batch (u: PlannedUpdate) = float u.BatchSize
let rate (u: PlannedUpdate) = u.LearningRate
