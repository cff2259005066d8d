using Microsoft.FSharp.Core;

namespace NoiseScale;

/// <summary>
/// A training schedule as an immutable value with value equality: how much data, and learning rate, batch size and momentum as functions of
/// epochs of data seen. Only valid schedules exist: every maker and every change checks, and throws a <see cref="ScheduleException"/>.
/// </summary>
/// <remarks>The cost is a mean over examples. A file an idea: shapes, changes, transformations under the scaling laws, papers.</remarks>
public sealed partial class Schedule : IEquatable<Schedule>
{
    internal Schedule(Core.Schedule inner) => Inner = inner;

    internal Core.Schedule Inner { get; }

    /// <summary>N, examples in the training set.</summary>
    public long TrainingSetSize => Inner.TrainingSetSize;

    /// <summary>Length of training, in epochs of data seen.</summary>
    public Epochs Epochs => Inner.Epochs;

    /// <summary>ε(t), per update, greater than 0; for a cost that is a mean over examples.</summary>
    public Curve LearningRate => new(Inner.LearningRate);

    /// <summary>B(t), examples per update, a real number in [1, N]; the plan rounds it.</summary>
    public Curve BatchSize => new(Inner.BatchSize);

    /// <summary>m(t), in [0, 1).</summary>
    public Curve Momentum => new(Inner.Momentum);

    /// <summary>The optimizer family and its constants.</summary>
    public Optimizer Optimizer => Optimizer.From(Inner.Optimizer);

    /// <summary>λ, the coefficient of weight decay, 0 or more.</summary>
    public double WeightDecay => Inner.WeightDecay;

    /// <summary>The moving average of the weights; null where there is none.</summary>
    public WeightAveraging? Averaging => WeightAveraging.From(Inner.Averaging);

    /// <summary>Data seen in the whole of training: epochs·N examples, a real number.</summary>
    public double TotalExamples => Core.ScheduleModule.totalExamples(Inner);

    /// <summary>N·∫dt/B(t), data divided by batch size: the update count of P1's figures, a real number before any rounding.</summary>
    public double IdealUpdates => Core.ScheduleModule.idealUpdates(Inner);

    /// <summary>The epochs inside training at which learning rate, batch size or momentum changes its formula, in order.</summary>
    public IReadOnlyList<Epochs> Breakpoints => [.. Core.ScheduleModule.breakpoints(Inner).Select(t => new Epochs(t))];

    /// <summary>g(t) = ε/(1−m)·(N/B − 1), or ·N/B in the linear form. (P1 §2 and §3.2)</summary>
    /// <param name="epoch">t, epochs of data seen, 0 or more.</param>
    /// <param name="form">Exact, or linear for B ≪ N.</param>
    /// <returns>The noise scale before any rounding of the batch; <see cref="NoiseScale.Plan.NoiseScaleAt"/> has it after.</returns>
    /// <exception cref="ScheduleException"><paramref name="epoch"/> is negative or not finite.</exception>
    [Source(Sources.Paper.P1, "§2 and §3.2")]
    public SgdNoiseScale NoiseScaleAt(Epochs epoch, NoiseScaleForm form = NoiseScaleForm.Exact) =>
        new(Core.NoiseScaleModule.at(form.ToCore(), RequireTime(epoch), Inner).Value);

    /// <summary>T(t) = g/2 of the exact form: the temperature at which SGD samples a posterior. (P3 Thm 4)</summary>
    /// <param name="epoch">t, epochs of data seen, 0 or more.</param>
    /// <returns>The temperature; 1 is the posterior.</returns>
    /// <exception cref="ScheduleException"><paramref name="epoch"/> is negative or not finite.</exception>
    [Source(Sources.Paper.P3, "Thm 4")]
    public PosteriorTemperature PosteriorTemperatureAt(Epochs epoch) =>
        new(Core.NoiseScaleModule.posteriorTemperatureAt(RequireTime(epoch), Inner).Value);

    /// <summary>T(t) = ε/B, with momentum ε/((1−m)B): the noise of one step. (P6 Eqs. 23–26)</summary>
    /// <param name="epoch">t, epochs of data seen, 0 or more.</param>
    /// <returns>The temperature, learning rate per example.</returns>
    /// <exception cref="ScheduleException"><paramref name="epoch"/> is negative or not finite.</exception>
    [Source(Sources.Paper.P6, "Eqs. 23–26")]
    public StepTemperature StepTemperatureAt(Epochs epoch) => new(Core.NoiseScaleModule.stepTemperatureAt(RequireTime(epoch), Inner).Value);

    /// <summary>Makes the schedule concrete: whole batches and the settings of every update.</summary>
    /// <param name="partialBatch">What happens to the examples at the end of an epoch that do not fill a batch.</param>
    /// <param name="rounding">Whether the learning rate makes up for the rounding of the batch.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A policy is not defined.</exception>
    public Plan Plan(PartialBatch partialBatch = PartialBatch.CarryOver, BatchRounding rounding = BatchRounding.Leave) =>
        new(this, partialBatch, rounding);

    /// <summary>Whether two schedules have the same parts; see <see cref="Curve.Equals(Curve)"/>.</summary>
    /// <param name="other">Another schedule.</param>
    /// <returns>Whether they are equal.</returns>
    public bool Equals(Schedule? other) => other is not null && Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Schedule);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <summary>Whether two schedules have the same parts.</summary>
    public static bool operator ==(Schedule? left, Schedule? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two schedules differ in a part.</summary>
    public static bool operator !=(Schedule? left, Schedule? right) => !(left == right);

    internal static double RequireTime(Epochs epoch) =>
        double.IsFinite(epoch.Value) && epoch.Value >= 0
            ? epoch.Value
            : throw ScheduleException.OutOfRange(nameof(epoch), epoch.Value, "it must be finite and 0 or more");

    private static Schedule Of(FSharpResult<Core.Schedule, Core.ScheduleError> result) => new(result.OrThrow());
}
