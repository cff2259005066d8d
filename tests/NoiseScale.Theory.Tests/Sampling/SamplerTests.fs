/// Samplers as functions: pure in their seed, resumable bit for bit, chains apart from each other, and clear about what they refuse.
module NoiseScale.Theory.Tests.Sampling.SamplerTests

open System
open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Sampling
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Property
open NoiseScale.Theory.Tests.Sampling.Scenes

let private model =
    let x = normal 61 [ 20; 2 ]
    ChainModel.ofLinear (LinearModel.create Likelihood.Bernoulli false x (labels 62 2 20))

let private target = ChainModel.target model |> Target.withPrior (Prior.OfPrecision 1.0)

let private fisher damping kind = FisherMetric.create { Kind = kind; Damping = damping; Examples = Some 10 } model |> ok

let private natural batchSize : NaturalGradientSettings = { LearningRate = 0.1; BatchSize = batchSize; Seed = 3L }

let private hamiltonian: HamiltonianSettings =
    { LearningRate = 0.1
      Friction = 0.2
      Temperature = hot 1.0
      Gradient = GradientSource.Minibatch 5
      NoiseVariance = Some(vector [ 0.01; 0.01 ])
      Seed = 3L }

let private averaged metric = Metric.averaged 0.8 metric |> ok

/// One of every kind, with all that is random in it.
let private samplers =
    let langevin = { settings 1.0 0.1 3L with Gradient = GradientSource.Minibatch 4 }

    let drawn = fisher 0.1 (FisherKind.MonteCarlo 1)

    [ Langevin.plain langevin target
      Langevin.preconditioned (Metric.ofMatrix (matrix (array2D [ [ 2.0; 0.1 ]; [ 0.1; 0.5 ] ])) |> ok) langevin target
      Langevin.uncorrected (averaged drawn) langevin target
      Langevin.overJeffreys (DivergenceWay.Probes 2) drawn langevin target
      Langevin.overUniform DivergenceWay.Exact drawn langevin target
      NaturalGradient.minibatch (averaged drawn) (natural 5) target
      NaturalGradient.stochastic DivergenceWay.Exact drawn (natural 5) target
      Hamiltonian.create hamiltonian target ]
    |> List.map ok

let private start = normal 63 [ 3; 2 ]

let private runFrom plan sampler state =
    match Chains.resume plan ignore sampler state with
    | Ok run -> run
    | Error broken -> failtest $"{broken.Fault}"

let private forEach name body =
    testList name [ for i, sampler in List.indexed samplers -> testCase $"{i}: {sampler.Name}" (fun () -> body sampler) ]

