/// Deliberately wrong implementations, each of which the laws must kill: the same laws, unchanged, that the library passes.
module NoiseScale.Schedules.Tests.Mutants

open System
open Expecto
open NoiseScale.Schedules

let private real = Algebra.real
let private constant = Curve.constant
let private complement curve = Curve.sum (constant 1.0) (Curve.scale -1.0 curve)
let private effective (s: Schedule) t = Curve.valueAt t s.LearningRate / Momentum.complement (Curve.valueAt t s.Momentum)
let private overBatch (s: Schedule) t = float s.TrainingSetSize / Curve.valueAt t s.BatchSize
let private withRate rate s = Schedule.withLearningRate rate s
let private withBatch batch s = Schedule.withBatchSize batch s

/// A wrong walk made from the right one.
let private walks (change: PlanPolicy -> Schedule -> PlannedUpdate[] -> PlannedUpdate[]) : Algebra =
    { real with
        Plan =
            fun policy schedule ->
                let right = real.Plan policy schedule
                let all = lazy (change policy schedule (right.From 0L))

                { Count = right.Count
                  From = fun k -> Array.skip (int (min k (int64 all.Value.Length))) all.Value } }

let private policies (change: PlanPolicy -> PlanPolicy) = { real with Plan = fun policy schedule -> real.Plan (change policy) schedule }

let private each change = walks (fun policy schedule updates -> updates |> Array.map (change policy schedule))

let private trades change = { real with DecayForBatch = change }

let private curves = CurveLaws.laws @ IntegralLaws.laws
let private noise = NoiseScaleLaws.laws
let private transforms = TransformLaws.laws @ ScaleBatchLaws.laws
let private trading = TradeLaws.laws
let private widening = WidthLaws.laws
let private plans = PlanLaws.laws

