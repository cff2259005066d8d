// What does a cold posterior believe? Gaussian processes, where tempering has an exact meaning in regression and none as a prior in classification.
// Run it after `dotnet build Research.sln -c Release`:
//   dotnet fsi scripts/temper-a-posterior.fsx
#I "../src/NoiseScale.Cli/bin/Release/net10.0"
#r "TorchSharp.dll"
#r "MathNet.Numerics.dll"
#r "DiffSharp.dll"
#r "NoiseScale.Schedules.dll"
#r "NoiseScale.Theory.dll"

open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory.GaussianProcess

TorchRuntime.Ensure()

let get result =
    match result with
    | Ok value -> value
    | Error error -> failwith $"{error}"

let normal seed (shape: int list) = dsharp.randn (shape, dtype = Dtype.Float64, generator = Generator(int64 (seed: int)))

// regression: a curve of amplitude 3, and a model that expects 1
let x = normal 1 [ 40; 1 ] * 2.0
let y = (x[*, 0] * 1.5).sin() * 3.0 + normal 2 [ 40 ] * 0.6
let model = GpRegression.fit (Kernel.RadialBasis(1.0, [ 1.0 ])) 0.04 x y |> get
let best = Tempering.bestTemperature model
printfn $"{model.Kernel}, ln p(y) = {model.LogEvidence:f2}; T* = {best.Value:f3} has {Tempering.logEvidence best model:f2}"
let point = dsharp.tensor ([ [ 0.5 ] ], dtype = Dtype.Float64)

for temper in
    [ Temper.Untempered
      Temper.Posterior best
      Temper.Posterior(PosteriorTemperature 0.1)
      Temper.Likelihood(LikelihoodTemperature 0.1) ] do
    let tempered = Tempering.regression temper model |> get
    let there = GpRegression.predict point tempered

    printfn
        $"%-28s{string temper} is {tempered.Kernel} with σ² = {tempered.NoiseVariance:g3}: f(0.5) = {float there.Mean:f3} ± {sqrt (float there.Variance):f3}"

// what a prior expects in labels
printfn "\nlogit variance   E H/ln 10   E max p   P(y2 = y1)   gained by relabelling"

for variance in [ 0.1; 1.0; 10.0; 100.0; 1000.0 ] do
    let content = Aleatoric.content (AleatoricMethod.MonteCarlo(20000, 1L)) 10 variance

    printfn
        $"%14.1f{variance}%12.3f{content.Entropy.Value / log 10.0}%10.3f{content.MaxProbability.Value}%13.3f{content.Agreement.Value}%15.3f{content.RelabellingGain}"

// labels that five people agreed on, under a softmax that does not know it, and under a likelihood that does
let kernel = Kernel.ArcCosine(1, 2.0, 0.2)
let inputs = normal 3 [ 340; 2 ] * 1.5

let latent =
    (Factor.ofCovariance JitterPolicy.Default (KernelMatrix.gram kernel inputs) |> get).Lower.matmul(normal 4 [ 340; 3 ])

let curated = LabelModel.GivenAgreement 5
let labels = LabelModel.draw (Generator 5L) curated latent
let training = { Inputs = inputs[..39]; Labels = labels[..39] }
let test = { Inputs = inputs[40..]; Labels = labels[40..] }

for likelihood in [ LabelModel.Softmax; curated ] do
    printfn $"\nlikelihood %A{likelihood}, curated labels: test cross-entropy"

    let curve =
        ColdPosterior.curve
            (LatentSampler.Hamiltonian { HamiltonianSettings.Default with Steps = 8 })
            { ChainSettings.Default with Chains = 8; WarmUp = 60; Draws = 20; Thin = 2 }
            kernel
            3
            likelihood
            likelihood
            [ for t in [ 0.125; 0.25; 0.5; 1.0; 2.0 ] -> Temper.Likelihood(LikelihoodTemperature t) ]
            training
            test
        |> get

    for point in curve do
        printfn
            $"  T = %5.3f{point.Temper.Value}: %.4f{point.CrossEntropy.Value} ± %.4f{point.CrossEntropy.StandardError}, accuracy %.3f{point.Accuracy.Value}"
