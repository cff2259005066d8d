namespace NoiseScale;

/// <summary>A law that the library states, and where it stands.</summary>
/// <param name="Law">Module or type and member, such as "NoiseScale.posteriorTemperatureAt".</param>
/// <param name="Room">The assembly that states it: NoiseScale.Schedules, NoiseScale.Theory or NoiseScale.</param>
/// <param name="Key">Key of the work that states it, such as "P3".</param>
/// <param name="Place">The place in it, such as "Thm 4"; "" for the work as a whole.</param>
public readonly record struct CitedLaw(string Law, string Room, string Key, string Place)
{
    /// <summary>The law with its source.</summary>
    /// <returns>Such as "NoiseScale.posteriorTemperatureAt: P3, Thm 4".</returns>
    public override string ToString() => Place.Length == 0 ? $"{Law}: {Key}" : $"{Law}: {Key}, {Place}";
}
