namespace NoiseScale;

/// <summary>What there is to know of a quantity's chains before its mean is believed. (Vehtari, Gelman, Simpson, Carpenter and Bürkner 2021)</summary>
/// <param name="Mean">E x.</param>
/// <param name="StandardError">Of the mean: what the chains' correlation leaves of its precision.</param>
/// <param name="Variance">var x.</param>
/// <param name="Rhat">R̂ of ranks and folded ranks; 1 where chains agree.</param>
/// <param name="BulkSize">Effective sample size of the bulk.</param>
/// <param name="TailSize">Effective sample size of the tails.</param>
[Source(Paper.Vehtari2021)]
public readonly record struct ChainSummary(double Mean, double StandardError, double Variance, double Rhat, double BulkSize, double TailSize)
{
    internal static ChainSummary Of(double[][] draws)
    {
        var found = Posterior.ChainSummaryModule.ofDraws(Posterior.DrawsModule.ofArrays(draws));
        if (found.IsError)
            throw new InvalidOperationException($"{found.ErrorValue}");

        return Of(found.ResultValue);
    }

    internal static ChainSummary Of(Posterior.ChainSummary summary) =>
        new(summary.Mean.Value, summary.Mean.StandardError, summary.Variance.Value, summary.Rhat, summary.BulkSize, summary.TailSize);
}
