namespace NoiseScale;

/// <summary>The samplers. Their numbers are checked when a model is sampled.</summary>
public static class Samplers
{
    /// <summary>Langevin dynamics; with minibatches, SGLD. (P3 Eqs. 3–4)</summary>
    /// <param name="learningRate">ε of the mean cost, positive.</param>
    /// <param name="temperature">T, 0 or more; the posterior if null.</param>
    /// <param name="batchSize">B, examples of a gradient; all if null.</param>
    /// <returns>The sampler.</returns>
    [Source(Paper.P3, "Eqs. 3–4")]
    public static Sampler Langevin(double learningRate, PosteriorTemperature? temperature = null, int? batchSize = null) =>
        new LangevinSampler(learningRate, temperature ?? new(1), batchSize);

    /// <summary>Langevin dynamics in the geometry of the Fisher information. (P3 Thms 1–3)</summary>
    /// <param name="learningRate">ε of the mean cost, positive.</param>
    /// <param name="temperature">T, 0 or more; the posterior if null.</param>
    /// <param name="fisher">The metric; the model's, without damping, if null.</param>
    /// <param name="measure">What is done about its derivatives.</param>
    /// <param name="batchSize">B, examples of a gradient; all if null.</param>
    /// <param name="probes">Random directions that the metric's derivative is taken along: for networks, where all p cost some p times as much; all if null.</param>
    /// <returns>The sampler.</returns>
    [Source(Paper.P3, "Thms 1–3")]
    public static Sampler NaturalLangevin(
        double learningRate, PosteriorTemperature? temperature = null, FisherInformation? fisher = null, SampledMeasure measure = SampledMeasure.Uniform, int? batchSize = null,
        int? probes = null) =>
        new NaturalLangevinSampler(learningRate, temperature ?? new(1), fisher ?? new(), measure, batchSize, probes);

    /// <summary>Minibatch natural gradient descent, whose own noise is the temperature. (P3 Thm 4)</summary>
    /// <param name="learningRate">ε of the mean cost, positive.</param>
    /// <param name="batchSize">B, examples; <see cref="PosteriorTemperature.ToBatchSize"/> gives the one for a temperature.</param>
    /// <param name="fisher">The metric; the model's, without damping, if null.</param>
    /// <returns>The sampler.</returns>
    [Source(Paper.P3, "Thm 4")]
    public static Sampler NaturalGradient(double learningRate, int batchSize, FisherInformation? fisher = null) =>
        new NaturalGradientSampler(learningRate, batchSize, fisher ?? new(), SampledMeasure.Uncorrected, null);

    /// <summary>Stochastic natural gradient descent, SNGD: the same with the metric's derivatives in the drift. (P3 Thm 5, with the sign of Eq. 2 put right)</summary>
    /// <param name="learningRate">ε of the mean cost, positive.</param>
    /// <param name="batchSize">B, examples.</param>
    /// <param name="fisher">The metric; the model's, without damping, if null.</param>
    /// <param name="measure">Jeffreys, or uniform.</param>
    /// <param name="probes">Random directions that the metric's derivative is taken along: for networks, where all p cost some p times as much; all if null.</param>
    /// <returns>The sampler.</returns>
    [Source(Paper.P3, "Thm 5")]
    public static Sampler StochasticNaturalGradient(
        double learningRate, int batchSize, FisherInformation? fisher = null, SampledMeasure measure = SampledMeasure.Jeffreys, int? probes = null) =>
        new NaturalGradientSampler(learningRate, batchSize, fisher ?? new(), measure, probes);

    /// <summary>Stochastic gradient Hamiltonian Monte Carlo, the reference with momentum. (Chen, Fox and Guestrin 2014)</summary>
    /// <param name="learningRate">ε of the mean cost, positive.</param>
    /// <param name="friction">γ = 1 − m, in (0, 1].</param>
    /// <param name="temperature">T, 0 or more; the posterior if null.</param>
    /// <param name="batchSize">B, examples of a gradient; all if null.</param>
    /// <returns>The sampler.</returns>
    [Source(Paper.Chen2014)]
    public static Sampler Hamiltonian(double learningRate, double friction = 0.1, PosteriorTemperature? temperature = null, int? batchSize = null) =>
        new HamiltonianSampler(learningRate, friction, temperature ?? new(1), batchSize);
}
