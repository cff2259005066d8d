/// What samplers cost: `dotnet run --project tests/NoiseScale.Theory.Tests -c Release -- --sampling-cost`.
module NoiseScale.Theory.Tests.Sampling.SamplingCost

open System
open System.Diagnostics
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.GradientNoise
open NoiseScale.Theory.Sampling

let private normal (seed: int) (shape: int list) = dsharp.randn (shape, dtype = Dtype.Float64, generator = Generator(int64 seed))

let private settings: LangevinSettings =
    { LearningRate = 0.1
      Temperature = PosteriorTemperature 1.0
      Gradient = GradientSource.Full
      Seed = 1L }

/// Milliseconds of an update: the fastest, which a busy machine disturbs least.
let private update rounds (sampler: Sampler) (w: Tensor) =
    let mutable state = sampler.Init w |> SamplingFault.orFail

    let times =
        [| for _ in 1 .. rounds + rounds / 4 + 1 do
               let began = Stopwatch.GetTimestamp()
               state <- dsharp.scope (fun () -> sampler.Step state |> SamplingFault.orFail)
               Stopwatch.GetElapsedTime(began).TotalMilliseconds |]

    Array.min times[rounds / 4 + 1 ..]

let private chain () =
    let stiffness = dsharp.tensor ([ 1.0; 4.0 ], dtype = Dtype.Float64)

    let quadratic =
        { Target.ofCost 2 1 (fun w -> (w * w * stiffness).sum 1 * 0.5) with
            Gradient = fun w -> w * stiffness }

    let metric =
        Metric.ofMatrix (dsharp.tensor ([ [ 2.0; 0.3 ]; [ 0.3; 1.0 ] ], dtype = Dtype.Float64)) |> SamplingFault.orFail

    let sampler = Langevin.preconditioned metric settings quadratic |> SamplingFault.orFail

    let plan = { BurnIn = 0L; Thinning = 100; Samples = 1000; LargestParameter = infinity }

    let began = Stopwatch.GetTimestamp()
    Chains.run plan sampler (normal 1 [ 64; 2 ]) |> SamplingFault.orFail |> ignore
    let seconds = Stopwatch.GetElapsedTime(began).TotalSeconds
    printfn $"100,000 preconditioned updates of 64 chains of 2 parameters, quadratic cost: {seconds:F1} s, {10.0 * seconds:F1} us an update"

    let x = normal 2 [ 1000; 2 ]
    let y = (x[*, 0].gt 0.0).cast Dtype.Int64
    let model = ChainModel.ofLinear (LinearModel.create Likelihood.Bernoulli false x y)
    let target = ChainModel.target model |> Target.withPrior (Prior.OfPrecision 1.0)

    let fisher =
        FisherMetric.create { Kind = FisherKind.Model; Damping = 1e-4; Examples = None } model |> SamplingFault.orFail

    let natural: NaturalGradientSettings = { LearningRate = 0.1; BatchSize = 50; Seed = 1L }

    let w = normal 3 [ 64; 2 ]

    for name, sampler in
        [ "static metric", Langevin.preconditioned metric settings target
          "Fisher recomputed", Langevin.uncorrected fisher settings target
          "Jeffreys (Thm 2)", Langevin.overJeffreys DivergenceWay.Exact fisher settings target
          "NGD, B = 50", NaturalGradient.minibatch fisher natural target
          "SNGD, B = 50", NaturalGradient.stochastic DivergenceWay.Exact fisher natural target ] do
        printfn $"logistic regression, N = 1000, 64 chains, {name}: {1000.0 * update 100 (SamplingFault.orFail sampler) w:F0} us an update"

let private network () =
    for hidden in [ 5; 10; 20; 40 ] do
        let layers = Layer.dense 10 hidden @ [ Layer.Function("relu", _.relu()) ] @ Layer.dense hidden 10
        let x = normal 4 [ 1024; 10 ]
        let y = dsharp.randint (0, 10, [ 1024 ], dtype = Dtype.Int64, generator = Generator(5L))
        let model = ChainModel.ofNetwork (Likelihood.Categorical 10) layers x y
        let target = ChainModel.target model |> Target.withPrior (Prior.OfPrecision 20.0)

        let fisher =
            FisherMetric.create { Kind = FisherKind.MonteCarlo 1; Damping = 0.1; Examples = None } model |> SamplingFault.orFail

        let natural: NaturalGradientSettings = { LearningRate = 0.125; BatchSize = 64; Seed = 1L }

        let w = Parameters.flatten (Network.initialise layers (Generator 6L)) |> Chains.startAt 1
        let time rounds sampler = update rounds (SamplingFault.orFail sampler) w
        let plain = time 8 (NaturalGradient.minibatch fisher natural target)
        let probed = time 8 (NaturalGradient.stochastic (DivergenceWay.Probes 1) fisher natural target)

        let exact =
            if hidden > 20 && Environment.GetEnvironmentVariable "NOISESCALE_NIGHTLY" <> "1" then
                nan
            else
                time 1 (NaturalGradient.stochastic DivergenceWay.Exact fisher natural target)

        printfn
            $"10-{hidden}-10, p = {model.Parameters}: NGD {plain:F0} ms; SNGD exact {exact:F0} ms, {exact / plain:F1} times; by one probe {probed:F0} ms, {probed / plain:F1} times"

/// Prints the figures.
let run () =
    chain ()
    network ()
    0
