/// What the tests of samplers share: small targets, metrics of known shape, and how chains are compared with numbers that are known.
module NoiseScale.Theory.Tests.Sampling.Scenes

open System
open Expecto
open FsCheck
open FsCheck.FSharp
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Sampling
open NoiseScale.Theory.Tests.Fixtures

let ok (result: Result<'a, SamplingFault>) =
    match result with
    | Ok value -> value
    | Error fault -> failtest $"{fault}"

let faultOf (result: Result<'a, SamplingFault>) : SamplingFault =
    match result with
    | Ok value -> failtest $"expected a fault, found {value}"
    | Error fault -> fault

let hot = PosteriorTemperature

let seeds = Gen.choose (1, 1000000) |> Arb.fromGen

let settings temperature learningRate seed : LangevinSettings =
    { LearningRate = learningRate
      Temperature = hot temperature
      Gradient = GradientSource.Full
      Seed = seed }

// -- random smooth costs and metrics in p dimensions, in closed form

let private numbers (random: Random) count low high = Array.init count (fun _ -> low + (high - low) * random.NextDouble())

let private waves (random: Random) p count =
    // amplitude, direction, phase
    [ for _ in 1..count -> 0.2 + 0.5 * random.NextDouble(), vector (numbers random p -1.2 1.2), 6.0 * random.NextDouble() ]

let private wave (w: Tensor) (_, direction: Tensor, phase: float) = w.matmul direction + phase

/// C(w) = ½ Σ k w² + Σ a·sin(b·w + c), summed over `examples`.
let randomCost seed p examples : Target =
    let random = Random(seed: int)
    let stiffness = vector (numbers random p 0.5 2.0)
    let waves = waves random p 2

    Target.ofCost p examples (fun w ->
        let bumps = waves |> List.map (fun (a, b, c) -> sin (wave w (a, b, c)) * a) |> List.reduce (+)
        (w * w * stiffness).sum 1 * 0.5 + bumps)

/// G(w) = 0.4·1 + B(w)ᵀB(w), the elements of B waves: symmetric, positive, and far from constant.
let randomMetricMatrix seed p : Tensor -> Tensor =
    let random = Random(seed + 77: int)
    let elements = waves random p (p * p)

    fun (w: Tensor) ->
        let b =
            dsharp.stack ([| for a, direction, phase in elements -> sin (wave w (a, direction, phase)) * (2.0 * a) |], dim = 1)

        let b = b.view [ w.shape[0]; p; p ]
        (b.transpose (1, 2)).bmm b + 0.4 * dsharp.eye (p, dtype = w.dtype)

let randomMetric seed p = Metric.ofFunction p (randomMetricMatrix seed p)

// -- a sampler's dynamics at single points, for the oracle

let private row (w: float[]) = (vector w).view [ 1; w.Length ]

let asDiffusion (dynamics: Dynamics) : FokkerPlanck.Diffusion =
    { Drift = fun w -> dsharp.scope (fun () -> floats (dynamics.Drift(row w)))
      Diffusion =
        fun w ->
            let d = dsharp.scope (fun () -> floats (dynamics.Diffusion(row w)))
            Array2D.init w.Length w.Length (fun i j -> d[i * w.Length + j])
      LogDensity = fun w -> dsharp.scope (fun () -> float (dynamics.LogDensity(row w))) }

// -- linear regression: a quadratic cost, whose chains are linear recursions

type Quadratic =
    {
        Model: ChainModel
        Target: Target
        /// of the summed cost, with the prior
        Hessian: float[,]
        Mode: float[]
        /// one example's xxᵀ/σ² and xy/σ²
        Parts: (float[,] * float[])[]
    }

let quadratic seed n lambda : Quadratic =
    let x, noise = normal seed [ n; 2 ], normal (seed + 1) [ n; 1 ]
    let y = x.matmul (matrix (array2D [ [ 0.7 ]; [ -0.4 ] ])) + noise * 0.8
    let variance = 0.5
    let model = ChainModel.ofLinear (LinearModel.create (Likelihood.Gaussian variance) false x y)
    let xs, ys = x.toArray2D<float>(), floats y

    let parts =
        [| for i in 0 .. n - 1 ->
               Array2D.init 2 2 (fun a b -> xs[i, a] * xs[i, b] / variance), [| xs[i, 0] * ys[i] / variance; xs[i, 1] * ys[i] / variance |] |]

    let hessian =
        Array2D.init 2 2 (fun a b -> (parts |> Array.sumBy (fun (h, _) -> h[a, b])) + (if a = b then lambda else 0.0))

    let b = Array.init 2 (fun a -> parts |> Array.sumBy (fun (_, v) -> v[a]))

    { Model = model
      Target = ChainModel.target model |> Target.withPrior (Prior.OfPrecision lambda)
      Hessian = hessian
      Mode = floats ((matrix hessian).solve(vector b))
      Parts = parts }

let plan burnIn thinning samples : ChainPlan =
    { BurnIn = burnIn
      Thinning = thinning
      Samples = samples
      LargestParameter = infinity }

/// Draws of every parameter, of chains that start at a place.
let draws chains (plan: ChainPlan) (sampler: Sampler) (start: float[]) : Draws[] =
    (Chains.run plan sampler (Chains.startAt chains (vector start)) |> ok).Samples |> Draws.ofSeries

let estimate (result: Result<'a, DiagnosticError>) =
    match result with
    | Ok value -> value
    | Error error -> failtest $"{error}"

/// Beyond 5 standard errors by chance once in 1.7 million comparisons; there are some 60 of them: a false alarm once in 30,000 changes of a seed.
let agrees what claimed (found: Result<MonteCarloEstimate, DiagnosticError>) =
    let found = estimate found

    if found.EffectiveSampleSize < 400.0 then
        failtest $"{what}: {found.EffectiveSampleSize} effective samples are too few for a z-score"

    if not (abs (found.ZScore claimed) < 5.0) then
        failtest $"{what}: {found.Value} ± {found.StandardError}, but {claimed} is claimed: z = {found.ZScore claimed}"

/// Mean and covariance of chains against those claimed.
let haveMoments what (mean: float[]) (covariance: float[,]) (draws: Draws[]) =
    for i in 0 .. draws.Length - 1 do
        agrees $"{what}: mean {i}" mean[i] (MonteCarlo.mean draws[i])

        for j in 0..i do
            agrees $"{what}: covariance {i} {j}" covariance[i, j] (MonteCarlo.covariance draws[i] draws[j])

/// All subsets of that size of 0 … n − 1.
let rec subsets size n =
    if size = 0 then
        [ [] ]
    elif n < size then
        []
    else
        subsets size (n - 1) @ [ for rest in subsets (size - 1) (n - 1) -> rest @ [ n - 1 ] ]
