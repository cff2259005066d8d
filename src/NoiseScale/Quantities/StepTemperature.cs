using System.Globalization;

namespace NoiseScale;

/// <summary>T = ε/B of P6, with momentum ε/((1−m)B): the noise of one step, for a cost averaged over examples. (P6 Eqs. 23–26)</summary>
/// <param name="Value">Learning rate per example of the batch.</param>
[Source(Paper.P6, "Eqs. 23–26")]
public readonly record struct StepTemperature(double Value) : IComparable<StepTemperature>
{
    /// <summary>g = N·T, the linear noise scale.</summary>
    /// <param name="trainingSetSize">N, examples.</param>
    /// <returns>The noise scale in its linear form.</returns>
    public SgdNoiseScale ToLinearNoiseScale(long trainingSetSize) => new(trainingSetSize * Value);

    /// <inheritdoc/>
    public int CompareTo(StepTemperature other) => Value.CompareTo(other.Value);

    /// <summary>The number, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"T = {Value} (step)");
}
