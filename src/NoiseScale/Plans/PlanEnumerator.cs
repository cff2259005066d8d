using System.Collections;

namespace NoiseScale;

/// <summary>Walks the updates of a plan; a struct, so that <c>foreach</c> allocates nothing.</summary>
public struct PlanEnumerator : IEnumerator<PlannedUpdate>
{
    private readonly Core.Plan _plan;
    private readonly long _first;
    private Core.PlanEnumerator _walk; // not readonly: it is a mutable struct

    internal PlanEnumerator(Core.Plan plan, long first) => (_plan, _first, _walk) = (plan, first, plan.From(first));

    /// <summary>The update that the walk stands on; meaningful after <see cref="MoveNext"/> has answered true.</summary>
    public readonly PlannedUpdate Current => PlannedUpdate.From(_walk.Current);

    readonly object IEnumerator.Current => Current;

    /// <summary>Goes to the next update.</summary>
    /// <returns>False after the last one.</returns>
    public bool MoveNext() => _walk.MoveNext();

    /// <summary>Goes back to before the first update of the walk.</summary>
    public void Reset() => _walk = _plan.From(_first);

    /// <summary>Nothing to release.</summary>
    public readonly void Dispose()
    {
    }
}
