namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources
open NoiseScale.Schedules

/// <summary>What samplers that live on minibatch noise are told: the temperature is not among it, as it follows from ε, B and N.</summary>
type NaturalGradientSettings =
    {
        /// ε, of the mean cost C/N, positive
        LearningRate: float
        /// B, 1 to N examples, drawn anew for every update; at B = N there is no noise
        BatchSize: int
        /// of the batches, and of the metric's draws
        Seed: int64
    }

/// Samplers whose noise is the minibatch's own: natural gradient descent, with and without corrections.
[<RequireQualifiedAccess>]
module NaturalGradient =

    let private build name metric correction way (settings: NaturalGradientSettings) (target: Target) =
        FirstOrder.sampler
            { Name = name
              Target = target
              LearningRate = settings.LearningRate
              Gradient = GradientSource.Minibatch settings.BatchSize
              Noise = NoiseSource.Minibatch
              Metric = metric
              Correction = correction
              Way = way
              Seed = settings.Seed }

    /// <summary>Minibatch natural gradient descent: Δw = −εF⁻¹∇Ĉ/N. The batch's error has covariance (1/B)(1 − B/N)Σ, Σ that of examples' gradients with
    /// denominator N − 1; where Σ ≈ F, near a minimum of a model that fits, it samples e^{−C/T} with T = (εN/2B)(1 − B/N) as ε → 0. (P3 Eqs. 11–12 and
    /// Thm 4; the proof there prints N times that covariance)</summary>
    /// <param name="metric">F, with its damping and average</param>
    /// <param name="settings">learning rate, batch size, seed</param>
    /// <param name="target">what to sample; it has minibatches</param>
    [<Source(Paper.P3, "Eqs. 11–12 and Thm 4")>]
    let minibatch (metric: Metric) (settings: NaturalGradientSettings) (target: Target) : Result<Sampler, SamplingFault> =
        build "minibatch natural gradient descent" metric Correction.None DivergenceWay.Exact settings target

    /// <summary>Stochastic natural gradient descent (SNGD):
    /// Δw_i = −ε[F⁻¹∇Ĉ/N]_i + (ε²/2B)(1 − B/N)·{−Σ_j(F⁻¹∂_jF F⁻¹)_ij + ½Σ_j F⁻¹_ij tr(F⁻¹∂_jF)}. Where Σ = F it samples e^{−C/T}·|det F|^{1/2} everywhere,
    /// not only near minima, and in the same way in every parametrisation. (P3 Thm 5; Eq. 2 prints the first sign as +)</summary>
    /// <param name="way">how the derivatives are computed</param>
    /// <param name="metric">F, with its damping; no average</param>
    /// <param name="settings">learning rate, batch size, seed</param>
    /// <param name="target">what to sample; it has minibatches</param>
    [<Source(Paper.P3, "Thm 5")>]
    let stochastic
        (way: DivergenceWay)
        (metric: Metric)
        (settings: NaturalGradientSettings)
        (target: Target)
        : Result<Sampler, SamplingFault> =
        build "stochastic natural gradient descent" metric Correction.Jeffreys way settings target

    /// <summary>The same without the second correction: it samples e^{−C/T} itself, over the uniform measure. (P3 Thm 3 with the noise of Thm 5)</summary>
    /// <param name="way">how the derivatives are computed</param>
    /// <param name="metric">F, with its damping; no average</param>
    /// <param name="settings">learning rate, batch size, seed</param>
    /// <param name="target">what to sample; it has minibatches</param>
    [<Source(Paper.P3, "Thm 3")>]
    let stochasticOverUniform
        (way: DivergenceWay)
        (metric: Metric)
        (settings: NaturalGradientSettings)
        (target: Target)
        : Result<Sampler, SamplingFault> =
        build "stochastic natural gradient descent over the uniform measure" metric Correction.Uniform way settings target

    /// P3 Eq. 2 as printed, and the like, for the tests that tell them from the right one.
    let internal printed (correction: Correction) metric settings target =
        build "as printed" metric correction DivergenceWay.Exact settings target
