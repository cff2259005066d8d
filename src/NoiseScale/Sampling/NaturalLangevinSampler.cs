namespace NoiseScale;

/// <summary>Langevin dynamics in the geometry of the Fisher information, Δw = −εF⁻¹(∇C/N + α), E(ααᵀ) = 2TF/(εN), plus what the measure asks for. (P3 Thms 1–3)</summary>
[Source(Paper.P3, "Thms 1–3")]
public sealed record NaturalLangevinSampler : Sampler
{
    internal NaturalLangevinSampler(double learningRate, PosteriorTemperature temperature, FisherInformation fisher, SampledMeasure measure, int? batchSize, int? probes)
        : base(learningRate) => (Temperature, Fisher, Measure, BatchSize, Probes) = (temperature, fisher, measure, batchSize, probes);

    /// <summary>T.</summary>
    public PosteriorTemperature Temperature { get; }

    /// <summary>The metric.</summary>
    public FisherInformation Fisher { get; }

    /// <summary>What is done about its derivatives.</summary>
    public SampledMeasure Measure { get; }

    /// <summary>B, examples of a gradient; null for all.</summary>
    public int? BatchSize { get; }

    /// <summary>How many random directions the metric's derivative is taken along for a corrected measure; null for all p, exactly.</summary>
    public int? Probes { get; }

    internal override Posterior.Sampler ToCore(Posterior.ChainModel model, Posterior.Target target, long seed)
    {
        var settings = new Posterior.LangevinSettings(
            LearningRate, Core.PosteriorTemperature.NewPosteriorTemperature(Temperature.Value), Source(BatchSize), seed);
        var metric = Fisher.ToCore(model);
        return (Measure switch
        {
            SampledMeasure.Uncorrected => Posterior.Langevin.uncorrected(metric, settings, target),
            SampledMeasure.Uniform => Posterior.Langevin.overUniform(Way(Probes), metric, settings, target),
            SampledMeasure.Jeffreys => Posterior.Langevin.overJeffreys(Way(Probes), metric, settings, target),
            _ => throw Undefined(Measure),
        }).OrThrow();
    }
}
