/// Proof (e): simulation-based calibration on a conjugate model: parameters from the prior, data from them, and their ranks among posterior samples, which are
/// uniform if the sampler is right. (Talts et al. 2018)
module NoiseScale.Theory.Tests.Sampling.CalibrationTests

open Expecto
open DiffSharp
open NoiseScale.Theory.Sampling
open NoiseScale.Theory.Tests.Fixtures
open NoiseScale.Theory.Tests.Sampling.Scenes

let private simulations = 1200
let private samples = 19
let private observations = 8

/// w ~ N(0, 1)², yᵢ = x_i·w + noise of variance 0.7: each chain has data of its own, from a truth of its own.
let private truths = normal 101 [ simulations; 2 ]
let private features = normal 102 [ observations; 2 ]
let private variance = 0.7

let private data =
    truths.matmul (features.transpose ()) + normal 103 [ simulations; observations ] * sqrt variance

let private target (priorPrecision: float) : Target =
    Target.ofCost 2 observations (fun w ->
        let residuals = w.matmul (features.transpose ()) - data
        (residuals * residuals).sum 1 * (0.5 / variance) + (w * w).sum 1 * (0.5 * priorPrecision))

let private hessian =
    features.transpose().matmul features / variance + dsharp.eye (2, dtype = Dtype.Float64)

/// The metric of the mean cost, H/N: then a chain forgets at the rate ε in every direction.
let private metric = Metric.ofMatrix (hessian / float observations) |> ok

/// p-values of the ranks of both parameters. 60 updates at ε = 0.06 leave e^{−3.6} = 3% of correlation; the variance is 3% too large, which 1200 ranks do not show.
let private pValues (sampler: Sampler) =
    let run = Chains.run (plan 200L 60 samples) sampler (truths.zerosLike ()) |> ok
    let kept, true' = run.Samples.toArray3D<float>(), truths.toArray2D<float>()

    [ for i in 0..1 ->
          Calibration.ranks simulations (fun chain -> true'[chain, i], Array.init samples (fun s -> kept[s, chain, i]))
          |> Calibration.chiSquared 20 samples
          |> snd ]

/// Refused with probability 1e-4 each where all is right: six of them, a false alarm once in 1,700 changes of a seed.
let private calibrated what sampler =
    for p in pValues sampler do
        if not (p > 1e-4) then
            failtest $"{what}: the ranks are not uniform, p = {p}"

let private preconditioned temperature precision = Langevin.preconditioned metric (settings temperature 0.06 31L) (target precision) |> ok

let tests =
    testList
        "simulation-based calibration"
        [ testCase "preconditioned Langevin" (fun () -> preconditioned 1.0 1.0 |> calibrated "preconditioned")

          testCase "Langevin over the uniform measure, a metric that changes" (fun () ->
              let h = (hessian / float observations).unsqueeze 0
              // twice as large here than there, along a wave
              let changing (w: Tensor) = h * (1.5 + 0.5 * (w.sum 1).sin()).view [ -1; 1; 1 ]

              let sampler =
                  Langevin.overUniform DivergenceWay.Exact (Metric.ofFunction 2 changing) (settings 1.0 0.09 32L) (target 1.0) |> ok

              calibrated "Thm 3" sampler)

          testCase "SGHMC" (fun () ->
              Hamiltonian.create
                  { LearningRate = 0.08
                    Friction = 0.3
                    Temperature = hot 1.0
                    Gradient = GradientSource.Full
                    NoiseVariance = None
                    Seed = 33L }
                  (target 1.0)
              |> ok
              |> calibrated "SGHMC")

          testCase "and it sees what is wrong: half or twice the temperature, a prior four times too sharp" (fun () ->
              for name, sampler in [ "T = ½", preconditioned 0.5 1.0; "T = 2", preconditioned 2.0 1.0; "prior", preconditioned 1.0 4.0 ] do
                  Expect.isLessThan (List.min (pValues sampler)) 1e-6 name) ]
