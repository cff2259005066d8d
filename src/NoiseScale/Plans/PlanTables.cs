namespace NoiseScale;

/// <summary>Plans as tables, for other programs.</summary>
public static class PlanTables
{
    /// <summary>A JSON table, schema <c>noisescale/plan</c>, version 1, that any training loop can follow without this library.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>JSON: a row for every run of equal settings over contiguous data.</returns>
    public static string ToJson(this Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Core.Table.json(plan.Inner);
    }

    /// <summary>
    /// CSV, a line a phase: first update, updates, epochs, batch, learning rate, momentum and exact noise scale at both ends.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="writer">Where to write.</param>
    public static void WritePhases(this Plan plan, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(writer);
        Core.Table.writePhases(writer, plan.Inner);
    }

    /// <summary>CSV, a line an update: update, epoch, first example, batch, learning rate, momentum, exact noise scale.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="writer">Where to write.</param>
    public static void WriteUpdates(this Plan plan, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(writer);
        Core.Table.writeUpdates(writer, plan.Inner);
    }
}
