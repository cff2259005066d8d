/// Proof (a): each sampler's drift and diffusion leave its claimed density stationary, for random costs and metrics; the paper's printed forms do not.
module NoiseScale.Theory.Tests.Sampling.FluxTests

open System
open Expecto
open DiffSharp
open NoiseScale.Theory.Sampling
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Property
open NoiseScale.Theory.Tests.Sampling.Scenes

/// Differences of order 8 with steps of 0.01 of waves of wavenumber about 2: their error is near 1e-12 relative, rounding about 1e-13; fluxes are of order 1.
let private tolerance = 1e-8

let private fluxOf (sampler: Sampler) seed dimension =
    FokkerPlanck.largestFlux (asDiffusion sampler.Dynamics) (FokkerPlanck.points seed 3 dimension 1.5)

let private isStationary what sampler seed dimension =
    let flux = fluxOf sampler seed dimension

    if not (flux < tolerance) then
        failtest $"{what} in {dimension} dimensions: a flux of {flux}"

/// N examples with ℓᵢ = C/N + Σ_k s_ik h_k, where the columns of signs s are orthogonal and sum to 0: their gradients' covariance, with denominator N − 1,
/// is N/(N − 1)·JᵀJ at every w, J = ∂h/∂w, so that a metric can be equal to it everywhere. h_k = w_k + 0.4·sin(a_k·w + b_k).
let private noisyExamples seed p =
    let n = 8
    let random = Random(seed: int)
    let cost = randomCost seed p n

    let signs = (matrix (Array2D.init n p (fun i k -> if (i >>> k) &&& 1 = 0 then 1.0 else -1.0)))

    let directions = matrix (Array2D.init p p (fun _ _ -> random.NextDouble() * 1.6 - 0.8))
    let phases = vector (Array.init p (fun _ -> 6.0 * random.NextDouble()))
    let h (w: Tensor) = w + (w.matmul (directions.transpose ()) + phases).sin() * 0.4

    let target =
        Target.ofExampleCosts p n (fun w indices ->
            let all = (cost.Cost w).unsqueeze 1 / float n + (h w).matmul(signs.transpose ())
            all.gather (1, indices))

    let metric (w: Tensor) =
        let slopes = (w.matmul (directions.transpose ()) + phases).cos() * 0.4
        let j = slopes.unsqueeze 2 * directions.unsqueeze 0 + dsharp.eye (p, dtype = w.dtype)
        (j.transpose (1, 2)).bmm j * (float n / float (n - 1))

    target, Metric.ofFunction p metric

let private natural learningRate batchSize : NaturalGradientSettings = { LearningRate = learningRate; BatchSize = batchSize; Seed = 1L }

let private right =
    testList
        "the flux vanishes"
        [ for p in [ 1; 2 ] do
              property 6 $"of the samplers that inject noise, p = {p}" seeds (fun seed ->
                  let target, metric = randomCost seed p 10, randomMetric seed p
                  let temperature = 0.5 + float (seed % 7) / 4.0
                  let settings = settings temperature 0.1 1L
                  isStationary "Langevin" (Langevin.plain settings target |> ok) seed p
                  let constant = Metric.ofMatrix ((randomMetricMatrix seed p (normal seed [ 1; p ]))[0]) |> ok
                  isStationary "preconditioned" (Langevin.preconditioned constant settings target |> ok) seed p
                  isStationary "Thm 2" (Langevin.overJeffreys DivergenceWay.Exact metric settings target |> ok) seed p
                  isStationary "Thm 3" (Langevin.overUniform DivergenceWay.Exact metric settings target |> ok) seed p
                  let damped = Metric.damped 0.3 metric |> ok
                  isStationary "Thm 2, damped" (Langevin.overJeffreys DivergenceWay.Exact damped settings target |> ok) seed p)

              property 5 $"of SNGD with its minibatch noise, p = {p}" seeds (fun seed ->
                  let target, metric = noisyExamples seed p
                  let settings = natural 0.2 (1 + seed % 7)
                  isStationary "Thm 5" (NaturalGradient.stochastic DivergenceWay.Exact metric settings target |> ok) seed p

                  isStationary
                      "Thm 5, uniform measure"
                      (NaturalGradient.stochasticOverUniform DivergenceWay.Exact metric settings target |> ok)
                      seed
                      p)

          property 3 "SGHMC's flux circulates without divergence" seeds (fun seed ->
              let sampler =
                  Hamiltonian.create
                      { LearningRate = 4.0
                        Friction = 0.3
                        Temperature = hot 1.3
                        Gradient = GradientSource.Full
                        NoiseVariance = None
                        Seed = 1L }
                      (randomCost seed 1 10)
                  |> ok

              let divergence =
                  FokkerPlanck.largestDivergence (asDiffusion sampler.Dynamics) (FokkerPlanck.points seed 2 2 1.2)

              if not (divergence < 1e-6) then
                  failtest $"a divergence of {divergence}") ]