let private purity =
    [ forEach "the same seed gives the same bits; a chain goes on from its state alone" (fun sampler ->
          let whole = Chains.run (plan 5L 3 8) sampler start |> ok
          let again = Chains.run (plan 5L 3 8) sampler start |> ok
          Expect.equal again.Samples whole.Samples "again"
          let first = runFrom (plan 5L 3 3) sampler (sampler.Init start |> ok)
          let rest = runFrom (plan 0L 3 5) sampler first.State
          Expect.equal (dsharp.cat [ first.Samples; rest.Samples ]) whole.Samples "in two parts"
          Expect.equal (Array.append first.Updates rest.Updates) whole.Updates "updates"
          Expect.equal whole.Updates [| for i in 1L .. 8L -> 5L + 3L * i |] "thinned"
          Expect.equal rest.State whole.State "all of the state"
          // every part of the state counts
          let later = { first.State with Update = first.State.Update + 1L }
          Expect.notEqual (runFrom (plan 0L 3 5) sampler later).Samples rest.Samples "another update number is another future")

      testCase "other seeds, other noise; chains at one place part" (fun () ->
          let run seed =
              (Chains.run (plan 0L 1 1) (Langevin.plain (settings 1.0 0.1 seed) target |> ok) (Chains.startAt 2 (vector [ 0.3; 0.1 ]))
               |> ok)
                  .Samples

          Expect.notEqual (run 1L) (run 2L) "seeds"
          let one = (run 1L)[0]
          Expect.notEqual one[0] one[1] "chains")

      testCase "noise of two updates, and of two purposes, is independent" (fun () ->
          // correlations of 20,000 pairs of standard normal numbers: their standard deviation is 1/√20000
          let like = vector [ 0.0 ]
          let noise seed purpose update = Randomness.normal seed purpose update [| 20000 |] like

          for a, b in
              [ noise 1L Purpose.Diffusion 0L, noise 1L Purpose.Diffusion 1L
                noise 1L Purpose.Diffusion 0L, noise 1L Purpose.Momentum 0L
                noise 1L Purpose.Diffusion 0L, noise 2L Purpose.Diffusion 0L
                noise 0L Purpose.Diffusion 1L, noise 1L Purpose.Diffusion 0L ] do
              Expect.isLessThan (abs (float ((a * b).mean()))) (5.0 / sqrt 20000.0) "correlation")

      testCase "SGHMC's first momenta have the variance εT/N, and begin at kinetic temperature T" (fun () ->
          let hot = { hamiltonian with Temperature = hot 1.7 }
          let sampler = Hamiltonian.create hot target |> ok
          let state = sampler.Init(Chains.startAt 20000 (vector [ 0.1; 0.2 ])) |> ok
          let v = Option.get state.Momenta
          // a variance of 40,000 normal numbers: relative deviation √(2/40000) = 0.7%
          Expect.isLessThan (abs (float ((v * v).mean()) / (0.1 * 1.7 / 20.0) - 1.0)) 0.036 "variance"

          Expect.isLessThan
              (abs (Array.average (sampler.Diagnose(state).KineticTemperature |> Option.get) / 1.7 - 1.0))
              0.036
              "temperature")

      testCase "batches: no repetition, all subsets alike, the same for the same update" (fun () ->
          let drawn = (Randomness.batches 9L Purpose.Batch 4L 20000 5 2 Device.CPU).toArray2D<int64>()
          let counts = Array2D.zeroCreate 5 5

          for chain in 0..19999 do
              let a, b = int drawn[chain, 0], int drawn[chain, 1]
              Expect.notEqual a b "twice the same"
              counts[a, b] <- counts[a, b] + 1

          // 20 ordered pairs, 1000 expected of each with a deviation of 31
          for a in 0..4 do
              for b in 0..4 do
                  if a <> b then
                      Expect.isLessThan (abs (counts[a, b] - 1000)) 160 $"pairs {a} {b}"

          let one, two =
              Randomness.batches 9L Purpose.Batch 4L 3 50 7 Device.CPU, Randomness.batches 9L Purpose.Batch 4L 3 50 7 Device.CPU

          Expect.equal one two "the same"
          Expect.notEqual one (Randomness.batches 9L Purpose.Batch 5L 3 50 7 Device.CPU) "another update")

      testCase "the moving average: from the first metric on, Ḡ ← αḠ + (1 − α)G" (fun () ->
          let metric = Metric.ofFunction 2 (fun w -> (w * w + 1.0).unsqueeze 2 * dsharp.eye (2, dtype = w.dtype))
          let sampler = Langevin.uncorrected (averaged metric) (settings 0.0 0.1 3L) target |> ok
          let first = sampler.Init start |> ok
          let second = sampler.Step first |> ok
          let third = sampler.Step second |> ok
          let g (w: Tensor) = (w * w + 1.0).unsqueeze 2 * dsharp.eye (2, dtype = w.dtype)
          same 1e-14 "first" (g start) (Option.get second.AverageMetric)
          same 1e-14 "second" (0.8 * g start + 0.2 * g second.Positions) (Option.get third.AverageMetric)
          // and it is what is solved with: at T = 0 a step is −ε Ḡ⁻¹∇C/N
          let gradient = target.Gradient second.Positions * (0.1 / 20.0)
          let step = ((Option.get third.AverageMetric).inv().bmm(gradient.unsqueeze 2)).squeeze 2
          same 1e-10 "step" (second.Positions - step) third.Positions
          close 1e-14 "α" (0.95 ** 50.0) (Metric.averageCoefficient 0.05))

      testCase "damping only shortens steps" (fun () ->
          let step damping =
              let sampler = Langevin.uncorrected (fisher damping FisherKind.Model) (settings 0.0 0.1 3L) target |> ok
              let state = sampler.Step(sampler.Init start |> ok) |> ok
              float (((state.Positions - start) * (state.Positions - start)).sum())

          Expect.isLessThan (step 1.0) (step 0.1) "shorter"
          // at most ε/δ·|∇C/N|
          let gradient = target.Gradient start / 20.0
          Expect.isLessThan (step 1e4) ((0.1 / 1e4) ** 2.0 * float ((gradient * gradient).sum())) "ε/δ")

      testCase "progress ends at the total, and counts what is kept" (fun () ->
          let seen = ResizeArray()
          let sampler = samplers[0]
          Chains.resume (plan 600L 2 5) seen.Add sampler (sampler.Init start |> ok) |> ignore
          let last = seen[seen.Count - 1]
          Expect.equal last { Done = 610L; Total = 610L; Kept = 5 } "the end"
          Expect.isTrue (seen |> Seq.pairwise |> Seq.forall (fun (a, b) -> b.Done > a.Done && b.Kept >= a.Kept)) "forward"
          Expect.isGreaterThan seen.Count 7 "reports during burn-in too")

      testCase "diagnostics are of the state" (fun () ->
          let sampler = samplers[7]
          let state = sampler.Step(sampler.Init start |> ok) |> ok
          let found = sampler.Diagnose state
          Expect.equal found.Update 1L "update"
          same 1e-13 "C" (target.Cost state.Positions) (vector found.Cost)
          let g = target.Gradient state.Positions
          same 1e-13 "‖∇C‖" ((g * g).sum(1).sqrt()) (vector found.GradientNorm)
          let v = Option.get state.Momenta
          same 1e-13 "kinetic" ((v * v).sum 1 * (20.0 / (0.1 * 2.0))) (vector (Option.get found.KineticTemperature))
          Expect.isNone (samplers[0].Diagnose state).KineticTemperature "no momenta, no kinetic temperature") ]

