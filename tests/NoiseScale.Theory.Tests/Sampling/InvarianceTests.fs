/// Proof (c): natural gradients move in function space; other parameters for the same functions change nothing, exactly or to the order of ε that is claimed.
module NoiseScale.Theory.Tests.Sampling.InvarianceTests

open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Sampling
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Property
open NoiseScale.Theory.Tests.Sampling.Scenes

let private natural learningRate batchSize : NaturalGradientSettings = { LearningRate = learningRate; BatchSize = batchSize; Seed = 17L }

let private undamped kind model = FisherMetric.create { Kind = kind; Damping = 0.0; Examples = None } model |> ok

/// w = Aθ of logistic regression: features XA.
let private linear =
    let x, y = normal 81 [ 30; 2 ], labels 82 2 30
    let a = matrix (array2D [ [ 1.3; -0.7 ]; [ 0.4; 2.1 ] ])
    let model features = ChainModel.ofLinear (LinearModel.create Likelihood.Bernoulli false features y)
    let own, other = model x, model (x.matmul a)

    let samplers: (string * (ChainModel -> Sampler) * float) list =
        [ "NGD", (fun m -> NaturalGradient.minibatch (undamped FisherKind.Model m) (natural 0.3 5) (ChainModel.target m) |> ok), 1e-9
          "NGD, drawn labels",
          (fun m -> NaturalGradient.minibatch (undamped (FisherKind.MonteCarlo 2) m) (natural 0.3 5) (ChainModel.target m) |> ok),
          1e-9
          "SNGD",
          (fun m ->
              NaturalGradient.stochastic DivergenceWay.Exact (undamped FisherKind.Model m) (natural 0.3 5) (ChainModel.target m) |> ok),
          1e-9 ]

    testList
        "a linear change of parameters changes nothing at all"
        [ for name, sampler, tolerance in samplers ->
              testCase name (fun () ->
                  let theta = normal 83 [ 4; 2 ] * 0.5
                  let moved = Chains.run (plan 0L 4 5) (sampler other) theta |> ok
                  let direct = Chains.run (plan 0L 4 5) (sampler own) (theta.matmul (a.transpose ())) |> ok
                  same tolerance "20 updates" direct.Samples (moved.Samples.matmul (a.transpose ())))

          yield
              testCase "damping breaks it" (fun () ->
                  let sampler model =
                      let metric = Metric.damped 0.1 (undamped FisherKind.Model model) |> ok
                      NaturalGradient.minibatch metric (natural 0.3 5) (ChainModel.target model) |> ok

                  let theta = normal 83 [ 4; 2 ] * 0.5
                  let moved = Chains.run (plan 0L 4 5) (sampler other) theta |> ok
                  let direct = Chains.run (plan 0L 4 5) (sampler own) (theta.matmul (a.transpose ())) |> ok
                  Expect.isGreaterThan (float ((direct.Samples - moved.Samples.matmul (a.transpose ())).abs().max())) 1e-3 "another path") ]

// -- w = φ(θ), not linear: a model that computes logits from φ(θ)

/// φ(θ) = (θ₁ + 0.4 sin θ₂, θ₂ + 0.3 θ₁²), one row a chain.
let private phi (theta: Tensor) : Tensor =
    let a, b = theta[*, 0], theta[*, 1]
    dsharp.stack ([| a + 0.4 * b.sin (); b + 0.3 * a * a |], dim = 1)

let private examples = 6

// no line through the origin parts the labels, so there is a minimum
let private features =
    matrix (array2D [ [ 1.0; 0.0 ]; [ 0.0; 1.0 ]; [ 0.2; -1.0 ]; [ -1.0; 0.2 ]; [ -0.5; -0.6 ]; [ 0.5; 0.5 ] ])

/// Costs ln(1 + e^{z}) − y z of examples, by their outputs: the same for every parametrisation.
let private target (reparametrise: Tensor -> Tensor) : Target =
    let y = vector [ 1.0; 0.0; 0.0; 1.0; 1.0; 0.0 ]

    Target.ofExampleCosts 2 examples (fun w indices ->
        let z = (reparametrise w).matmul(features.transpose ())
        ((z.softplus ()) - z * y).gather(1, indices))

