namespace NoiseScale;

// The usual schedules in one call; `Create` takes any curves.
public sealed partial class Schedule
{
    /// <summary>A schedule of any curves; a plain number is a constant curve.</summary>
    /// <param name="learningRate">ε(t), per update, greater than 0; it may reach 0 at the very end.</param>
    /// <param name="batchSize">B(t), in [1, N] examples.</param>
    /// <param name="epochs">Length of training, greater than 0.</param>
    /// <param name="trainingSetSize">N, examples, at least 1.</param>
    /// <param name="momentum">m(t), in [0, 1); null: 0.</param>
    /// <param name="optimizer">Null: the heavy ball where there is momentum, else plain SGD.</param>
    /// <param name="weightDecay">λ, 0 or more.</param>
    /// <param name="averaging">The moving average of the weights; null: none.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ScheduleException">A part breaks its rule.</exception>
    public static Schedule Create(
        Curve learningRate,
        Curve batchSize,
        Epochs epochs,
        long trainingSetSize,
        Curve? momentum = null,
        Optimizer? optimizer = null,
        double weightDecay = 0,
        WeightAveraging? averaging = null)
    {
        ArgumentNullException.ThrowIfNull(learningRate);
        ArgumentNullException.ThrowIfNull(batchSize);
        var velocity = momentum ?? 0;
        var family = optimizer ?? (velocity.Equals(0) ? Optimizers.Sgd : Optimizers.HeavyBall());
        return Of(Core.ScheduleModule.create(
                family.ToCore(), trainingSetSize, epochs.Value, learningRate.Inner, batchSize.Inner, velocity.Inner))
            .WithWeightDecay(weightDecay)
            .WithAveraging(averaging);
    }

    /// <summary>
    /// The multi-step decay of P1: ε is divided by a factor at each boundary in turn, at constant batch size. (P1 Fig. 1)
    /// </summary>
    /// <param name="learningRate">The first ε, per update, greater than 0.</param>
    /// <param name="factor">What ε is divided by, greater than 0.</param>
    /// <param name="at">The boundaries in epochs, increasing.</param>
    /// <param name="batchSize">B(t), in [1, N] examples.</param>
    /// <param name="epochs">Length of training, greater than 0.</param>
    /// <param name="trainingSetSize">N, examples, at least 1.</param>
    /// <param name="momentum">m(t), in [0, 1); null: 0.</param>
    /// <param name="optimizer">Null: the heavy ball where there is momentum, else plain SGD.</param>
    /// <param name="weightDecay">λ, 0 or more.</param>
    /// <param name="averaging">The moving average of the weights; null: none.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ScheduleException">A part breaks its rule.</exception>
    [Source(Sources.Paper.P1, "Fig. 1")]
    public static Schedule StepDecay(
        double learningRate,
        double factor,
        IReadOnlyList<Epochs> at,
        Curve batchSize,
        Epochs epochs,
        long trainingSetSize,
        Curve? momentum = null,
        Optimizer? optimizer = null,
        double weightDecay = 0,
        WeightAveraging? averaging = null) =>
        Create(Curve.StepDecay(learningRate, factor, at), batchSize, epochs, trainingSetSize, momentum, optimizer, weightDecay, averaging);

    /// <summary>
    /// ε falls along half a cosine from its first to its last value over the whole of training. (Loshchilov &amp; Hutter 2017)
    /// </summary>
    /// <param name="learningRate">The first ε, per update, greater than 0.</param>
    /// <param name="batchSize">B(t), in [1, N] examples.</param>
    /// <param name="epochs">Length of training, greater than 0.</param>
    /// <param name="trainingSetSize">N, examples, at least 1.</param>
    /// <param name="momentum">m(t), in [0, 1); null: 0.</param>
    /// <param name="finalLearningRate">The last ε, 0 or more.</param>
    /// <param name="optimizer">Null: the heavy ball where there is momentum, else plain SGD.</param>
    /// <param name="weightDecay">λ, 0 or more.</param>
    /// <param name="averaging">The moving average of the weights; null: none.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ScheduleException">A part breaks its rule.</exception>
    public static Schedule Cosine(
        double learningRate,
        Curve batchSize,
        Epochs epochs,
        long trainingSetSize,
        Curve? momentum = null,
        double finalLearningRate = 0,
        Optimizer? optimizer = null,
        double weightDecay = 0,
        WeightAveraging? averaging = null) =>
        Create(
            Curve.Cosine(learningRate, finalLearningRate, epochs),
            batchSize, epochs, trainingSetSize, momentum, optimizer, weightDecay, averaging);

    /// <summary>ε falls (or rises) linearly from its first to its last value over the whole of training.</summary>
    /// <param name="learningRate">The first ε, per update, greater than 0.</param>
    /// <param name="batchSize">B(t), in [1, N] examples.</param>
    /// <param name="epochs">Length of training, greater than 0.</param>
    /// <param name="trainingSetSize">N, examples, at least 1.</param>
    /// <param name="momentum">m(t), in [0, 1); null: 0.</param>
    /// <param name="finalLearningRate">The last ε, 0 or more.</param>
    /// <param name="optimizer">Null: the heavy ball where there is momentum, else plain SGD.</param>
    /// <param name="weightDecay">λ, 0 or more.</param>
    /// <param name="averaging">The moving average of the weights; null: none.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ScheduleException">A part breaks its rule.</exception>
    public static Schedule Linear(
        double learningRate,
        Curve batchSize,
        Epochs epochs,
        long trainingSetSize,
        Curve? momentum = null,
        double finalLearningRate = 0,
        Optimizer? optimizer = null,
        double weightDecay = 0,
        WeightAveraging? averaging = null) =>
        Create(
            Curve.Linear(learningRate, finalLearningRate, epochs),
            batchSize, epochs, trainingSetSize, momentum, optimizer, weightDecay, averaging);

    /// <summary>Constant learning rate, batch size and momentum.</summary>
    /// <param name="learningRate">ε, per update, greater than 0.</param>
    /// <param name="batchSize">B, in [1, N] examples.</param>
    /// <param name="epochs">Length of training, greater than 0.</param>
    /// <param name="trainingSetSize">N, examples, at least 1.</param>
    /// <param name="momentum">m, in [0, 1).</param>
    /// <param name="optimizer">Null: the heavy ball where there is momentum, else plain SGD.</param>
    /// <param name="weightDecay">λ, 0 or more.</param>
    /// <param name="averaging">The moving average of the weights; null: none.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ScheduleException">A part breaks its rule.</exception>
    public static Schedule Constant(
        double learningRate,
        double batchSize,
        Epochs epochs,
        long trainingSetSize,
        double momentum = 0,
        Optimizer? optimizer = null,
        double weightDecay = 0,
        WeightAveraging? averaging = null) =>
        Create(learningRate, batchSize, epochs, trainingSetSize, momentum, optimizer, weightDecay, averaging);
}
