using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>Into which pieces a batch may be cut so that the pieces together compute what the whole would.</summary>
internal static class MicroBatch
{
    /// <summary>The largest piece within a limit: for ghost batch norm whole ghost batches, else the limit itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is below one ghost batch.</exception>
    public static int Of(Network network, int? limit)
    {
        if (limit is not { } most)
            return int.MaxValue;

        if (network is not WideResNet { ResidualNormalisation: ResidualNormalisation.GhostBatchNorm(var ghost) })
            return most;

        return most >= ghost
            ? most / ghost * ghost
            : throw new ArgumentOutOfRangeException(
                nameof(TrainingSettings.MicroBatchSize), most,
                $"must be at least the ghost batch of {network.Name}, {ghost}: cut smaller, it would normalise differently");
    }
}
