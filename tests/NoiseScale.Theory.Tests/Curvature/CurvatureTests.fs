/// Hessians, Gauss–Newton and Fisher matrices against sums over examples, classes and differences.
module NoiseScale.Theory.Tests.CurvatureTests

open Expecto
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.OperatorTests

let private flat (problem: Problem) (w: Tensor[]) =
    let loss (v: Tensor) = Problem.summedLoss problem (Parameters.unflatten w v)
    loss, Parameters.flatten w

/// Σ over examples of weighted squares g gᵀ of gradients, one by one: targets and weights of example i from `outcomes`.
let private squares (problem: Problem) w (outcomes: int -> (Tensor * float) list) =
    [ for i in 0 .. problem.Count - 1 do
          for target, weight in outcomes i do
              let single = { Problem.select [ i ] problem with Targets = target }

              let loss, at = flat single w
              let g = dsharp.grad loss at
              g.outer g * weight ]
    |> List.reduce (+)

/// All targets of example i with their probabilities. Errors of ±σ in each output have the covariance of normal ones.
let private ownTargets (problem: Problem) (w: Tensor[]) (i: int) =
    let outputs = problem.Predict w problem.Inputs
    let z = outputs[i]

    match problem.Likelihood with
    | Likelihood.Categorical k ->
        let p = floats (z.softmax 0)
        [ for y in 0 .. k - 1 -> integers [ y ], p[y] ]
    | Likelihood.Bernoulli ->
        let p = float (z.sigmoid ())
        [ integers [ 0 ], 1.0 - p; integers [ 1 ], p ]
    | Likelihood.Gaussian variance ->
        [ for a in [ -1.0; 1.0 ] do
              for b in [ -1.0; 1.0 ] -> (z + vector [ a; b ] * sqrt variance).unsqueeze 0, 0.25 ]

let private row (targets: Tensor) (i: int) = targets.indexSelect (0, integers [ i ])

