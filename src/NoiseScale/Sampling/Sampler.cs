namespace NoiseScale;

/// <summary>A rule by which chains of parameters move so that they sample e^(−C/T), C the cost summed over examples with the prior's. Made by <see cref="Samplers"/>.</summary>
public abstract record Sampler
{
    private protected Sampler(double learningRate) => LearningRate = learningRate;

    /// <summary>ε, of the mean cost C/N.</summary>
    public double LearningRate { get; }

    internal abstract Posterior.Sampler ToCore(Posterior.ChainModel model, Posterior.Target target, long seed);

    private protected static Posterior.GradientSource Source(int? batchSize) =>
        batchSize is { } size ? Posterior.GradientSource.NewMinibatch(size) : Posterior.GradientSource.Full;

    private protected static Posterior.DivergenceWay Way(int? probes) =>
        probes is { } count ? Posterior.DivergenceWay.NewProbes(count) : Posterior.DivergenceWay.Exact;

    private protected static ArgumentOutOfRangeException Undefined(SampledMeasure measure) =>
        new(nameof(measure), measure, $"is none of {string.Join(", ", Enum.GetNames<SampledMeasure>())}");
}