let private catalogue: (string * Law list * Algebra) list =
    [ // curves
      "join does not restart its second curve", curves, { real with Join = Curve.splice }
      "splice restarts its second curve", curves, { real with Splice = Curve.join }
      "a join keeps its first curve at the boundary",
      curves,
      { real with
          Join = fun a t b -> Curve.join a (LanguagePrimitives.FloatWithMeasure(Math.BitIncrement(float t))) b }
      "stretch by 1/k", curves, { real with Stretch = fun k c -> Curve.stretch (1.0 / k) c }
      "quotient upside down", curves, { real with Quotient = fun a b -> Curve.quotient b a }
      "clamp without its upper limit", curves, { real with Clamp = fun low _ c -> Curve.clamp low 1e300 c }
      "the integral by the trapezoidal rule",
      curves,
      { real with
          Integral = fun a b c -> (b - a) * (Curve.valueAt a c + Curve.valueAt b c) / 2.0 }
      // noise scales
      "g forgets 1−m",
      noise,
      { real with
          NoiseScaleAt = fun form t s -> Curve.valueAt t s.LearningRate * (overBatch s t - (if form = Form.Exact then 1.0 else 0.0)) }
      "g multiplies by 1−m",
      noise,
      { real with
          NoiseScaleAt = fun form t s -> (real.NoiseScaleAt form t s) * (1.0 - Curve.valueAt t s.Momentum) ** 2.0 }
      "g is N/B in its exact form", noise, { real with NoiseScaleAt = fun _ t s -> real.NoiseScaleAt Form.Linear t s }
      "g is accelerated by a dampened momentum too",
      noise,
      { real with
          NoiseScaleAt = fun form t s -> effective s t * (overBatch s t - (if form = Form.Exact then 1.0 else 0.0)) }
      "P3's T is g",
      noise,
      { real with
          PosteriorTemperatureAt = fun t s -> real.NoiseScaleAt Form.Exact t s }
      "P6's T is g", noise, { real with StepTemperatureAt = fun t s -> real.NoiseScaleAt Form.Linear t s }
      // widths
      "Standard moves as NTK does",
      widening,
      { real with
          TransferWidth =
              fun form p a b s -> real.TransferWidth form (if p = Parameterisation.Standard then Parameterisation.Ntk else p) a b s }
      "the maximal update moves as NTK does",
      widening,
      { real with
          TransferWidth = fun form p a b s -> real.TransferWidth form (if p = Parameterisation.MuP then Parameterisation.Ntk else p) a b s }
      "a width moves the wrong way",
      widening,
      { real with
          TransferWidth = fun form p a b s -> real.TransferWidth form p b a s }
      "a width moves the learning rate alone",
      widening,
      { real with
          TransferWidth = fun form p a b s -> real.TransferWidth form p a b s |> Result.bind (withBatch s.BatchSize) }
      "a width moves by √k",
      widening,
      { real with
          TransferWidth = fun form p a b s -> real.TransferWidth form p a (sqrt (a * b)) s }
      "the law of widths holds for Adam", widening, { real with TransferWidth = fun _ _ _ _ s -> Ok s }
      // B ∝ ε and B ∝ 1/(1−m)
      "B ∝ ε forgets the batch",
      transforms,
      { real with
          ScaleLearningRate = fun _ k s -> withRate (Curve.scale k s.LearningRate) s }
      "B ∝ 1/ε",
      transforms,
      { real with
          ScaleLearningRate =
              fun _ k s -> withRate (Curve.scale k s.LearningRate) s |> Result.bind (withBatch (Curve.scale (1.0 / k) s.BatchSize)) }
      "B ∝ ε is linear in its exact form",
      transforms,
      { real with
          ScaleLearningRate = fun _ k s -> real.ScaleLearningRate Form.Linear k s }
      "B ∝ ε is exact in its linear form",
      transforms,
      { real with
          ScaleLearningRate = fun _ k s -> real.ScaleLearningRate Form.Exact k s }
      "a weight average loses its horizon",
      transforms,
      { real with
          ScaleLearningRate = fun form k s -> real.ScaleLearningRate form k s |> Result.bind (Schedule.withAveraging s.Averaging) }
      "momentum forgets the batch", transforms, { real with SetMomentum = fun _ m s -> Schedule.withMomentum m s }
      "B ∝ 1−m",
      transforms,
      { real with
          SetMomentum =
              fun _ m s ->
                  Schedule.withMomentum m s
                  |> Result.bind (withBatch (Curve.product s.BatchSize (Curve.quotient (complement m) (complement s.Momentum)))) }
      "B ∝ 1/m",
      transforms,
      { real with
          SetMomentum =
              fun _ m s -> Schedule.withMomentum m s |> Result.bind (withBatch (Curve.product s.BatchSize (Curve.quotient s.Momentum m))) }
      // B → kB
      "the linear rule scales ε by √k",
      transforms,
      { real with
          ScaleBatch =
              fun rule form k s ->
                  match rule with
                  | ScalingRule.Linear -> real.ScaleBatch rule form k s |> Result.bind (withRate (Curve.scale (sqrt k) s.LearningRate))
                  | _ -> real.ScaleBatch rule form k s }
      "the square-root rule scales ε by k",
      transforms,
      { real with
          ScaleBatch =
              fun rule form k s ->
                  match rule with
                  | ScalingRule.SquareRoot -> real.ScaleBatch rule form k s |> Result.bind (withRate (Curve.scale k s.LearningRate))
                  | _ -> real.ScaleBatch rule form k s }
      "the square-root rule forgets β₁ and β₂",
      transforms,
      { real with
          ScaleBatch = fun rule form k s -> real.ScaleBatch rule form k s |> Result.bind (Schedule.withOptimizer s.Optimizer) }
      "the square-root rule forgets AdamW's λ",
      transforms,
      { real with
          ScaleBatch = fun rule form k s -> real.ScaleBatch rule form k s |> Result.bind (Schedule.withWeightDecay s.WeightDecay) }
      "AdaScale takes the same epochs",
      transforms,
      { real with
          ScaleBatch =
              fun rule form k s ->
                  match rule with
                  | ScalingRule.AdaScale gain ->
                      withRate (Curve.scale gain s.LearningRate) s |> Result.bind (withBatch (Curve.scale k s.BatchSize))
                  | _ -> real.ScaleBatch rule form k s }
      "LEGW leaves the warm-up as long as it was",
      transforms,
      { real with
          ScaleBatch =
              fun rule form k s ->
                  match rule with
                  | ScalingRule.Legw _ ->
                      withRate (Curve.scale (sqrt k) s.LearningRate) s |> Result.bind (withBatch (Curve.scale k s.BatchSize))
                  | _ -> real.ScaleBatch rule form k s }
      // decay for batch
      "the cap is ignored", trading, trades (fun rule form _ until s -> real.DecayForBatch rule form Cap.Uncapped until s)
      "the decay is not resumed at the cap",
      trading,
      trades (fun rule form cap until s ->
          real.DecayForBatch rule form cap until s
          |> Result.bind (fun capped ->
              match real.DecayForBatch rule Form.Exact Cap.Uncapped until s with
              | Ok uncapped -> withRate uncapped.LearningRate capped
              | Error _ -> Ok capped))
      "the end epoch is ignored", trading, trades (fun rule form cap _ s -> real.DecayForBatch rule form cap None s)
      "the batch shrinks as the learning rate does",
      trading,
      trades (fun _ _ _ _ s ->
          withBatch (Curve.product s.BatchSize (Curve.scale (1.0 / Curve.valueAt 0.0<epoch> s.LearningRate) s.LearningRate)) s)
      "Seesaw trades all of the decay",
      trading,
      trades (fun rule form cap until s -> real.DecayForBatch (if rule = TradeRule.Seesaw then TradeRule.Linear else rule) form cap until s)
      "the batch grows, and the learning rate decays all the same",
      trading,
      trades (fun rule form cap until s -> real.DecayForBatch rule form cap until s |> Result.bind (withRate s.LearningRate))
      "every trade grows the batch once more",
      trading,
      trades (fun rule form cap until s ->
          real.DecayForBatch rule form cap until s
          |> Result.bind (fun once ->
              withBatch (Curve.scale (Curve.valueAt 0.0<epoch> s.BatchSize) s.BatchSize) once
              |> function
                  | Ok grown -> Ok grown
                  | Error _ -> Ok once))
      "batch for decay forgets the learning rate",
      trading,
      { real with
          BatchForDecay = fun _ s -> withBatch (constant (Curve.valueAt 0.0<epoch> s.BatchSize)) s }
      // plans
      "a last partial batch is lost",
      plans,
      policies (fun p ->
          { p with
              PartialBatch = (if p.PartialBatch = PartialBatch.Keep then PartialBatch.Drop else p.PartialBatch) })
      "carrying over drops the remainder",
      plans,
      policies (fun p ->
          { p with
              PartialBatch =
                  (if p.PartialBatch = PartialBatch.CarryOver then
                       PartialBatch.Drop
                   else
                       p.PartialBatch) })
      "a partial batch is kept where it should be dropped",
      plans,
      policies (fun p ->
          { p with
              PartialBatch = (if p.PartialBatch = PartialBatch.Drop then PartialBatch.Keep else p.PartialBatch) })
      "the noise scale is not compensated", plans, policies (fun p -> { p with Rounding = BatchRounding.Leave })
      "the compensation is upside down",
      plans,
      { real with
          Plan =
              fun policy schedule ->
                  let plain = (real.Plan { policy with Rounding = BatchRounding.Leave } schedule).From 0L
                  let right = real.Plan policy schedule

                  { right with
                      From =
                          fun k ->
                              right.From k
                              |> Array.map (fun u ->
                                  if int u.Index < plain.Length then
                                      let rate = plain[int u.Index].LearningRate
                                      { u with LearningRate = rate * rate / u.LearningRate }
                                  else
                                      u) } }
      "one update too many is announced",
      plans,
      { real with
          Plan =
              fun policy schedule ->
                  let right = real.Plan policy schedule
                  { right with Count = right.Count + 1L } }
      "batches are rounded down", plans, each (fun _ s u -> { u with BatchSize = max 1 (int (floor (Curve.valueAt u.Epoch s.BatchSize))) })
      "the first example is one too late", plans, each (fun _ _ u -> { u with FirstExample = u.FirstExample + 1L })
      "settings are read at the end of an update",
      plans,
      each (fun _ s u ->
          let t = min (u.Epoch + float u.BatchSize / float s.TrainingSetSize * 1.0<epoch>) (0.999999 * s.Epochs)
          { u with LearningRate = Curve.valueAt t s.LearningRate })
      "time is counted in updates", plans, each (fun _ _ u -> { u with Epoch = float u.Index * 1.0<epoch> })
      "the walk from update k begins at k + 1",
      plans,
      { real with
          Plan =
              fun policy schedule ->
                  let right = real.Plan policy schedule
                  { right with From = fun k -> right.From(if k = 0L then 0L else k + 1L) } }
      "the weight average forgets by updates, whatever their batch",
      plans,
      { real with
          AveragingMomentum = fun _ plan -> plan.Schedule.Averaging |> Option.map _.Momentum } ]

let tests =
    testList
        "mutants"
        [ for name, laws, mutant in catalogue do
              testCase name (fun () ->
                  let killers =
                      laws
                      |> Seq.choose (fun law ->
                          match Law.verdict mutant law with
                          | Falsified _ -> Some law.Name
                          | Crashed _
                          | Exhausted
                          | Verdict.Holds -> None)

                  Expect.isNonEmpty killers "no law falsifies it")

          testCase "a law that holds is not falsified, and a crash is no kill" (fun () ->
              Expect.equal (Law.verdict real CurveLaws.laws.Head) Verdict.Holds "the library itself"

              let crashing = { real with ValueAt = fun _ _ -> invalidOp "crash" }

              match Law.verdict crashing CurveLaws.laws.Head with
              | Crashed _ -> ()
              | other -> failtest $"{other}") ]
