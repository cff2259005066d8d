namespace NoiseScale.Training;

/// <summary>How good the parameters were at one moment of a run.</summary>
public sealed record TrainingRecord
{
    /// <summary>The epoch for which the evaluation was asked; runs of different batch sizes are compared by it.</summary>
    public required double RequestedEpoch { get; init; }

    /// <summary>Epochs of data seen when it was made: within half a batch of <see cref="RequestedEpoch"/>.</summary>
    public required double Epoch { get; init; }

    /// <summary>Updates of the plan taken, each of <see cref="TrainingSettings.StepsPerMinibatch"/> steps.</summary>
    public required long Update { get; init; }

    /// <summary>Mean cross-entropy on the training examples, in nats per example, the network evaluating.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>Fraction of the training examples classified rightly.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Mean cross-entropy on the test examples, in nats per example.</summary>
    public required double TestLoss { get; init; }

    /// <summary>Fraction of the test examples classified rightly.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>
    /// Mean cross-entropy of the batches since the record before, each before its update, in nats per example; null where there was none.
    /// </summary>
    public double? BatchLoss { get; init; }

    /// <summary>As <see cref="TrainLoss"/>, of the averaged parameters; null without averaging.</summary>
    public double? AveragedTrainLoss { get; init; }

    /// <summary>As <see cref="TestLoss"/>, of the averaged parameters; null without averaging.</summary>
    public double? AveragedTestLoss { get; init; }

    /// <summary>As <see cref="TestAccuracy"/>, of the averaged parameters; null without averaging.</summary>
    public double? AveragedTestAccuracy { get; init; }

    /// <summary>The parts of the modified loss, where they were asked for; see <see cref="TrainingSettings.ModifiedLoss"/>.</summary>
    public ModifiedLossMeasurement? ModifiedLoss { get; init; }
}

/// <summary>The end of a run whose loss ceased to be a finite number.</summary>
/// <param name="Update">Index of the update whose batch had that loss; the number of updates where an evaluation found it.</param>
/// <param name="Epoch">Epochs of data seen before it.</param>
/// <param name="Loss">The loss: infinite, or not a number.</param>
public sealed record Divergence(long Update, double Epoch, double Loss);

/// <summary>How far a run has come.</summary>
/// <param name="Fraction">Part of the work that is done, from 0 to 1; work is counted in examples, with a fixed cost an update.</param>
/// <param name="Update">Updates taken.</param>
/// <param name="Updates">Updates of the whole plan.</param>
/// <param name="Epoch">Epochs of data seen.</param>
/// <param name="BatchLoss">Cross-entropy of the last batch read, in nats per example; NaN before the first.</param>
/// <param name="Elapsed">Time since this process began or resumed the run.</param>
/// <param name="Remaining">Time left at the speed of this process so far; null while nothing has been done.</param>
public readonly record struct TrainingProgress(
    double Fraction, long Update, long Updates, double Epoch, double BatchLoss, TimeSpan Elapsed, TimeSpan? Remaining);