let tests =
    testList
        "curvature of a model"
        [ forEach "the Hessian: differences of gradients" (fun problem w ->
              let loss, at = flat problem w
              let p = at.nelement
              let h = 1e-5

              let column i =
                  let step = dsharp.onehot (p, i, Dtype.Float64, Device.CPU) * h
                  (dsharp.grad loss (at + step) - dsharp.grad loss (at - step)) / (2.0 * h)

              let differences = dsharp.stack ([ for i in 0 .. p - 1 -> column i ], 1)
              // truncation h² and rounding 1e-16/h, times derivatives of order 1
              isMatrix 1e-7 "summed" ((differences + differences.transpose ()) * 0.5) (Hessian.ofSummedLoss problem w)
              let mean = Hessian.ofSummedLoss problem w |> SymmetricOperator.scale (1.0 / float problem.Count)
              isMatrix 1e-12 "mean" (mean.ToMatrix()) (Hessian.ofMeanLoss problem w))

          forEach "Gauss–Newton: Σ JᵀΛJ of Jacobian and output Hessian, one example at a time" (fun problem w ->
              let _, at = flat problem w

              let term i =
                  let x = row problem.Inputs i
                  let outputs (v: Tensor) = (problem.Predict (Parameters.unflatten w v) x)[0]
                  let cost (z: Tensor) = (Likelihood.costs problem.Likelihood (z.unsqueeze 0) (row problem.Targets i)).sum()
                  let jacobian = dsharp.jacobian outputs at
                  jacobian.transpose().matmul((dsharp.hessian cost (outputs at)).matmul jacobian)

              let sum = [ for i in 0 .. problem.Count - 1 -> term i ] |> List.reduce (+)
              isMatrix 1e-12 "summed" sum (GaussNewton.ofSummedLoss problem w)
              isMatrix 1e-12 "mean" (sum / float problem.Count) (GaussNewton.ofMeanLoss problem w)
              let values, _ = Dense.eigen sum
              Expect.isGreaterThan (float (values.min ())) -1e-12 "never negative")

          forEach "the model's Fisher matrix: Σ over its own targets of p·ggᵀ" (fun problem w ->
              let sum = squares problem w (ownTargets problem w)
              let fisher = ModelFisher.At(problem, w)
              isMatrix 1e-11 "summed" sum fisher.Summed
              isMatrix 1e-11 "mean" (sum / float problem.Count) fisher.Mean)

          forEach "the empirical Fisher matrix: Σ ggᵀ at the data's targets" (fun problem w ->
              let sum = squares problem w (fun i -> [ row problem.Targets i, 1.0 ])
              let fisher = EmpiricalFisher.At(problem, w)
              isMatrix 1e-11 "summed" sum fisher.Summed
              isMatrix 1e-11 "mean" (sum / float problem.Count) fisher.Mean)

          forEach "a Monte Carlo Fisher matrix: unbiased, a function of its seed, and the mean of its draws" (fun problem w ->
              let exact = ModelFisher.At(problem, w).Summed.ToMatrix()
              let v = normal 40 [ exact.shape[0] ]
              let form (operator: SymmetricOperator) = float (v.dot (operator.Apply v))
              let drawn draws seed = MonteCarloFisher.At(problem, w, draws, int64 seed)
              expectUnbiased "vᵀFv" (float (v.dot (exact.matmul v))) [| for seed in 1..300 -> form (drawn 1 seed).Summed |]

              let one = drawn 3 7
              Expect.equal (form one.Summed) (form (drawn 3 7).Summed) "one seed"
              Expect.equal (form one.Summed) (form one.Summed) "the same draws in every product"
              Expect.notEqual (form one.Summed) (form (drawn 3 8).Summed) "two seeds"
              Expect.equal (one.Draws, one.Seed) (3, 7L) "what it was made of"
              isMatrix 1e-12 "mean" (one.Summed.ToMatrix() / float problem.Count) one.Mean

              // the same draws one by one
              let random = generator 7
              let z = problem.Predict w problem.Inputs
              let targets = [ for _ in 1..3 -> Likelihood.sample problem.Likelihood random z ]
              isMatrix 1e-11 "draws" (squares problem w (fun i -> [ for y in targets -> row y i, 1.0 / 3.0 ])) one.Summed
              // the variance of a mean of 16 is a sixteenth; 100 of each give it to about 14 %
              let variance draws =
                  let samples = [| for seed in 1..100 -> form (drawn draws (1000 + seed)).Summed |]
                  let mean = Array.average samples
                  samples |> Array.averageBy (fun s -> (s - mean) ** 2.0)

              let ratio = variance 1 / variance 16
              Expect.isTrue (ratio > 8.0 && ratio < 32.0) $"the variance falls as 1/draws: {ratio}")

          testCase "the three Fisher matrices are not each other, and a linear model's Hessian is the first" (fun () ->
              let linear =
                  Problem.create (Likelihood.Categorical 3) (fun w x -> x.matmul w[0]) (normal 41 [ 8; 2 ]) (labels 42 3 8)

              let w = [| normal 43 [ 2; 3 ] |]
              let model = ModelFisher.At(linear, w).Summed.ToMatrix()
              isMatrix 1e-12 "Hessian" model (Hessian.ofSummedLoss linear w)
              let apart (other: Tensor) = float ((other - model).abs().max()) / float (model.abs().max())
              Expect.isGreaterThan (apart (EmpiricalFisher.At(linear, w).Summed.ToMatrix())) 0.05 "empirical"
              Expect.isGreaterThan (apart (MonteCarloFisher.At(linear, w, 1, 1L).Summed.ToMatrix())) 0.05 "Monte Carlo")

          testCase "refusals" (fun () ->
              let _, problem, w = problems[0]
              refuses [ "at least one draw"; "0" ] (fun () -> MonteCarloFisher.At(problem, w, 0, 1L))
              refuses [ "at least one" ] (fun () -> Hessian.ofSummedLoss problem [||])

              let wrong = { problem with Predict = fun w x -> (network w x).sum 1 }

              refuses [ "[7, K]" ] (fun () -> (GaussNewton.ofSummedLoss wrong w).Apply(Parameters.flatten w))) ]
