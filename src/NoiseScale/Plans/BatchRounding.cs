namespace NoiseScale;

/// <summary>What happens when a batch size is rounded to whole examples, or a last batch is smaller.</summary>
public enum BatchRounding
{
    /// <summary>
    /// The learning rate stays; the exact noise scale is off by at most N/(2b(N − B)) relative, the linear one by 1/(2b), b the whole
    /// batch.
    /// </summary>
    Leave,

    /// <summary>The learning rate moves so that the exact noise scale is that of the schedule.</summary>
    CompensateExact,

    /// <summary>The learning rate moves so that the linear noise scale is that of the schedule.</summary>
    CompensateLinear,
}
