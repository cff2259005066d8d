namespace NoiseScale.Schedules.Tests

open NoiseScale.Schedules

/// A plan as its user sees it: the count it announces, and the updates from any index on.
type Walk = { Count: int64; From: int64 -> PlannedUpdate[] }

/// What the laws are about: one function of the library a field. The laws take it as an argument, so that the same law that
/// verifies the library also meets the deliberately wrong implementations of Mutants.fs.
type Algebra =
    {
      // curves
      ValueAt: float<epoch> -> Curve -> float
      Step: float -> (float<epoch> * float) list -> Curve
      Join: Curve -> float<epoch> -> Curve -> Curve
      Splice: Curve -> float<epoch> -> Curve -> Curve
      Shift: float<epoch> -> Curve -> Curve
      Scale: float -> Curve -> Curve
      Stretch: float -> Curve -> Curve
      Clamp: float -> float -> Curve -> Curve
      Sum: Curve -> Curve -> Curve
      Product: Curve -> Curve -> Curve
      Quotient: Curve -> Curve -> Curve
      Power: float -> Curve -> Curve
      Integral: float<epoch> -> float<epoch> -> Curve -> float<epoch>
      Range: float<epoch> -> float<epoch> -> Curve -> float * float
      Breakpoints: float<epoch> -> Curve -> float<epoch> list
      // noise scales
      NoiseScaleAt: Form -> float<epoch> -> Schedule -> float
      PosteriorTemperatureAt: float<epoch> -> Schedule -> float
      StepTemperatureAt: float<epoch> -> Schedule -> float
      // transformations
      ScaleLearningRate: Form -> float -> Schedule -> Result<Schedule, ScheduleError>
      SetMomentum: Form -> Curve -> Schedule -> Result<Schedule, ScheduleError>
      ScaleBatch: ScalingRule -> Form -> float -> Schedule -> Result<Schedule, ScheduleError>
      DecayForBatch: TradeRule -> Form -> Cap -> float<epoch> option -> Schedule -> Result<Schedule, ScheduleError>
      BatchForDecay: Form -> Schedule -> Result<Schedule, ScheduleError>
      TransferWidth: Form -> Parameterisation -> float -> float -> Schedule -> Result<Schedule, ScheduleError>
      IdealUpdates: Schedule -> float<update>
      // plans
      Plan: PlanPolicy -> Schedule -> Walk
      AveragingMomentum: PlannedUpdate -> Plan -> float option }

[<RequireQualifiedAccess>]
module Algebra =
    /// The updates of a plan from index `first` on, in an array.
    let updatesFrom (plan: Plan) first =
        let found = ResizeArray<PlannedUpdate>()
        let mutable walk = plan.From first

        while walk.MoveNext() do
            found.Add walk.Current

        found.ToArray()

    let private walkOf policy schedule =
        let plan = Plan.create policy schedule

        { Count = plan.Updates; From = updatesFrom plan }

    /// The library.
    let real =
        { ValueAt = Curve.valueAt
          Step = Curve.step
          Join = Curve.join
          Splice = Curve.splice
          Shift = Curve.shift
          Scale = Curve.scale
          Stretch = Curve.stretch
          Clamp = Curve.clamp
          Sum = Curve.sum
          Product = Curve.product
          Quotient = Curve.quotient
          Power = Curve.power
          Integral = CurveAnalysis.integral
          Range = CurveAnalysis.range
          Breakpoints = CurveAnalysis.breakpoints
          NoiseScaleAt = fun form t schedule -> (NoiseScale.at form t schedule).Value
          PosteriorTemperatureAt = fun t schedule -> (NoiseScale.posteriorTemperatureAt t schedule).Value
          StepTemperatureAt = fun t schedule -> (NoiseScale.stepTemperatureAt t schedule).Value
          ScaleLearningRate = Transform.scaleLearningRate
          SetMomentum = Transform.setMomentumCurve
          ScaleBatch = Transform.scaleBatch
          DecayForBatch = Trade.decayForBatch
          BatchForDecay = Trade.batchForDecay
          TransferWidth = Width.transfer
          IdealUpdates = Schedule.idealUpdates
          Plan = walkOf
          AveragingMomentum = Plan.averagingMomentum }
