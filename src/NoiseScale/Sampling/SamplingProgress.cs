namespace NoiseScale;

/// <summary>How far chains have come.</summary>
/// <param name="Done">Updates made.</param>
/// <param name="Total">Updates to make.</param>
/// <param name="Kept">Samples kept of each chain.</param>
public readonly record struct SamplingProgress(long Done, long Total, int Kept)
{
    /// <summary>The part of the updates that is made, from 0 to 1.</summary>
    public double Fraction => Total == 0 ? 1 : (double)Done / Total;
}
