// Fig 1: the three schedules, learning rate and batch size against epochs. Nothing is trained.
#load "experiment.fsx"

open NoiseScale.Schedules
open Panel
open Claims
open Experiment

let private draw index (name, schedule: Schedule) (curve: Curve) =
    let ends = [ 0.0<epoch>; yield! CurveAnalysis.breakpoints schedule.Epochs curve; schedule.Epochs ]

    let at t = Curve.valueAt (min t (schedule.Epochs * 0.999999)) curve
    let xs, ys = staircase (ends |> List.map float) (ends |> List.map at)
    series index name xs ys

let private panel title yTitle text (curve: Schedule -> Curve) : Panel =
    { Title = title
      XTitle = "epochs"
      YTitle = yTitle
      LogX = false
      LogY = true
      YRange = None
      Text = text
      Series = momentumSchedules |> List.mapi (fun i (name, s) -> draw i (name, s) (curve s)) }

/// Largest relative deviation of the linear noise scale from the baseline's, over all pieces of all three schedules.
let private deviation =
    let baseline = snd momentumSchedules.Head

    [ for _, s in momentumSchedules do
          for t in 0.0<epoch> :: Schedule.breakpoints s do
              let g schedule = (NoiseScale.at Form.Linear t schedule).Value

              abs (g s / g baseline - 1.0) ]
    |> List.max

let private paperValues name =
    let s = (DontDecay.tryFind name |> Option.get).Schedule
    $"ε {Syntax.printCurve s.LearningRate}; B {Syntax.printCurve s.BatchSize}"

let private hybrid, increase = paperValues "hybrid", paperValues "increase"

publish
    { Key = "fig1"
      Title = "Figure 1: schedules"
      Caption = $"Learning rate and batch size of the three schedules. {setting}."
      Panels =
        [ panel
              "1a  learning rate"
              "learning rate"
              "Three schedules of the learning rate: steps down by 5, a hybrid, and constant."
              _.LearningRate
          panel
              "1b  batch size"
              "batch size"
              "Three schedules of the batch size: constant, one step up by 5, and steps up to a cap."
              _.BatchSize ]
      Claims =
        [ { Claim = "the three schedules have the same noise scale at every epoch"
            Paper = "by construction, g ≈ εN/(B(1−m)) (§3)"
            Ours = $"largest deviation {deviation:E1} of the linear noise scale, before rounding"
            Verdict = holdsIf (deviation < 1e-12) }
          { Claim = "the transformations derive the paper's own schedules from its baseline"
            Paper = "hybrid: B 128 → 640 at 60, then ε/5 at 120 and 160; increase: B 640, 3200, 16 000 (Fig 1, read off by eye)"
            Ours = $"hybrid: {hybrid}; increase: {increase}"
            Verdict = holdsIf (increase = "ε 0.1; B 128 *5 @60,120,160" && hybrid = "ε 0.1 /5 @120,160; B 128 *5 @60") } ]
      Provenance = []
      Command = command "fig1" }
