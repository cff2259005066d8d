namespace NoiseScale.Training;

/// <summary>What a training run left: its records, its parameters, and how it ended.</summary>
/// <remarks>Owns the tensors, outside every dispose scope, until it is disposed.</remarks>
public sealed class TrainingOutcome : IDisposable
{
    internal TrainingOutcome()
    {
    }

    /// <summary>The evaluations, in order.</summary>
    public required IReadOnlyList<TrainingRecord> Records { get; init; }

    /// <summary>Where the loss ceased to be finite; null for a run that came to its end.</summary>
    public required Divergence? Divergence { get; init; }

    /// <summary>Updates taken, those before a resumption included.</summary>
    public required long Updates { get; init; }

    /// <summary>The parameters at the end, in the order of the network; after a divergence those that diverged.</summary>
    public required IReadOnlyList<Tensor> Parameters { get; init; }

    /// <summary>The averaged parameters at the end; null without averaging.</summary>
    public required IReadOnlyList<Tensor>? AveragedParameters { get; init; }

    /// <summary>The number of updates with which this process began: more than 0 for a run resumed from a checkpoint.</summary>
    public required long ResumedAt { get; init; }

    /// <summary>Checkpoints that were found and not used, each with the reason.</summary>
    public required IReadOnlyList<string> RefusedCheckpoints { get; init; }

    /// <summary>Time spent training and evaluating, over all processes that worked on the run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Threads within an operation in this process; another number can change the last bits.</summary>
    public required int Threads { get; init; }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in Parameters.Concat(AveragedParameters ?? []))
            tensor.Dispose();
    }
}