let private memory =
    testSequenced (
        testList
            "memory"
            [ for i, sampler in List.indexed samplers ->
                  testCase $"a step leaves its state and no more: {i}: {sampler.Name}" (fun () ->
                      let live () = TorchSharp.DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount
                      let initial = sampler.Init start |> ok
                      let advance () = dsharp.scope (fun () -> sampler.Step initial |> ok)
                      advance () |> ignore
                      let before = live ()
                      let kept = [ for _ in 1..10 -> advance () ]
                      // positions, and momenta or an average where there is one
                      let parts (state: ChainState) = 1 + (Option.count state.Momenta) + (Option.count state.AverageMetric)
                      Expect.equal (live () - before) (kept |> List.sumBy (parts >> int64)) "live tensors") ]
    )

let private says (words: string list) result =
    let sentence = string (faultOf result)

    for word in words do
        Expect.stringContains sentence word "the fault's sentence"

let private refusals =
    [ testCase "temperature, learning rate, batch, friction" (fun () ->
          says [ "-1"; "0 or more" ] (Langevin.plain (settings -1.0 0.1 1L) target)
          says [ "learningRate"; "positive" ] (Langevin.plain (settings 1.0 0.0 1L) target)
          says [ "learningRate" ] (Langevin.plain (settings 1.0 nan 1L) target)
          says [ "1 to 20"; "21"; "exceed" ] (NaturalGradient.minibatch Metric.Identity (natural 21) target)
          says [ "0"; "1 to 20" ] (NaturalGradient.minibatch Metric.Identity (natural 0) target)
          says [ "friction"; "(0, 1]" ] (Hamiltonian.create { hamiltonian with Friction = 0.0 } target)
          says [ "-0.1" ] (Hamiltonian.create { hamiltonian with Temperature = hot -0.1 } target)
          says [ "noiseVariance"; "friction" ] (Hamiltonian.create { hamiltonian with NoiseVariance = Some(vector [ 0.01; 9.0 ]) } target))

      testCase "what a target or a metric lacks" (fun () ->
          let plain = Target.ofCost 2 20 target.Cost
          says [ "minibatches"; "model" ] (NaturalGradient.minibatch Metric.Identity (natural 3) plain)
          says [ "minibatches" ] (Hamiltonian.create hamiltonian plain)
          let three = Metric.ofFunction 3 (fun w -> w.unsqueeze 2)
          says [ "metric"; "2" ] (Langevin.uncorrected three (settings 1.0 0.1 1L) target)

          says
              [ "average"; "path" ]
              (Langevin.overUniform DivergenceWay.Exact (averaged (fisher 0.1 FisherKind.Model)) (settings 1.0 0.1 1L) target)

          says [ "Thm 1"; "overUniform" ] (Langevin.preconditioned (fisher 0.1 FisherKind.Model) (settings 1.0 0.1 1L) target)
          says [ "probes" ] (Langevin.overUniform (DivergenceWay.Probes 0) (fisher 0.1 FisherKind.Model) (settings 1.0 0.1 1L) target)
          says [ "damping" ] (Metric.damped -0.1 (fisher 0.1 FisherKind.Model))
          says [ "[0, 1)" ] (Metric.averaged 1.0 (fisher 0.1 FisherKind.Model)))

      testCase "positions of another shape" (fun () ->
          let sampler = samplers[0]
          says [ "[3]"; "[chains, 2]" ] (sampler.Init(vector [ 1.0; 2.0; 3.0 ]))
          says [ "[2; 3]"; "[chains, 2]" ] (sampler.Init(normal 1 [ 2; 3 ]))
          says [ "Int64" ] (sampler.Init((integers [ 1; 2 ]).view [ 1; 2 ]))
          says [ "chain 1"; "NaN" ] (sampler.Init((vector [ 1.0; 1.0; nan; 1.0 ]).view [ 2; 2 ])))

      testCase "a singular matrix: its eigenvalue, and damping as the remedy" (fun () ->
          says [ "eigenvalue"; "damping" ] (Metric.ofMatrix (matrix (array2D [ [ 1.0; 1.0 ]; [ 1.0; 1.0 ] ])))
          Metric.damped 0.1 (Metric.ofMatrix (matrix (array2D [ [ 1.0; 0.5 ]; [ 0.5; 1.0 ] ])) |> ok) |> ok |> ignore)

      testCase "outputs that are not numbers, of which no labels can be drawn: chain and update" (fun () ->
          let labels = dsharp.tensor ([| 0; 1; 2; 0 |], dtype = Dtype.Int64)

          let steep =
              ChainModel.ofLinear (LinearModel.create (Likelihood.Categorical 3) false (normal 5 [ 4; 2 ] * 1e4) labels)

          let drawn =
              FisherMetric.create { Kind = FisherKind.MonteCarlo 1; Damping = 1.0; Examples = None } steep |> ok

          let sampler = Langevin.uncorrected drawn (settings 1.0 0.1 1L) (ChainModel.target steep) |> ok

          let far =
              dsharp.stack ([| dsharp.zeros (6, dtype = Dtype.Float64); dsharp.full (6, 1e306, dtype = Dtype.Float64) |], 0)

          says [ "chain 1 diverged"; "update 0"; "output"; "smaller learning rate" ] (sampler.Step(sampler.Init far |> ok)))

      testCase "a singular Fisher information without damping: chain, update, eigenvalue, remedy" (fun () ->
          // one example gives a matrix of rank 1
          let metric =
              FisherMetric.create { Kind = FisherKind.Model; Damping = 0.0; Examples = Some 1 } model |> ok

          let sampler = Langevin.uncorrected metric (settings 1.0 0.1 1L) target |> ok
          let initial = sampler.Init start |> ok
          says [ "update 0"; "chain"; "damping of 0"; "more damping" ] (sampler.Step initial)

          // at a later update, of one chain
          let collapsing = Metric.ofFunction 1 (fun w -> (1.0 - (w.ge 3.0).cast w.dtype).unsqueeze 2 + 0.0)

          let slide = Target.ofCost 1 1 (fun w -> -w.sum 1)
          let sampler = Langevin.uncorrected collapsing (settings 0.0 1.0 1L) slide |> ok

          match Chains.resume (plan 0L 1 9) ignore sampler (sampler.Init((vector [ -9.0; 0.5 ]).view [ 2; 1 ]) |> ok) with
          | Error { Fault = SamplingFault.SingularMetric(chain, update, least, damping)
                    Before = before } ->
              Expect.equal (chain, update, damping) (1, 3L, 0.0) "which"
              Expect.isLessThan least 1e-12 "eigenvalue"
              Expect.equal before.Samples.shape [| 3; 2; 1 |] "what was kept before"
              Expect.equal before.State.Update 3L "where it stood"
          | other -> failtest $"{other}")

      testCase "a chain that diverges: which, when, what, remedy" (fun () ->
          // w ← w − w³ from 2: to infinity in a few updates; from 0.1 it stays
          let steep = Target.ofCost 1 1 (fun w -> (w * w * w * w).sum 1 * 0.25)
          let sampler = Langevin.plain (settings 0.0 1.0 1L) steep |> ok
          let from = (vector [ 0.1; 2.0 ]).view [ 2; 1 ]
          let mutable reference, update = 2.0, 0L

          while Double.IsFinite reference do
              reference <- reference - reference * reference * reference
              update <- update + 1L

          match Chains.run (plan 0L 1 100) sampler from with
          | Error(SamplingFault.Diverged(chain, at, quantity, _) as fault) ->
              Expect.equal (chain, quantity) (1, "position") "which"
              Expect.equal at update "when"
              Expect.stringContains (string fault) "smaller learning rate" "remedy"
          | other -> failtest $"{other}"

          let bounded = { plan 0L 1 100 with LargestParameter = 50.0 }
          says [ "chain 1"; "update 2"; "largest parameter" ] (Chains.run bounded sampler from))

      testCase "a plan out of range" (fun () ->
          let run plan = Chains.run plan samplers[0] start
          says [ "Thinning" ] (run (plan 0L 0 1))
          says [ "BurnIn" ] (run (plan -1L 1 1))
          says [ "Samples" ] (run (plan 0L 1 -1))
          Expect.equal (Chains.run (plan 3L 1 0) samplers[0] start |> ok).Samples.shape [| 0; 3; 2 |] "no samples are none") ]

