using NoiseScale.Training.Data;

namespace NoiseScale.Training;

/// <summary>Everything about a training run that its plan, network and data leave open. The defaults evaluate only at the end.</summary>
public sealed record TrainingSettings
{
    /// <summary>Draws the initial parameters and the order of the data: runs of one seed differ only by their plans.</summary>
    public long Seed { get; init; }

    /// <summary>Epochs of data seen at which to evaluate, increasing, within training; the end is evaluated in any case.</summary>
    /// <remarks>The evaluation for epoch t stands between the two updates where t is nearest: before the first update whose middle lies beyond t.</remarks>
    public IReadOnlyList<double> EvaluationEpochs { get; init; } = [];

    /// <summary>How many training examples the training cross-entropy is measured on, a random subset fixed for the data set; null for all.</summary>
    public int? TrainEvaluationSize { get; init; }

    /// <summary>
    /// The most examples that go through the network at once; larger batches are computed in pieces whose gradients add up to the
    /// gradient of the mean over the whole batch. Null for no limit.
    /// </summary>
    public int? MicroBatchSize { get; init; }

    /// <summary>How the examples of a batch are drawn.</summary>
    public Sampling Sampling { get; init; } = Sampling.ReshuffledEpochs;

    /// <summary>Random changes of the training images; null for none. Evaluations see the images as they are.</summary>
    public IAugmentation? Augmentation { get; init; }

    /// <summary>
    /// λ of an explicit gradient penalty: every minibatch is trained on Ĉ + (λ/4)‖∇Ĉ‖², exactly, at three to five times the cost of a step.
    /// 0 for none. In units of learning rate; the penalty is on the cross-entropy alone, not on weight decay. (P6 section 3.1)
    /// </summary>
    public double GradientPenalty { get; init; }

    /// <summary>
    /// n: how many steps to take on each minibatch before the next one, each at the plan's learning rate, which is then the bare α of
    /// n-step SGD. An update of the plan is then n steps, and an epoch, still one pass through the data, n·N/B of them. (P6 section 4)
    /// </summary>
    public int StepsPerMinibatch { get; init; } = 1;

    /// <summary>What of the modified loss to measure at evaluations; null for nothing.</summary>
    public ModifiedLossSettings? ModifiedLoss { get; init; }

    /// <summary>Where to compute; null for where the data are.</summary>
    public Device? Device { get; init; }

    /// <summary>Where and how often to save the state of the run; null for never.</summary>
    public CheckpointSettings? Checkpoints { get; init; }

    /// <summary>Refuses settings out of range, each by its name.</summary>
    internal void Validate(double epochs)
    {
        ArgumentNullException.ThrowIfNull(EvaluationEpochs);
        var previous = double.NegativeInfinity;
        foreach (var epoch in EvaluationEpochs)
        {
            // written so that NaN is refused too
            if (!(epoch >= 0 && epoch <= epochs && epoch > previous))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(EvaluationEpochs), epoch, $"epochs must increase and lie within training, from 0 to {epochs}");
            }

            previous = epoch;
        }

        RequireAtLeastOne(TrainEvaluationSize, nameof(TrainEvaluationSize));
        RequireAtLeastOne(MicroBatchSize, nameof(MicroBatchSize));
        RequireAtLeastOne(StepsPerMinibatch, nameof(StepsPerMinibatch));
        if (!(double.IsFinite(GradientPenalty) && GradientPenalty >= 0))
            throw new ArgumentOutOfRangeException(nameof(GradientPenalty), GradientPenalty, "must be finite and at least 0");

        RequireAtLeastOne(ModifiedLoss?.BatchSize, nameof(ModifiedLossSettings.BatchSize));
        Checkpoints?.Validate();
    }

    private static void RequireAtLeastOne(int? value, string name)
    {
        if (value < 1)
            throw new ArgumentOutOfRangeException(name, value, "must be at least 1");
    }
}

/// <summary>What of the modified loss a run measures, on the training examples as they are; see <see cref="ModifiedLossMeasurement"/>.</summary>
public sealed record ModifiedLossSettings
{
    /// <summary>B of the minibatches that are measured; null for the last batch size of the plan.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Whether to measure at every evaluation; otherwise only at the end.</summary>
    public bool Along { get; init; }

    /// <summary>Whether Γ is computed from the gradient of every single example, at the cost of as many gradients; otherwise it is estimated.</summary>
    public bool ExactVariance { get; init; }
}

/// <summary>Where and how often a run saves its state, so that it can go on after an interruption exactly as if there had been none.</summary>
/// <param name="Directory">A directory for this run alone; made if it does not exist. A run that finds its own checkpoint there resumes from it.</param>
public sealed record CheckpointSettings(string Directory)
{
    /// <summary>Save when this much time has passed since the last time; null for no regard to time.</summary>
    public TimeSpan? Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Save after every so many updates; null for no regard to updates.</summary>
    public long? EveryUpdates { get; init; }

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Directory);
        if (Interval < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(Interval), Interval, "must not be negative");

        if (EveryUpdates < 1)
            throw new ArgumentOutOfRangeException(nameof(EveryUpdates), EveryUpdates, "must be at least 1");
    }
}
