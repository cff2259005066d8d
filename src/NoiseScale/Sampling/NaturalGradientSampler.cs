namespace NoiseScale;

/// <summary>
/// Natural gradient descent on minibatches, Δw = −εF⁻¹∇Ĉ/N, whose own noise has the temperature T = (εN/2B)(1 − B/N); with a corrected measure, stochastic natural
/// gradient descent (SNGD). (P3 Thms 4 and 5)
/// </summary>
[Source(Paper.P3, "Thms 4 and 5")]
public sealed record NaturalGradientSampler : Sampler
{
    internal NaturalGradientSampler(double learningRate, int batchSize, FisherInformation fisher, SampledMeasure measure, int? probes)
        : base(learningRate) => (BatchSize, Fisher, Measure, Probes) = (batchSize, fisher, measure, probes);

    /// <summary>B, examples.</summary>
    public int BatchSize { get; }

    /// <summary>The metric.</summary>
    public FisherInformation Fisher { get; }

    /// <summary>What is done about its derivatives.</summary>
    public SampledMeasure Measure { get; }

    /// <summary>How many random directions the metric's derivative is taken along for a corrected measure; null for all p, exactly.</summary>
    public int? Probes { get; }

    internal override Posterior.Sampler ToCore(Posterior.ChainModel model, Posterior.Target target, long seed)
    {
        var settings = new Posterior.NaturalGradientSettings(LearningRate, BatchSize, seed);
        var metric = Fisher.ToCore(model);
        return (Measure switch
        {
            SampledMeasure.Uncorrected => Posterior.NaturalGradient.minibatch(metric, settings, target),
            SampledMeasure.Uniform => Posterior.NaturalGradient.stochasticOverUniform(Way(Probes), metric, settings, target),
            SampledMeasure.Jeffreys => Posterior.NaturalGradient.stochastic(Way(Probes), metric, settings, target),
            _ => throw Undefined(Measure),
        }).OrThrow();
    }
}
