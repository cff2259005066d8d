namespace NoiseScale;

/// <summary>Consecutive updates with one batch size, under one formula of learning rate and momentum.</summary>
/// <param name="FirstUpdate">Index of its first update; <c>plan[phase.FirstUpdate]</c> has its settings.</param>
/// <param name="Updates">Number of updates, at least 1.</param>
/// <param name="FirstExample">Stream position of its first example.</param>
/// <param name="Start">The epoch from which its settings hold in the schedule.</param>
/// <param name="Until">The epoch until which its settings hold in the schedule.</param>
/// <param name="BatchSize">Examples per full update.</param>
/// <param name="IsConstant">Whether every full batch has the same learning rate and momentum.</param>
public readonly record struct PlanPhase(
    long FirstUpdate, long Updates, long FirstExample, Epochs Start, Epochs Until, int BatchSize, bool IsConstant)
{
    /// <summary>Index of its last update.</summary>
    public long LastUpdate => FirstUpdate + Updates - 1;

    internal static PlanPhase From(Core.Phase phase) =>
        new(phase.FirstUpdate, phase.Updates, phase.FirstExample, phase.Start, phase.Until, phase.BatchSize, phase.IsConstant);
}
