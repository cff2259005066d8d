namespace NoiseScale;

/// <summary>Langevin dynamics, Δw = −ε(∇C/N + α), E(ααᵀ) = 2T·1/(εN); with minibatches, SGLD. (P3 Eqs. 3–4; Welling and Teh 2011)</summary>
[Source(Paper.P3, "Eqs. 3–4")]
[Source(Paper.Welling2011)]
public sealed record LangevinSampler : Sampler
{
    internal LangevinSampler(double learningRate, PosteriorTemperature temperature, int? batchSize)
        : base(learningRate) => (Temperature, BatchSize) = (temperature, batchSize);

    /// <summary>T.</summary>
    public PosteriorTemperature Temperature { get; }

    /// <summary>B, examples of a gradient; null for all. Their noise comes on top, and biases T by O(ε).</summary>
    public int? BatchSize { get; }

    internal override Posterior.Sampler ToCore(Posterior.ChainModel model, Posterior.Target target, long seed) =>
        Posterior.Langevin.plain(
            new Posterior.LangevinSettings(LearningRate, Core.PosteriorTemperature.NewPosteriorTemperature(Temperature.Value), Source(BatchSize), seed), target).OrThrow();
}
