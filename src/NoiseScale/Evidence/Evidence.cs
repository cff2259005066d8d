using Microsoft.FSharp.Core;

namespace NoiseScale;

/// <summary>
/// The Laplace evidence of a model at a minimum ω₀ of its cost C(ω) = Σᵢ −ln p(yᵢ | xᵢ, ω) + (λ/2)‖ω‖², ln P = −[C(ω₀) + ½ Σ ln(λᵢ/λ)] in nats, λᵢ the
/// eigenvalues of the Hessian of C. (P2 Eq. 9)
/// </summary>
/// <remarks>It tells models of the same data apart; it is no probability of the model, and depends on the prior.</remarks>
[Source(Paper.P2, "Eq. 9")]
public sealed class Evidence
{
    private readonly Weighing.EvidenceReport _report;

    internal Evidence(Weighing.EvidenceReport report, double priorPrecision) => (_report, PriorPrecision) = (report, priorPrecision);

    /// <summary>λ.</summary>
    public double PriorPrecision { get; }

    /// <summary>The number of parameters.</summary>
    public int Parameters => _report.Parameters;

    /// <summary>N.</summary>
    public int Examples => _report.Examples;

    /// <summary>ln P(y | x).</summary>
    public double LogEvidence => _report.LogEvidence.Value;

    /// <summary>Of <see cref="LogEvidence"/>; 0 where all eigenvalues were computed.</summary>
    public double StandardError => _report.LogEvidence.StandardError;

    /// <summary>Whether ln det was estimated from random vectors.</summary>
    public bool IsEstimate => _report.Method.IsStochastic;

    /// <summary>Σᵢ −ln p(yᵢ | xᵢ, ω₀), the summed cost without the prior's.</summary>
    public double DataCost => _report.DataCost;

    /// <summary>C(ω₀), with the prior's (λ/2)‖ω₀‖².</summary>
    public double Cost => _report.Cost;

    /// <summary>½ Σ ln(λᵢ/λ), minus the logarithm of the Occam factor: what the parameters' freedom costs.</summary>
    public double Occam => _report.Occam.Value;

    /// <summary>½ ln(λᵢ/λ), each eigenvalue's part of <see cref="Occam"/>, largest first; null where they are not known.</summary>
    public IReadOnlyList<double>? OccamContributions => Value(_report.OccamFactors);

    /// <summary>λᵢ, largest first, those that count; null where they are not known.</summary>
    public IReadOnlyList<double>? Eigenvalues => Value(_report.Eigenvalues);

    /// <summary>How many eigenvalues below λ were left out; an estimate where <see cref="IsEstimate"/>.</summary>
    public double Dropped => _report.Dropped.Count.Value;

    /// <summary>The least eigenvalue in units of λ among those left out; null where none was.</summary>
    public double? LeastDropped => Dropped > 0 ? _report.Dropped.LeastRatio : null;

    /// <summary>γ = Σ (λᵢ − λ)/λᵢ, the number of parameters that the data determine. (MacKay 1992)</summary>
    [Source(Paper.MacKay1992)]
    public double EffectiveParameters => _report.EffectiveParameters.Value;

    /// <summary>‖∇C(ω₀)‖.</summary>
    public double GradientNorm => _report.GradientNorm;

    /// <summary>What a Newton step would lower C by, in nats: how far from a minimum.</summary>
    public double PredictedDecrease => _report.PredictedDecrease;

    /// <summary>The ratio to the null model, to which all classes are equally likely; null where there is none.</summary>
    public EvidenceRatio? RatioToNull => _report.RatioToNull is { Value: var ratio }
        ? new EvidenceRatio(ratio.InFavourOfNull, ratio.StandardError)
        : null;

    private static double[]? Value(FSharpOption<double[]>? option) => option?.Value;
}
