namespace NoiseScale;

/// <summary>Langevin dynamics in the geometry of the Fisher information, Δw = −εF⁻¹(∇C/N + α), E(ααᵀ) = 2TF/(εN), plus what the measure asks for. (P3 Thms 1–3)</summary>
public sealed record NaturalLangevinSampler : Sampler
{
    internal NaturalLangevinSampler(double learningRate, PosteriorTemperature temperature, FisherInformation fisher, SampledMeasure measure, int? batchSize)
        : base(learningRate) => (Temperature, Fisher, Measure, BatchSize) = (temperature, fisher, measure, batchSize);

    /// <summary>T.</summary>
    public PosteriorTemperature Temperature { get; }

    /// <summary>The metric.</summary>
    public FisherInformation Fisher { get; }

    /// <summary>What is done about its derivatives.</summary>
    public SampledMeasure Measure { get; }

    /// <summary>B, examples of a gradient; null for all.</summary>
    public int? BatchSize { get; }

    internal override Posterior.Sampler ToCore(Posterior.ChainModel model, Posterior.Target target, long seed)
    {
        var settings = new Posterior.LangevinSettings(
            LearningRate, Core.PosteriorTemperature.NewPosteriorTemperature(Temperature.Value), Source(BatchSize), seed);
        var metric = Fisher.ToCore(model);
        return (Measure switch
        {
            SampledMeasure.Uncorrected => Posterior.Langevin.uncorrected(metric, settings, target),
            SampledMeasure.Uniform => Posterior.Langevin.overUniform(Posterior.DivergenceWay.Exact, metric, settings, target),
            SampledMeasure.Jeffreys => Posterior.Langevin.overJeffreys(Posterior.DivergenceWay.Exact, metric, settings, target),
            _ => throw Undefined(Measure),
        }).OrThrow();
    }
}