let private ensembles =
    [ testCase "an ensemble's probabilities and scores, by hand" (fun () ->
          let x = matrix (array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ 1.0; 1.0 ] ])
          let y = integers [ 1; 0; 1 ]

          let samples =
              (matrix (array2D [ [ 2.0; 1.0 ]; [ -1.0; 0.5 ]; [ 0.3; -2.0 ]; [ 1.0; 1.0 ] ])).view [ 2; 2; 2 ]

          let sigma z = 1.0 / (1.0 + exp -z)
          let rows = (samples.view [ 4; 2 ]).toArray2D<float>()

          let single =
              [ for r in 0..3 -> [ sigma rows[r, 0]; sigma rows[r, 1]; sigma (rows[r, 0] + rows[r, 1]) ] ]

          let mean = [ for i in 0..2 -> single |> List.averageBy (List.item i) ]
          same 1e-13 "p(1)" (vector mean) ((Ensemble.predict model 3 samples x).squeeze 1)
          let right p = List.averageBy id (List.map2 (fun p y -> if (p > 0.5) = (y = 1) then 1.0 else 0.0) p [ 1; 0; 1 ])
          let cost p = List.averageBy id (List.map2 (fun p y -> -log(if y = 1 then p else 1.0 - p)) p [ 1; 0; 1 ])

          for chunk in [ 1; 3; 4; 100 ] do
              let found = Ensemble.score model chunk samples x y
              close 1e-12 "cross-entropy" (cost mean) found.Ensemble.CrossEntropy
              close 1e-12 "single" (List.averageBy cost single) found.Single.CrossEntropy
              close 1e-12 "accuracy" (right mean) (Option.get found.Ensemble.Accuracy)
              close 1e-12 "single accuracy" (List.averageBy right single) (Option.get found.Single.Accuracy)
              Expect.equal found.Samples 4 "samples")

      testCase "softmax and normal errors" (fun () ->
          let x = normal 64 [ 6; 2 ]
          let softmax = ChainModel.ofLinear (LinearModel.create (Likelihood.Categorical 3) true x (labels 65 3 6))
          let samples = normal 66 [ 5; softmax.Parameters ]
          let features = softmax.Inputs
          let p = Ensemble.predict softmax 2 samples features
          same 1e-12 "mean of softmax" ((ChainModel.outputs softmax samples features).softmax(2).mean 0) p
          let score = Ensemble.score softmax 2 samples features softmax.Targets
          let chosen = p.gather (1, softmax.Targets.unsqueeze 1)
          close 1e-12 "cross-entropy" (-(float (chosen.log().mean()))) score.Ensemble.CrossEntropy
          // the mean of probabilities is never worse than the mean of their costs: Jensen
          Expect.isLessThan score.Ensemble.CrossEntropy score.Single.CrossEntropy "Jensen"
          let scene = quadratic 67 8 0.5
          let gaussian = Ensemble.score scene.Model 3 (normal 68 [ 7; 2 ]) scene.Model.Inputs scene.Model.Targets
          Expect.isNone gaussian.Ensemble.Accuracy "no labels, no accuracy"
          Expect.isLessThan gaussian.Ensemble.CrossEntropy gaussian.Single.CrossEntropy "Jensen"
          refuses [ "Gaussian" ] (fun () -> Ensemble.predict scene.Model 3 (normal 68 [ 7; 2 ]) scene.Model.Inputs)) ]

let tests =
    testList "samplers" [ yield! purity; memory; testList "refusals" refusals; testList "ensembles" ensembles ]
