namespace NoiseScale;

/// <summary>How many chains run, how long, and what is kept of them.</summary>
public sealed record ChainOptions
{
    /// <summary>Chains side by side, at least 1; two tell whether they agree.</summary>
    public int Chains { get; init; } = 4;

    /// <summary>Updates before the first that is kept, 0 or more.</summary>
    public long BurnIn { get; init; } = 1000;

    /// <summary>Of the updates after it every how-manyth is kept, at least 1.</summary>
    public int Thinning { get; init; } = 1;

    /// <summary>How many are kept of each chain, 0 or more.</summary>
    public int Samples { get; init; } = 1000;

    /// <summary>The largest parameter that is no divergence; infinite where none is known.</summary>
    public double LargestParameter { get; init; } = double.PositiveInfinity;

    /// <summary>Of everything random: the same seed gives the same samples.</summary>
    public long Seed { get; init; }

    internal Posterior.ChainPlan ToCore() => new(BurnIn, Thinning, Samples, LargestParameter);
}
