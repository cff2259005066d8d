using Microsoft.FSharp.Core;

namespace NoiseScale;

/// <summary>The Fisher information F(w) + δ·1 of a model, per example, as the metric of a sampler.</summary>
public sealed record FisherInformation
{
    /// <summary>Which matrix.</summary>
    public FisherKind Kind { get; init; } = FisherKind.Model;

    /// <summary>Labels drawn for each example, at least 1; for <see cref="FisherKind.MonteCarlo"/>.</summary>
    public int Draws { get; init; } = 1;

    /// <summary>δ, 0 or more: steps of the sampler are then at most ε/δ times the gradient; it breaks invariance and shifts the prior a little.</summary>
    public double Damping { get; init; }

    /// <summary>Of how many examples, a batch of its own for every chain and update; null for all.</summary>
    public int? Examples { get; init; }

    /// <summary>α of a moving average F̄ ← αF̄ + (1 − α)F over updates, in [0, 1); null for none. Not with a corrected measure. (P3 Fig. 6)</summary>
    [Source(Paper.P3, "Fig. 6")]
    public double? Average { get; init; }

    /// <summary>α = 0.95^(ε/0.001): the same averaging time at every learning rate. (P3 Fig. 6)</summary>
    /// <param name="learningRate">ε.</param>
    /// <returns>α.</returns>
    [Source(Paper.P3, "Fig. 6")]
    public static double AverageFor(double learningRate) => Posterior.MetricModule.averageCoefficient(learningRate);

    internal Posterior.Metric ToCore(Posterior.ChainModel model)
    {
        var kind = Kind switch
        {
            FisherKind.Model => Posterior.FisherKind.Model,
            FisherKind.MonteCarlo => Posterior.FisherKind.NewMonteCarlo(Draws),
            FisherKind.Empirical => Posterior.FisherKind.Empirical,
            FisherKind.Covariance => Posterior.FisherKind.Covariance,
            _ => throw new ArgumentOutOfRangeException(nameof(Kind), Kind, $"is none of {string.Join(", ", Enum.GetNames<FisherKind>())}"),
        };
        var metric = Posterior.FisherMetric.create(new Posterior.FisherSettings(kind, Damping, Examples.ToOption()), model).OrThrow();
        return Average is { } coefficient ? Posterior.MetricModule.averaged(coefficient, metric).OrThrow() : metric;
    }
}
