// A batch size is a temperature: natural gradient descent on minibatches of logistic regression samples its posterior, and the batch says how hot. Beside it the
// sampler that injects its noise, and sums over a grid. Run it after `dotnet build Research.sln -c Release`:
//   dotnet fsi scripts/sample-a-posterior.fsx
#I "../src/NoiseScale.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "MathNet.Numerics.dll"
#r "Fractions.dll"
#r "DiffSharp.dll"
#r "NoiseScale.Schedules.dll"
#r "NoiseScale.Theory.dll"

open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory
open NoiseScale.Theory.Evidence
open NoiseScale.Theory.Sampling

TorchRuntime.Ensure()
let generator = Generator 3L
let examples, precision = 400, 1.0
let x = dsharp.randn ([ examples; 2 ], dtype = Dtype.Float64, generator = generator)
let truth = dsharp.tensor ([ 2.0; -1.0 ], dtype = Dtype.Float64)
let y = ((x.matmul truth).sigmoid().bernoulli(generator = generator)).cast Dtype.Float64

let model = LinearModel.create Likelihood.Bernoulli false x y
let chains = ChainModel.ofLinear model
let target = ChainModel.target chains |> Target.withPrior (Prior.OfPrecision precision)

let fisher =
    FisherMetric.create { Kind = FisherKind.Model; Damping = 1e-4; Examples = None } chains |> SamplingFault.orFail

/// E w₁ and var w₁ of e^{−C/T} by sums over a grid.
let exactly (temperature: float) =
    let axis (centre: float) = dsharp.linspace (centre - 2.0, centre + 2.0, 201, dtype = Dtype.Float64)
    let a, b = axis 2.0, axis -1.0

    let grid =
        dsharp.stack ([| (a.unsqueeze(1).expand [ 201; 201 ]).reshape [ -1 ]; (b.unsqueeze(0).expand [ 201; 201 ]).reshape [ -1 ] |], 1)

    let logs = (target.Cost grid) / -temperature
    let weights = (logs - logs.max ()).exp()
    let mean (v: Tensor) = float ((weights * v).sum() / weights.sum ())
    let first = grid[*, 0]
    let centre = mean first
    centre, mean ((first - centre) * (first - centre))

let learningRate = 0.1
let plan = { BurnIn = 300L; Thinning = 5; Samples = 400; LargestParameter = 1e3 }

let report (name: string) (sampler: Sampler) =
    let start = Chains.startAt 16 truth
    let run = Chains.run plan sampler start |> SamplingFault.orFail
    // [samples, chains, p] to [chains, samples] of the first parameter
    let draws = Draws.ofTensor ((run.Samples[*, *, 0]).transpose())

    match ChainSummary.ofDraws draws with
    | Error error -> printfn $"{name}: {error}"
    | Ok summary ->
        let mean, variance = exactly sampler.Temperature.Value

        printfn
            "%-42s %6.3f %9.4f ± %.4f %9.4f %10.4f ± %.4f %9.4f %7.3f"
            name
            sampler.Temperature.Value
            summary.Mean.Value
            summary.Mean.StandardError
            mean
            summary.Variance.Value
            summary.Variance.StandardError
            variance
            summary.Rhat

printfn "%-42s %6s %9s %8s %9s %10s %8s %9s %7s" "sampler" "T" "mean w₁" "" "exactly" "variance" "" "exactly" "R̂"

for wanted in [ 0.25; 1.0; 4.0 ] do
    let batch, temperature =
        Temperature.roundedBatchSizeFor examples learningRate (PosteriorTemperature wanted) |> SamplingFault.orFail

    let settings: NaturalGradientSettings = { LearningRate = learningRate; BatchSize = batch; Seed = 1L }
    report $"natural gradient descent, B = {batch}" (NaturalGradient.minibatch fisher settings target |> SamplingFault.orFail)

    report
        $"SNGD over the uniform measure, B = {batch}"
        (NaturalGradient.stochasticOverUniform DivergenceWay.Exact fisher settings target |> SamplingFault.orFail)

    let injected: LangevinSettings =
        { LearningRate = learningRate
          Temperature = temperature
          Gradient = GradientSource.Full
          Seed = 1L }

    report "natural Langevin dynamics" (Langevin.overUniform DivergenceWay.Exact fisher injected target |> SamplingFault.orFail)

printfn "what is left of a difference is the learning rate's: O(ε), and where Σ is not F, which minibatches have and the theorem lacks"
