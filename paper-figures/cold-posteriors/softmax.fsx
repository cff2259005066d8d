// Classification of a few digits by a softmax of Gaussian processes at several temperatures: labels, likelihoods, and chains of one seed at one T.
#load "digits.fsx"

open System
open System.Threading
open DiffSharp
open NoiseScale.Schedules
open NoiseScale.Theory.GaussianProcess
open NoiseScale.Theory.Sampling
open NoiseScale.Training.Data
open Settings
open Running
open Digits

let settings = profile.Softmax
let classes = settings.Classes.Length
let kernel = standardPrior settings.Depth

/// Where labels of training and test images come from.
type Labels =
    /// the digits' own
    | Curated
    /// the digits' own, some of them flipped
    | Noisy of rate: float
    /// of functions of the prior, at the same images: what they are made of is known
    | Drawn of LabelModel

/// What is tempered.
type Kind =
    | Whole
    | LikelihoodAlone

/// One curve.
type Scenario =
    {
        Name: string
        Labels: Labels
        /// how the model believes that training and test labels came about
        Likelihood: LabelModel
        /// the model's prior
        Kernel: Kernel
        Kind: Kind
    }

/// One seed at one temperature.
type Scored =
    {
        /// nats a test image
        CrossEntropy: float
        Accuracy: float
        Acceptance: float
        /// R̂ of the chains' log-likelihoods
        Rhat: float
    }

let temperatures = settings.Temperatures |> List.map (fun log2T -> 2.0 ** log2T)

let private temper kind t =
    match kind with
    | Whole -> Temper.Posterior(PosteriorTemperature t)
    | LikelihoodAlone -> Temper.Likelihood(LikelihoodTemperature t)

/// Images of the chosen digits of a seed, training then test.
let private images =
    lazy
        (let chosen = whole.OfClasses(settings.Classes |> List.toArray)

         [| for seed in 1 .. settings.Seeds ->
                use drawn = chosen.Balanced(settings.TrainingPerClass, settings.TestPerClass, int64 seed)
                labelled drawn.Train, labelled drawn.Test |])

/// Labels of a seed's training and test images.
let private examples (labels: Labels) (seed: int) : LabelledData * LabelledData =
    let training, test = images.Value[seed - 1]

    let relabelled (all: Tensor) =
        let n = training.Labels.shape[0]
        { training with Labels = all[.. n - 1] }, { test with Labels = all[n..] }

    // logits whose softmax is, to 1e-16, the digit itself: the label model then adds its noise
    let certain () =
        let all = dsharp.cat [ training.Labels; test.Labels ]
        let every = dsharp.arange (classes, dtype = Dtype.Int64)
        (all.unsqueeze(1).eq(every.unsqueeze 0)).cast Dtype.Float64 * 100.0

    let ofPrior () =
        let inputs = dsharp.cat [ training.Inputs; test.Inputs ]
        let factor = Factor.ofCovariance JitterPolicy.Default (KernelMatrix.gram kernel inputs) |> orExit
        factor.Lower.matmul (normal (4000L + int64 seed) [ inputs.shape[0]; classes ])

    let draw model logits = LabelModel.draw (Generator(5000L + int64 seed, Device.CPU)) model logits

    match labels with
    | Curated -> training, test
    | Noisy rate -> relabelled (draw (LabelModel.Flipped rate) (certain ()))
    | Drawn model -> relabelled (draw model (ofPrior ()))

/// Test error of the chains of one seed at one temperature, and how far the chains can be believed.
let private score (scenario: Scenario) (t: float) (seed: int) : Scored =
    dsharp.scope (fun () ->
        let training, test = examples scenario.Labels seed

        let chain =
            { Chains = settings.Chains
              WarmUp = settings.WarmUp
              Draws = settings.Draws
              Thin = settings.Thin
              // the same numbers at every temperature: what differs is the temperature
              Seed = int64 seed }

        let sampler = LatentSampler.Hamiltonian { HamiltonianSettings.Default with Steps = settings.Steps }

        let posterior =
            LatentPosterior.create scenario.Kernel scenario.Likelihood (temper scenario.Kind t) classes training.Inputs training.Labels
            |> orExit

        let chains = ColdPosterior.sample sampler chain posterior |> orExit

        let probabilities =
            LatentPosterior.predict posterior scenario.Likelihood (1000L + int64 seed) test.Inputs chains.Whitened

        let struct (crossEntropy, accuracy) = ColdPosterior.score test.Labels probabilities

        { CrossEntropy = crossEntropy.Value
          Accuracy = accuracy.Value
          Acceptance = chains.Acceptance
          Rhat = LatentChains.logLikelihoods posterior chains |> PotentialScaleReduction.rankNormalised |> orExit })

// ---- curves -----------------------------------------------------------------------------------------------------------------

/// Scores of all seeds at each temperature, of a scenario.
type Curve =
    {
        Scenario: Scenario
        /// [temperature][seed]
        Scores: Scored list list
    }

let private forCommand = Environment.GetEnvironmentVariable "NOISESCALE_PROGRESS" = "lines"

/// How many points are done: a line every tenth, or lines for the command line.
let private told (total: int) =
    let mutable finished = 0

    fun () ->
        let now = Interlocked.Increment &finished
        let left = clock.Elapsed * (float (total - now) / float now)

        if forCommand then
            printfn $"""@ {float now / float total:F4} {left.ToString @"m\:ss"} Figure 4: {now} of {total} points"""
        elif now * 10 / total > (now - 1) * 10 / total then
            eprintfn $"""Figure 4: {now} of {total} points, {left.ToString @"m\:ss"} left"""

/// The curves of scenarios, found on the disk or computed now, as many points at a time as there are processors.
let curves (scenarios: Scenario list) : Curve list =
    images.Force() |> ignore
    let seeds = [ 1 .. settings.Seeds ]

    let jobs =
        [| for s in scenarios do
               for t in temperatures do
                   for seed in seeds -> s, t, seed |]

    let report = told jobs.Length
    let results = Array.zeroCreate jobs.Length
    let options = Tasks.ParallelOptions(MaxDegreeOfParallelism = Environment.ProcessorCount)

    let one i =
        let scenario, t, seed = jobs[i]
        let chains = {| settings with Temperatures = []; Seeds = seed |}

        let key =
            $"{whole.Hash} {scenario.Labels} {scenario.Likelihood} {scenario.Kernel} {scenario.Kind} T {t} %A{chains}"

        results[i] <- Cache.cached arguments "softmax" key (fun () -> score scenario t seed)
        report ()

    Tasks.Parallel.For(0, jobs.Length, options, one) |> ignore
    let ofScenario = Array.chunkBySize (temperatures.Length * seeds.Length) results

    [ for scenario, scores in Seq.zip scenarios ofScenario ->
          { Scenario = scenario
            Scores = scores |> Array.chunkBySize seeds.Length |> Array.map List.ofArray |> List.ofArray } ]
