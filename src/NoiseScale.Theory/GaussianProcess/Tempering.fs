namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Schedules

/// Which density a temperature flattens (T > 1) or sharpens (T < 1: a cold posterior).
[<RequireQualifiedAccess>]
type Temper =
    /// the whole posterior, [p(y | f) p(f)]^(1/T)
    | Posterior of PosteriorTemperature
    /// the likelihood alone, p(y | f)^(1/T) p(f)
    | Likelihood of LikelihoodTemperature

    /// T = 1: the posterior itself.
    static member Untempered = Posterior(PosteriorTemperature 1.0)

    /// T as a number.
    member this.Value: float =
        match this with
        | Posterior t -> t.Value
        | Likelihood t -> t.Value

    /// <summary>By what a covariance of the prior is multiplied: N(0, K)^(1/T) is N(0, TK) where the whole posterior is tempered, and N(0, K) where the likelihood is.</summary>
    member this.PriorScale: float =
        match this with
        | Posterior t -> t.Value
        | Likelihood _ -> 1.0

    /// What is tempered, and T.
    override this.ToString() =
        match this with
        | Posterior t -> $"posterior at T = {t.Value}"
        | Likelihood t -> $"likelihood at T = {t.Value}"

/// <summary>Tempering of Gaussian-process regression: every tempered posterior is the posterior of another model, exactly. (Adlam, Snoek and Smith 2020; the
/// equivalences are derived)</summary>
/// <remarks>Whole posterior: N(y; f, σ²1)^(1/T) N(f; 0, K)^(1/T) ∝ N(y; f, Tσ²1) N(f; 0, TK), so the mean stays and covariances are T times as large.
/// Likelihood alone: N(y; f, Tσ²1) N(f; 0, K), and the mean moves.</remarks>
[<Source(Paper.P5, "abstract")>]
[<RequireQualifiedAccess>]
module Tempering =

    /// <summary>Refuses a temperature that is not positive and finite.</summary>
    /// <param name="temper">the temperature</param>
    /// <exception cref="T:System.ArgumentException">T ≤ 0 or not finite: e^(−C/T) is no density.</exception>
    let check (temper: Temper) : unit =
        if not (Double.IsFinite temper.Value && temper.Value > 0.0) then
            invalidArg (nameof temper) $"a temperature is positive and finite, not {temper.Value}"

    /// <summary>The untempered model whose posterior is the tempered one: K → TK and σ² → Tσ², or σ² → Tσ² alone.</summary>
    /// <param name="temper">what is tempered, and T</param>
    /// <param name="kernel">k</param>
    /// <param name="noiseVariance">σ²</param>
    /// <returns>kernel and noise variance of the equivalent model</returns>
    /// <exception cref="T:System.ArgumentException">T is not positive and finite.</exception>
    let equivalent (temper: Temper) (kernel: Kernel) (noiseVariance: float) : Kernel * float =
        check temper
        Kernel.scale temper.PriorScale kernel, temper.Value * noiseVariance

    /// <summary>The tempered posterior of a regression, as the conditioned process of the equivalent model.</summary>
    /// <param name="temper">what is tempered, and T</param>
    /// <param name="model">the untempered one</param>
    /// <returns>the process, or why it cannot be factorised</returns>
    /// <exception cref="T:System.ArgumentException">T is not positive and finite.</exception>
    let regression (temper: Temper) (model: GpRegression) : Result<GpRegression, GaussianProcessError> =
        let kernel, noiseVariance = equivalent temper model.Kernel model.NoiseVariance
        GpRegression.fit kernel noiseVariance model.Inputs model.Targets

    /// <summary>ln p(y) of the model that tempering the whole posterior at T stands for: −yᵀ(K + σ²1)⁻¹y/2T − ½ ln det (K + σ²1) − (n/2) ln 2πT, in nats.</summary>
    /// <param name="temperature">T, positive</param>
    /// <param name="model">the untempered one</param>
    /// <exception cref="T:System.ArgumentException">T is not positive and finite.</exception>
    let logEvidence (temperature: PosteriorTemperature) (model: GpRegression) : float =
        check (Temper.Posterior temperature)

        -0.5
        * (model.DataFit / temperature.Value
           + model.Factor.LogDeterminant
           + float model.Examples * log (2.0 * Math.PI * temperature.Value))

    /// <summary>T* = yᵀ(K + σ²1)⁻¹y/n, the temperature of the whole posterior whose model has the most evidence: empirical Bayes of the common amplitude of
    /// prior and noise.</summary>
    /// <param name="model">the untempered one</param>
    /// <exception cref="T:System.ArgumentException">All targets are 0: the evidence has no maximum at T > 0.</exception>
    let bestTemperature (model: GpRegression) : PosteriorTemperature =
        let t = model.DataFit / float model.Examples

        if not (t > 0.0) then
            invalidArg (nameof model) "all targets are 0: the evidence rises without bound as T falls to 0"

        PosteriorTemperature t

    /// <summary>The temperature of the likelihood alone whose model, K and Tσ², has the most evidence. It has no closed form: it is the σ² of most evidence, in units of
    /// the model's.</summary>
    /// <param name="search">how σ² is sought; the kernel stays as it is, whatever it says of what is free</param>
    /// <param name="model">the untempered one</param>
    /// <returns>T, and whether the search ended at a maximum: without noise in the targets the evidence can rise as T falls to 0</returns>
    /// <exception cref="T:System.ArgumentException">σ² is 0, and so is every Tσ²; or the search's numbers are out of range.</exception>
    let bestLikelihoodTemperature
        (search: EvidenceSearch)
        (model: GpRegression)
        : Result<LikelihoodTemperature * bool, GaussianProcessError> =
        if not (model.NoiseVariance > 0.0) then
            invalidArg (nameof model) "the noise variance is 0: its likelihood is the same at every temperature"

        let ofNoise = { search with Free = fun name -> name = "noiseVariance" }

        HyperParameters.maximiseEvidence ofNoise model.Kernel model.NoiseVariance model.Inputs model.Targets
        |> Result.map (fun found -> LikelihoodTemperature(found.Model.NoiseVariance / model.NoiseVariance), found.Best.Converged)

    /// <summary>T = 1/k: k identical observations of every target, and the prior k times.</summary>
    /// <param name="k">how many, at least 1</param>
    /// <exception cref="T:System.ArgumentException">k is below 1.</exception>
    let ofRelabellings (k: int) : PosteriorTemperature =
        if k < 1 then
            invalidArg (nameof k) $"an observation counts at least once, not {k} times"

        PosteriorTemperature(1.0 / float k)
