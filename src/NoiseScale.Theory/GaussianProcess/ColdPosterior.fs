namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature

/// What moves the chains.
[<RequireQualifiedAccess>]
type LatentSampler =
    /// elliptical slices
    | EllipticalSlice
    /// Hamiltonian Monte Carlo
    | Hamiltonian of HamiltonianSettings

/// Labelled examples.
type LabelledData =
    {
        /// [n, d], or [n] for d = 1
        Inputs: Tensor
        /// [n], integers
        Labels: Tensor
    }

/// The test error of a tempered posterior.
type ColdPosteriorPoint =
    {
        /// what is tempered, and T
        Temper: Temper
        /// −mean ln p(y | x, data) over the test examples, in nats, of the mixture of all draws; its standard error is over chains, by the jackknife
        CrossEntropy: Estimate
        /// the part of the test examples whose likeliest label is right, likewise
        Accuracy: Estimate
        /// of the sampler
        Acceptance: float
        /// of the draws' Σᵢ ln p(yᵢ | fᵢ)/T: whether the chains agree; or why that cannot be told
        LogLikelihood: Result<Sampling.ChainSummary, Sampling.DiagnosticError>
    }

/// <summary>Test error against temperature: the cold-posterior curve. Where the likelihood is the labels' own the best T is 1, up to what the prior gets wrong; labels that
/// are surer than the likelihood says ask for T &lt; 1, noisier ones for T &gt; 1. (Wenzel et al. 2020; Aitchison 2021; Adlam, Snoek and Smith 2020)</summary>
[<Source(Paper.Wenzel2020)>]
[<Source(Paper.Aitchison2021)>]
[<Source(Paper.P5, "abstract")>]
[<RequireQualifiedAccess>]
module ColdPosterior =

    /// <summary>Draws of the latent values, by either sampler.</summary>
    /// <param name="sampler">what moves the chains</param>
    /// <param name="settings">chains, warm-up, draws, thinning and seed</param>
    /// <param name="posterior">what is sampled</param>
    /// <returns>the draws, or why they stopped</returns>
    /// <exception cref="T:System.ArgumentException">A setting is out of range.</exception>
    let sample (sampler: LatentSampler) (settings: ChainSettings) (posterior: LatentPosterior) : Result<LatentChains, SamplerError> =
        match sampler with
        | LatentSampler.EllipticalSlice -> EllipticalSlice.run settings posterior
        | LatentSampler.Hamiltonian path -> HamiltonianMonteCarlo.run path settings posterior

    /// A statistic of the mean over chains, and the jackknife's standard error of it.
    let private jackknife (statistic: Tensor -> float) (chains: Tensor) : Estimate =
        let count = chains.shape[0]
        let total = chains.sum 0
        let value = statistic (total / float count)

        if count < 2 then
            { Value = value; StandardError = nan; Samples = count; Products = 0 }
        else
            let without = Array.init count (fun i -> statistic ((total - chains[i]) / float (count - 1)))
            let mean = Array.average without
            let spread = without |> Array.sumBy (fun one -> (one - mean) * (one - mean))

            { Value = value
              // a label that a chain holds impossible makes its statistic infinite, and differences of such are no numbers
              StandardError =
                if Double.IsNaN spread then
                    infinity
                else
                    sqrt (float (count - 1) / float count * spread)
              Samples = count
              Products = 0 }

    /// <summary>Cross-entropy and accuracy of probabilities of labels.</summary>
    /// <param name="labels">[m], integers</param>
    /// <param name="probabilities">of each chain, [chains, m, labels]</param>
    /// <returns>of their mean over chains, with the jackknife's standard errors; NaN for a single chain, which has none</returns>
    let score (labels: Tensor) (probabilities: Tensor) : struct (Estimate * Estimate) =
        dsharp.scope (fun () ->
            let labels = labels.cast Dtype.Int64
            let chosen (p: Tensor) = (p.gather (1, labels.unsqueeze 1)).squeeze 1
            let crossEntropy p = -(float ((chosen p).log().mean()))
            // the likeliest label is right where its probability is the largest
            let accuracy (p: Tensor) = float (((chosen p).ge(p.max 1)).cast(Dtype.Float64).mean())
            struct (jackknife crossEntropy probabilities, jackknife accuracy probabilities))

    /// <summary>The curve.</summary>
    /// <param name="sampler">what moves the chains</param>
    /// <param name="settings">chains, warm-up, draws, thinning and seed, the same at every temperature</param>
    /// <param name="kernel">k, of every class's function</param>
    /// <param name="classes">C</param>
    /// <param name="likelihood">how the model believes that the training labels came about</param>
    /// <param name="predicted">how the test labels come about</param>
    /// <param name="tempers">what is tempered, and at which T</param>
    /// <param name="training">examples</param>
    /// <param name="test">examples</param>
    /// <returns>a point for each temperature, in their order; or the error of the kernel or of the sampler, as a sentence, with its temperature</returns>
    /// <exception cref="T:System.ArgumentException">T is not positive, a label is out of range, or numbers of inputs and labels do not fit.</exception>
    let curve
        (sampler: LatentSampler)
        (settings: ChainSettings)
        (kernel: Kernel)
        (classes: int)
        (likelihood: LabelModel)
        (predicted: LabelModel)
        (tempers: Temper seq)
        (training: LabelledData)
        (test: LabelledData)
        : Result<ColdPosteriorPoint[], string> =
        LabelModel.checkLabels classes test.Inputs.shape[0] predicted test.Labels

        let point temper =
            dsharp.scope (fun () ->
                match LatentPosterior.create kernel likelihood temper classes training.Inputs training.Labels with
                | Error error -> Error $"{temper}: {error}"
                | Ok posterior ->
                    match sample sampler settings posterior with
                    | Error error -> Error $"{temper}: {error}"
                    | Ok chains ->
                        let probabilities =
                            LatentPosterior.predict posterior predicted (settings.Seed + 1L) test.Inputs chains.Whitened

                        let struct (crossEntropy, accuracy) = score test.Labels probabilities

                        Ok
                            { Temper = temper
                              CrossEntropy = crossEntropy
                              Accuracy = accuracy
                              Acceptance = chains.Acceptance
                              LogLikelihood = LatentChains.diagnose posterior chains })

        let rec points (remaining: Temper list) =
            match remaining with
            | [] -> Ok []
            | temper :: rest -> point temper |> Result.bind (fun first -> points rest |> Result.map (fun others -> first :: others))

        let tempers = List.ofSeq tempers

        if tempers.IsEmpty then
            invalidArg (nameof tempers) "a curve has at least one temperature"

        tempers |> List.iter Tempering.check
        points tempers |> Result.map Array.ofList
