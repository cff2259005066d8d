namespace NoiseScale.Training.Runs;

/// <summary>How a run stands.</summary>
public enum RunState
{
    /// <summary>There is no result, and nobody works on it; perhaps it was begun and left.</summary>
    Missing,

    /// <summary>A process works on it now.</summary>
    Running,

    /// <summary>All updates were taken and every loss was finite.</summary>
    Completed,

    /// <summary>A loss ceased to be finite.</summary>
    Diverged,

    /// <summary>An error ended it.</summary>
    Failed,

    /// <summary>There is a result file that cannot be used; the next call runs it again.</summary>
    Damaged,
}

/// <summary>What a store knows of a run.</summary>
/// <param name="State">How it stands.</param>
/// <param name="Result">The result, where there is one that can be used.</param>
/// <param name="Remark">Why it failed, where it diverged, what is wrong with its file, or who works on it; null where there is nothing to say.</param>
public sealed record RunSighting(RunState State, RunResult? Result, string? Remark)
{
    internal static RunSighting Of(RunResult result) => result.Status switch
    {
        RunStatus.Completed => new(RunState.Completed, result, null),
        RunStatus.Diverged => new(
            RunState.Diverged, result, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the loss was {result.Divergence?.Loss} at update {result.Divergence?.Update}")),
        _ => new(RunState.Failed, result, result.FailureReason),
    };
}
