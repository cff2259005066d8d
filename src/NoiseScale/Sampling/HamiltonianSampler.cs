namespace NoiseScale;

/// <summary>Stochastic gradient Hamiltonian Monte Carlo, v ← (1 − γ)v − ε∇Ĉ/N + ξ, w ← w + v, E(ξξᵀ) = 2γTε/N·1. (Chen, Fox and Guestrin 2014)</summary>
[Source(Paper.Chen2014)]
public sealed record HamiltonianSampler : Sampler
{
    internal HamiltonianSampler(double learningRate, double friction, PosteriorTemperature temperature, int? batchSize)
        : base(learningRate) => (Friction, Temperature, BatchSize) = (friction, temperature, batchSize);

    /// <summary>γ = 1 − m, in (0, 1].</summary>
    public double Friction { get; }

    /// <summary>T.</summary>
    public PosteriorTemperature Temperature { get; }

    /// <summary>B, examples of a gradient; null for all.</summary>
    public int? BatchSize { get; }

    internal override Posterior.Sampler ToCore(Posterior.ChainModel model, Posterior.Target target, long seed) =>
        Posterior.Hamiltonian.create(
            new Posterior.HamiltonianSettings(
                LearningRate, Friction, Core.PosteriorTemperature.NewPosteriorTemperature(Temperature.Value), Source(BatchSize), null, seed), target).OrThrow();
}
