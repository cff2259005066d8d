using Microsoft.FSharp.Core;

namespace NoiseScale;

// One part replaced, the others as they were; the noise scale changes. The transformations are the ones that keep it.
public sealed partial class Schedule
{
    /// <summary>The schedule with another learning-rate curve.</summary>
    /// <param name="learningRate">ε(t), per update, greater than 0.</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException">The result breaks a rule.</exception>
    public Schedule WithLearningRate(Curve learningRate)
    {
        ArgumentNullException.ThrowIfNull(learningRate);
        return Of(Core.ScheduleModule.withLearningRate(learningRate.Inner, Inner));
    }

    /// <summary>The schedule with another batch-size curve.</summary>
    /// <param name="batchSize">B(t), in [1, N] examples.</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException">The result breaks a rule.</exception>
    public Schedule WithBatchSize(Curve batchSize)
    {
        ArgumentNullException.ThrowIfNull(batchSize);
        return Of(Core.ScheduleModule.withBatchSize(batchSize.Inner, Inner));
    }

    /// <summary>The schedule with another momentum curve; <see cref="SetMomentum"/> moves the batch with it.</summary>
    /// <param name="momentum">m(t), in [0, 1).</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException">The result breaks a rule.</exception>
    public Schedule WithMomentum(Curve momentum)
    {
        ArgumentNullException.ThrowIfNull(momentum);
        return Of(Core.ScheduleModule.withMomentum(momentum.Inner, Inner));
    }

    /// <summary>The schedule for another optimizer.</summary>
    /// <param name="optimizer">The optimizer family and its constants.</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException">A constant is out of range, or the schedule has momentum and the optimizer none.</exception>
    public Schedule WithOptimizer(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return Of(Core.ScheduleModule.withOptimizer(optimizer.ToCore(), Inner));
    }

    /// <summary>The schedule with another optimizer and the momentum it needs, changed together.</summary>
    /// <param name="optimizer">The optimizer family and its constants.</param>
    /// <param name="momentum">m(t), in [0, 1); 0 for plain SGD and Adam.</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException">The result breaks a rule.</exception>
    public Schedule WithOptimizer(Optimizer optimizer, Curve momentum)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(momentum);
        // through momentum 0, which every optimizer accepts
        return WithMomentum(0).WithOptimizer(optimizer).WithMomentum(momentum);
    }

    /// <summary>The schedule with another weight decay.</summary>
    /// <param name="weightDecay">λ, 0 or more.</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException"><paramref name="weightDecay"/> is negative or not finite.</exception>
    public Schedule WithWeightDecay(double weightDecay) => Of(Core.ScheduleModule.withWeightDecay(weightDecay, Inner));

    /// <summary>The schedule with a moving average of the weights, or without.</summary>
    /// <param name="averaging">The average; null: none.</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException">Its momentum is outside [0, 1).</exception>
    public Schedule WithAveraging(WeightAveraging? averaging) =>
        Of(Core.ScheduleModule.withAveraging(
            averaging is null ? null : FSharpOption<Core.WeightAveraging>.Some(averaging.ToCore()), Inner));

    /// <summary>The schedule over another number of epochs; the curves keep their times.</summary>
    /// <param name="epochs">Length of training, greater than 0.</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException">The result breaks a rule.</exception>
    public Schedule WithEpochs(Epochs epochs) => Of(Core.ScheduleModule.withEpochs(epochs.Value, Inner));

    /// <summary>The schedule for a training set of another size; the curves keep their times in epochs.</summary>
    /// <param name="trainingSetSize">N, examples, at least 1.</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException">The result breaks a rule.</exception>
    public Schedule WithTrainingSetSize(long trainingSetSize) => Of(Core.ScheduleModule.withTrainingSetSize(trainingSetSize, Inner));

    /// <summary>The same curves with every epoch a factor later, training included: c(t) → c(t/factor).</summary>
    /// <param name="factor">Greater than 0.</param>
    /// <returns>The changed schedule.</returns>
    /// <exception cref="ScheduleException"><paramref name="factor"/> is not finite and positive.</exception>
    public Schedule Stretch(double factor) => Of(Core.ScheduleModule.stretch(factor, Inner));
}
