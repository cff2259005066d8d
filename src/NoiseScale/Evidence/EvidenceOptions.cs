namespace NoiseScale;

/// <summary>How the evidence is computed. The defaults: the Hessian, all of its eigenvalues up to 2,000 parameters, none of them dropped.</summary>
public sealed record EvidenceOptions
{
    /// <summary>The matrix.</summary>
    public EvidenceCurvature Curvature { get; init; } = EvidenceCurvature.Hessian;

    /// <summary>
    /// Whether eigenvalues below λ, directions in which the cost itself bends down, are left out: the paper's rule of thumb away from minima. Without
    /// it they count, and where one is not positive there is no evidence.
    /// </summary>
    public bool DropBelowPrior { get; init; }

    /// <summary>Up to so many parameters all eigenvalues are computed; beyond, ln det is estimated from random vectors, with a standard error.</summary>
    public int LargestExact { get; init; } = 2000;

    /// <summary>Random vectors of the estimate, at least 2.</summary>
    public int Probes { get; init; } = 20;

    /// <summary>Lanczos steps with each of them, at least 1.</summary>
    public int Degree { get; init; } = 80;

    /// <summary>Draws the random vectors.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// The most, in nats, that a Newton step may still lower the cost by; beyond it the point is refused as no minimum. Infinity asks nothing.
    /// </summary>
    public double MostPredictedDecrease { get; init; } = 0.01;

    internal Weighing.LaplaceOptions ToCore()
    {
        if (!Enum.IsDefined(Curvature))
            throw new ArgumentOutOfRangeException(nameof(Curvature), Curvature, "no such matrix");

        ArgumentOutOfRangeException.ThrowIfNegative(LargestExact);
        ArgumentOutOfRangeException.ThrowIfLessThan(Probes, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(Degree, 1);
        return new Weighing.LaplaceOptions(
            Curvature == EvidenceCurvature.Hessian ? Weighing.EvidenceCurvature.Hessian : Weighing.EvidenceCurvature.GaussNewton,
            Weighing.EvidenceMethod.NewAutomatic(LargestExact, new Weighing.StochasticSettings(Probes, Degree, Seed)),
            DropBelowPrior ? Weighing.BelowPrior.Drop : Weighing.BelowPrior.Count,
            MostPredictedDecrease);
    }
}
