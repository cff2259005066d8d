namespace NoiseScale.Theory.Sampling

open NoiseScale.Sources
open NoiseScale.Schedules

/// <summary>What every sampler that injects its own noise is told.</summary>
type LangevinSettings =
    {
        /// ε, of the mean cost C/N, positive
        LearningRate: float
        /// T, 0 or more: 1 samples the posterior
        Temperature: PosteriorTemperature
        /// all examples, or minibatches: their noise comes on top of the injected and biases T by O(ε)
        Gradient: GradientSource
        /// of the noise and of the batches
        Seed: int64
    }

/// Samplers that add normal noise to gradients: Langevin dynamics, with and without a metric.
[<RequireQualifiedAccess>]
module Langevin =

    let private build name metric correction way (settings: LangevinSettings) (target: Target) =
        FirstOrder.sampler
            { Name = name
              Target = target
              LearningRate = settings.LearningRate
              Gradient = settings.Gradient
              Noise = NoiseSource.Injected settings.Temperature
              Metric = metric
              Correction = correction
              Way = way
              Seed = settings.Seed }

    /// <summary>Langevin dynamics; with minibatches, stochastic gradient Langevin dynamics (SGLD): Δw = −ε(∇C/N + α), E(ααᵀ) = 2T·1/(εN). It samples
    /// e^{−C/T} as ε → 0. (P3 Eqs. 3–4; Welling and Teh 2011)</summary>
    /// <param name="settings">learning rate, temperature, gradient, seed</param>
    /// <param name="target">what to sample</param>
    [<Source(Paper.P3, "Eqs. 3–4")>]
    [<Source(Paper.Welling2011)>]
    let plain (settings: LangevinSettings) (target: Target) : Result<Sampler, SamplingFault> =
        build "Langevin" Metric.Identity Correction.None DivergenceWay.Exact settings target

    /// <summary>Preconditioned Langevin dynamics: Δw = −εG⁻¹(∇C/N + α), E(ααᵀ) = 2TG/(εN), with one matrix G for all points. It samples e^{−C/T} as
    /// ε → 0. (P3 Thm 1, Eq. 5)</summary>
    /// <param name="matrix">G, a metric of <c>Metric.ofMatrix</c></param>
    /// <param name="settings">learning rate, temperature, gradient, seed</param>
    /// <param name="target">what to sample</param>
    [<Source(Paper.P3, "Thm 1, Eq. 5")>]
    let preconditioned (matrix: Metric) (settings: LangevinSettings) (target: Target) : Result<Sampler, SamplingFault> =
        match matrix with
        | Metric.Varying _ ->
            Error(
                SamplingFault.BadSetting(
                    "metric",
                    nan,
                    "it changes with the parameters, so Thm 1 does not cover it: use overUniform or overJeffreys, or uncorrected, which the paper ran"
                )
            )
        | _ -> build "preconditioned Langevin" matrix Correction.None DivergenceWay.Exact settings target

    /// <summary>Preconditioned Langevin dynamics with the metric computed anew at every update and no correction for its derivatives: what the paper ran.
    /// It samples e^{−C/T} where G hardly changes over the posterior, and no simple density elsewhere. (P3 Eq. 5 and section 5)</summary>
    /// <param name="metric">G(w)</param>
    /// <param name="settings">learning rate, temperature, gradient, seed</param>
    /// <param name="target">what to sample</param>
    [<Source(Paper.P3, "Eq. 5 and section 5")>]
    let uncorrected (metric: Metric) (settings: LangevinSettings) (target: Target) : Result<Sampler, SamplingFault> =
        build "preconditioned Langevin, metric recomputed" metric Correction.None DivergenceWay.Exact settings target

    /// <summary>Riemannian Langevin dynamics over the Jeffreys measure: with the correction T·{−Σ_j(G⁻¹∂_jG G⁻¹)_ij + ½Σ_j G⁻¹_ij tr(G⁻¹∂_jG)} it samples
    /// e^{−C/T}·|det G|^{1/2} as ε → 0. (P3 Thm 2; Eq. 6 prints the signs (+, −), for which no density is stationary)</summary>
    /// <param name="way">how the derivatives are computed</param>
    /// <param name="metric">G(w)</param>
    /// <param name="settings">learning rate, temperature, gradient, seed</param>
    /// <param name="target">what to sample</param>
    [<Source(Paper.P3, "Thm 2")>]
    let overJeffreys (way: DivergenceWay) (metric: Metric) (settings: LangevinSettings) (target: Target) : Result<Sampler, SamplingFault> =
        build "Langevin over the Jeffreys measure" metric Correction.Jeffreys way settings target

    /// <summary>Riemannian Langevin dynamics over the uniform measure: with the correction −T·Σ_j(G⁻¹∂_jG G⁻¹)_ij it samples e^{−C/T} whatever the metric,
    /// as ε → 0. (P3 Thm 3; Eq. 7 prints the sign +)</summary>
    /// <param name="way">how the derivatives are computed</param>
    /// <param name="metric">G(w)</param>
    /// <param name="settings">learning rate, temperature, gradient, seed</param>
    /// <param name="target">what to sample</param>
    [<Source(Paper.P3, "Thm 3")>]
    let overUniform (way: DivergenceWay) (metric: Metric) (settings: LangevinSettings) (target: Target) : Result<Sampler, SamplingFault> =
        build "Langevin over the uniform measure" metric Correction.Uniform way settings target

    /// The printed forms, for the tests that tell them from the right ones.
    let internal printed (correction: Correction) metric settings target =
        build "as printed" metric correction DivergenceWay.Exact settings target
