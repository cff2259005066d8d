using NoiseScale.Training.Data;
using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Sweeps.Replicas;

/// <summary>
/// Trains runs of one shape together: replicas of a network that differ in seed, subset, learning rate, momentum or weight decay take every
/// update in one computation.
/// </summary>
public static class ReplicaTrainer
{
    /// <summary>Trains the runs to the ends of their plans; one that diverges stops there, and the others go on.</summary>
    /// <param name="replicas">Specs of one <see cref="ReplicaRule.ShapeOf"/>, each with its training and test examples as it trains on them.</param>
    /// <param name="checkpoints">Where and how often to save the state of all of them together; null for never.</param>
    /// <param name="progress">Told several times a second, on this thread.</param>
    /// <param name="cancellation">Ends all runs between two updates, after saving a checkpoint where checkpoints are asked for.</param>
    /// <returns>What <see cref="Trainer.Train"/> would have answered for each, to the rounding of float32; the time is shared out evenly.</returns>
    /// <exception cref="ArgumentException">The runs cannot be trained together; says why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<TrainingOutcome> Train(
        IReadOnlyList<(RunSpec Spec, ImageDataSet Data)> replicas, CheckpointSettings? checkpoints = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(replicas);
        if (replicas.Count == 0)
            throw new ArgumentException("is empty; there must be at least one run", nameof(replicas));

        var shape = ReplicaRule.ShapeOf(replicas[0].Spec with { Stacked = true });
        foreach (var (spec, data) in replicas)
        {
            (spec with { Stacked = true }).Validate();
            Trainer.RequireTogether(spec.Plan(), spec.Network, data);
            if (ReplicaRule.ShapeOf(spec with { Stacked = true }) != shape)
                throw new ArgumentException($"run {spec.Hash} has another shape than the first: they differ in more than seed and rates", nameof(replicas));
        }

        checkpoints?.Validate();
        using var scope = torch.NewDisposeScope();
        using var session = new ReplicaSession(replicas, checkpoints, progress);
        return session.Run(cancellation);
    }
}