/// The covariance of examples' gradients, as a metric: what the minibatch's noise has at every w.
let private metricOf (reparametrise: Tensor -> Tensor) =
    let y = vector [ 1.0; 0.0; 0.0; 1.0; 1.0; 0.0 ]

    let jacobian (theta: Tensor) : Tensor =
        // the rows of ∂φ/∂θ of every chain, differentiable
        dsharp.stack ([| for i in 0..1 -> dsharp.grad (fun t -> ((reparametrise t)[*, i]).sum()) theta |], dim = 1)

    Metric.ofFunction 2 (fun theta ->
        let z = (reparametrise theta).matmul(features.transpose ())
        let residuals = z.sigmoid () - y
        let g = (residuals.unsqueeze 2 * features.unsqueeze 0).bmm(jacobian theta)
        FirstOrder.exampleCovariance g)

/// The mean over all batches of the outputs after one update from θ.
let private meanStep correction reparametrise batchSize learningRate (theta: Tensor) =
    let batches = subsets batchSize examples

    let sampler =
        NaturalGradient.printed correction (metricOf reparametrise) (natural learningRate batchSize) (target reparametrise)
        |> ok
    // each chain one batch: the sampler's own draws replaced by all there are
    let all = (integers (List.concat batches)).view [ batches.Length; batchSize ]
    let gradient = Option.get (target reparametrise).BatchGradient

    let exhaustive = { target reparametrise with BatchGradient = Some(fun w _ -> gradient w all) }

    let sampler =
        match NaturalGradient.printed correction (metricOf reparametrise) (natural learningRate batchSize) exhaustive with
        | Ok exhausted -> exhausted
        | Error _ -> sampler

    let state = sampler.Init((theta.view [ 1; 2 ]).expand [ batches.Length; 2 ]) |> ok
    (reparametrise (sampler.Step state |> ok).Positions).mean 0

let private stationaryTheta =
    // where ∇C = 0 in w, and the θ of it: Newton's method on the plain target, then on φ
    let plain = target id
    let mutable w = vector [ 0.0; 0.0 ]

    for _ in 1..40 do
        let g, h = dsharp.gradhessian (fun (w: Tensor) -> (plain.Cost(w.view [ 1; 2 ])).sum()) w
        w <- w - h.solve g

    let mutable theta = w

    for _ in 1..60 do
        let residual = (phi (theta.view [ 1; 2 ]))[0] - w
        theta <- theta - (dsharp.jacobian (fun (t: Tensor) -> (phi (t.view [ 1; 2 ]))[0]) theta).solve residual

    w, theta

let private differences correction =
    [ for epsilon in [ 0.08; 0.04; 0.02; 0.01 ] ->
          let w, theta = stationaryTheta
          let difference = meanStep correction phi 2 epsilon theta - meanStep correction id 2 epsilon w
          float ((difference * difference).sum().sqrt()) ]

let private curved =
    testList
        "a curved change of parameters"
        [ testCase "NGD at full batch follows one path in function space as ε → 0: slope 1" (fun () ->
              let path reparametrise start epsilon =
                  let sampler =
                      NaturalGradient.minibatch (metricOf reparametrise) (natural epsilon examples) (target reparametrise) |> ok

                  let run = Chains.run (plan 0L 1 (int (round (0.8 / epsilon)))) sampler start |> ok
                  reparametrise run.State.Positions

              let theta = (vector [ 0.2; -0.3 ]).view [ 1; 2 ]

              let errors =
                  [ for epsilon in [ 0.04; 0.02; 0.01; 0.005 ] ->
                        float ((path phi theta epsilon - path id (phi theta) epsilon).abs().max()) ]

              let slope = slopeOfHalvings errors
              Expect.isLessThan (abs (slope - 1.0)) 0.1 $"slope {slope} of {errors}")

          testCase "SNGD's mean step over all batches is one step in function space to ε³, where the noise is the metric's" (fun () ->
              let slope = slopeOfHalvings (differences Correction.Jeffreys)
              Expect.isLessThan (abs (slope - 3.0)) 0.2 $"slope {slope}")

          testCase "without corrections, over the uniform measure, and as printed: only to ε²" (fun () ->
              for correction in
                  [ Correction.None; Correction.Uniform; Correction.PrintedEq2; Correction.PrintedEq6; Correction.PrintedEq7 ] do
                  let slope = slopeOfHalvings (differences correction)
                  Expect.isLessThan (abs (slope - 2.0)) 0.2 $"{correction}: slope {slope}") ]

let tests = testList "reparametrisation" [ linear; curved ]
