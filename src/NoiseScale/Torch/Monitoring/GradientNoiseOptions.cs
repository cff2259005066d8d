namespace NoiseScale.Torch;

/// <summary>How often and how finely a <see cref="GradientNoiseMonitor"/> measures.</summary>
public sealed record GradientNoiseOptions
{
    internal const int DefaultEvery = 100, DefaultMicroBatches = 4;

    /// <summary>The defaults.</summary>
    public GradientNoiseOptions()
    {
    }

    /// <summary>Every how many updates one is measured, at least 1.</summary>
    public int Every { get; init; } = DefaultEvery;

    /// <summary>Into how many micro-batches a measured batch is cut, at least 2. More tell tr Σ better and cost more; four are most of the way.</summary>
    public int MicroBatches { get; init; } = DefaultMicroBatches;

    /// <summary>Of how many measurements, the last ones, the estimate is, at least 2; the interval's coverage wants 10.</summary>
    public int Window { get; init; } = 20;

    /// <summary>The level of the interval, in (0, 1).</summary>
    public double ConfidenceLevel { get; init; } = 0.95;

    /// <summary>What to report where ‖G‖² cannot be told from 0.</summary>
    public DenominatorPolicy Policy { get; init; } = DenominatorPolicy.Unbounded;

    /// <summary>What the loss answers with.</summary>
    public LossReduction Reduction { get; init; } = LossReduction.Mean;

    /// <summary>
    /// N, examples, if batches are drawn from a training set without replacement: ‖G‖² is then that of the training set's gradient. Null: of the
    /// distribution that examples are drawn from.
    /// </summary>
    public long? TrainingSetSize { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Every, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MicroBatches, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(Window, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(TrainingSetSize ?? 2, 2, nameof(TrainingSetSize));
        if (!(ConfidenceLevel > 0 && ConfidenceLevel < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(ConfidenceLevel), ConfidenceLevel, "a level lies between 0 and 1");
        }

        if (!Enum.IsDefined(Policy))
        {
            throw new ArgumentOutOfRangeException(nameof(Policy), Policy, "no such policy");
        }

        if (!Enum.IsDefined(Reduction))
        {
            throw new ArgumentOutOfRangeException(nameof(Reduction), Reduction, "no such reduction");
        }
    }
}
