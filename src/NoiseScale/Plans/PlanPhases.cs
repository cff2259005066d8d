using System.Collections;

namespace NoiseScale;

/// <summary>The phases of a plan, translated when they are read: a plan of a smooth curve may have as many as updates.</summary>
internal sealed class PlanPhases(IReadOnlyList<Core.Phase> phases) : IReadOnlyList<PlanPhase>
{
    public int Count => phases.Count;

    public PlanPhase this[int index] => index >= 0 && index < phases.Count
        ? PlanPhase.From(phases[index])
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"the plan has {phases.Count} phases");

    public IEnumerator<PlanPhase> GetEnumerator() => phases.Select(PlanPhase.From).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