/// The paper's printed forms, with the densities it claims for them.
let private printed =
    [ "Eq. 2", Correction.PrintedEq2, Langevin.overJeffreys
      "Eq. 6", Correction.PrintedEq6, Langevin.overJeffreys
      "Eq. 7", Correction.PrintedEq7, Langevin.overUniform ]

let private wrong =
    testList
        "the printed forms have flux"
        [ for name, correction, claim in printed do
              property 6 $"{name}, random metrics" seeds (fun seed ->
                  for p in [ 1; 2 ] do
                      let target, metric, settings = randomCost seed p 10, randomMetric seed p, settings 1.0 0.1 1L
                      let asPrinted = Langevin.printed correction metric settings target |> ok
                      let claimed = claim DivergenceWay.Exact metric settings target |> ok

                      let dynamics = { asPrinted.Dynamics with LogDensity = claimed.Dynamics.LogDensity }

                      let flux = FokkerPlanck.largestFlux (asDiffusion dynamics) (FokkerPlanck.points seed 6 p 1.5)

                      // a million times what the right forms leave
                      if not (flux > 0.01) then
                          failtest $"{name}, p = {p}: a flux of {flux}")

          testCase "in one dimension, by hand: g = 1 + 0.8w²" (fun () ->
              let g (w: Tensor) = (1.0 + 0.8 * w * w).unsqueeze 2
              let metric = Metric.ofFunction 1 g
              let target = Target.ofCost 1 1 (fun w -> (w * w).sum 1 * 0.5)
              let settings = settings 1.0 0.1 1L
              // g'/g²: the printed drift less the right one is 2g'/g² for Eqs. 2 and 7, and 2g'/g² − g'/g² for Eq. 6
              let slope w = 1.6 * w / (1.0 + 0.8 * w * w) ** 2.0

              for name, correction, claim in printed do
                  let excess = if name = "Eq. 6" then 1.0 else 2.0
                  let asPrinted = Langevin.printed correction metric settings target |> ok
                  let claimed = claim DivergenceWay.Exact metric settings target |> ok

                  let dynamics = asDiffusion { asPrinted.Dynamics with LogDensity = claimed.Dynamics.LogDensity }

                  for w in [ -1.1; 0.3; 0.645 ] do
                      let flux = FokkerPlanck.relativeFlux dynamics [| w |]
                      close 1e-8 name (excess * slope w) flux[0])

          testCase "without corrections a metric that changes leaves no claimed density stationary" (fun () ->
              let target, metric = randomCost 4 2 10, randomMetric 4 2
              let sampler = Langevin.uncorrected metric (settings 1.0 0.1 1L) target |> ok
              Expect.isGreaterThan (fluxOf sampler 4 2) 0.01 "the flux of what the paper ran") ]

let tests = testList "probability flux" [ right; wrong ]
