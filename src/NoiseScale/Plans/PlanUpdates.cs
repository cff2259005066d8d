using System.Collections;

namespace NoiseScale;

/// <summary>
/// The updates of a plan from one of them on: what a resumed run still has to do. <c>foreach</c> over it allocates nothing.
/// </summary>
public readonly struct PlanUpdates : IEnumerable<PlannedUpdate>
{
    private readonly Plan _plan;

    internal PlanUpdates(Plan plan, long first) => (_plan, First) = (plan, first);

    /// <summary>Index of the first update, 0 or more.</summary>
    public long First { get; }

    /// <summary>The number of updates from there on; 0 beyond the last one.</summary>
    public long Count => Math.Max(0, _plan.Updates - First);

    /// <summary>Starts a walk that allocates nothing.</summary>
    /// <returns>The enumerator.</returns>
    public PlanEnumerator GetEnumerator() => new(_plan.Inner, First);

    IEnumerator<PlannedUpdate> IEnumerable<PlannedUpdate>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
