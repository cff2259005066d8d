using System.Collections;
using System.Globalization;

namespace NoiseScale;

/// <summary>
/// A schedule made concrete: whole batches, and the learning rate, momentum, epoch and first example of every update. An immutable value:
/// walking it twice, or from the middle, gives the same updates. Made by <see cref="Schedule.Plan"/>.
/// </summary>
/// <remarks>
/// Settings are read at the start of an update; an update across a boundary of the schedule belongs to the side on which the middle of its
/// data lies, the earlier one at a tie. Where the batch is piecewise constant the plan is made in time proportional to its phases.
/// </remarks>
public sealed class Plan : IEnumerable<PlannedUpdate>, IEquatable<Plan>
{
    internal Plan(Schedule schedule, PartialBatch partialBatch, BatchRounding rounding)
    {
        Schedule = schedule;
        PartialBatch = partialBatch;
        Rounding = rounding;
        Inner = Core.PlanModule.create(new(partialBatch.ToCore(), rounding.ToCore()), schedule.Inner);
        Phases = new PlanPhases(Inner.Phases);
    }

    internal Core.Plan Inner { get; }

    /// <summary>The schedule that it makes concrete.</summary>
    public Schedule Schedule { get; }

    /// <summary>What happens at the end of an epoch.</summary>
    public PartialBatch PartialBatch { get; }

    /// <summary>What happens when a batch size is rounded to whole examples.</summary>
    public BatchRounding Rounding { get; }

    /// <summary>The number of updates.</summary>
    public long Updates => Inner.Updates;

    /// <summary>Its phases, in order.</summary>
    public IReadOnlyList<PlanPhase> Phases { get; }

    /// <summary>One update, in time logarithmic in the number of phases.</summary>
    /// <param name="index">From 0 to <see cref="Updates"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such update.</exception>
    public PlannedUpdate this[long index]
    {
        get
        {
            if (index < 0 || index >= Updates)
            {
                throw new ArgumentOutOfRangeException(nameof(index), index, $"the plan has {Updates} updates");
            }

            var walk = Inner.From(index);
            walk.MoveNext();
            return PlannedUpdate.From(walk.Current);
        }
    }

    /// <summary>The updates from an index on, exactly as the whole plan has them: where a resumed run goes on.</summary>
    /// <param name="index">The first update, 0 or more; beyond the last one there are none.</param>
    /// <returns>The updates.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is negative.</exception>
    public PlanUpdates From(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        return new(this, index);
    }

    /// <summary>Starts a walk over all updates that allocates nothing.</summary>
    /// <returns>The enumerator.</returns>
    public PlanEnumerator GetEnumerator() => new(Inner, 0);

    IEnumerator<PlannedUpdate> IEnumerable<PlannedUpdate>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>g at an epoch with the plan's whole batches: ε/(1−m)·(N/B − 1), linear: ·N/B. (P1 §2)</summary>
    /// <param name="epoch">Epochs of data seen, 0 or more.</param>
    /// <param name="form">Exact, or linear for B ≪ N.</param>
    /// <returns>The noise scale.</returns>
    /// <exception cref="ScheduleException"><paramref name="epoch"/> is negative or not finite.</exception>
    /// <exception cref="InvalidOperationException">The plan has no updates.</exception>
    [Source(Paper.P1, "§2")]
    public SgdNoiseScale NoiseScaleAt(Epochs epoch, NoiseScaleForm form = NoiseScaleForm.Exact)
    {
        if (Updates == 0)
        {
            throw new InvalidOperationException("The plan has no updates and so no noise scale: its epochs hold less than half a batch.");
        }

        Schedule.RequireTime(epoch);
        return new(Core.PlanModule.noiseScaleAt(form.ToCore(), epoch.Value, Inner).Value);
    }

    /// <summary>
    /// The fraction of the weight average that an update keeps: ρ^(b/r(t)) with a reference batch r, else ρ. (Busbridge et al. 2023)
    /// </summary>
    /// <param name="update">An update of this plan.</param>
    /// <returns>The fraction; null where the schedule averages no weights.</returns>
    [Source(Paper.Busbridge2023)]
    public double? AveragingMomentum(PlannedUpdate update) =>
        Core.PlanModule.averagingMomentum(
            update.ToCore(), Inner)?.Value;

    /// <summary>What changes from this plan to another: updates saved, deviation of the noise scale, peaks.</summary>
    /// <param name="other">The other plan.</param>
    /// <param name="form">The form of the noise scale that is compared.</param>
    /// <returns>The comparison, this plan being the first.</returns>
    public PlanComparison CompareWith(Plan other, NoiseScaleForm form = NoiseScaleForm.Exact)
    {
        ArgumentNullException.ThrowIfNull(other);
        return PlanComparison.From(this, other, form);
    }

    /// <summary>Whether two plans have equal schedules and policies, and so the same updates.</summary>
    /// <param name="other">Another plan.</param>
    /// <returns>Whether they are equal.</returns>
    public bool Equals(Plan? other) =>
        other is not null && PartialBatch == other.PartialBatch && Rounding == other.Rounding && Schedule.Equals(other.Schedule);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Plan);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Schedule, PartialBatch, Rounding);

    /// <summary>The counts in one line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Updates} updates in {Phases.Count} phases ({PartialBatch}, {Rounding})");
}
