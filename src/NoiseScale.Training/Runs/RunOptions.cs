namespace NoiseScale.Training.Runs;

/// <summary>How to run what is missing; nothing here changes a number.</summary>
public sealed record RunOptions
{
    /// <summary>Runs at the same time, each on a thread of its own; null for as many as processors allow (one on a GPU).</summary>
    public int? Workers { get; init; }

    /// <summary>How often an unfinished run saves its state beside the results, to go on after an interruption; null for never.</summary>
    public TimeSpan? CheckpointInterval { get; init; }

    /// <summary>Whether to run again what failed before; otherwise the failure is the result. A damaged result is made again in any case.</summary>
    public bool RetryFailed { get; init; } = true;

    /// <summary>Told of result files that cannot be used and are made again, each with the reason; null to say nothing.</summary>
    public Action<string>? Warn { get; init; }
}

/// <summary>How far a set of runs has come.</summary>
/// <param name="Fraction">Part of the work that is done, from 0 to 1, results found on the disk not counted.</param>
/// <param name="Done">Runs that have ended, results found on the disk included.</param>
/// <param name="Total">All runs asked for.</param>
/// <param name="Found">Results found on the disk, or made by another process meanwhile.</param>
/// <param name="Failed">Runs that failed.</param>
/// <param name="Elapsed">Time since the first run was begun.</param>
/// <param name="Remaining">Time left at the speed so far; null while nothing has been done.</param>
public readonly record struct RunStoreProgress(
    double Fraction, int Done, int Total, int Found, int Failed, TimeSpan Elapsed, TimeSpan? Remaining);
