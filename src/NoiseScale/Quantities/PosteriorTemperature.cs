using System.Globalization;

namespace NoiseScale;

/// <summary>
/// T = (ε/(1−m))·(N/B − 1)/2 of P3: SGD samples e^(−C/T), C the cost summed over examples; T = 1 is the Bayesian posterior. (P3 Thm 4)
/// </summary>
/// <param name="Value">The temperature; 1 is the posterior.</param>
public readonly record struct PosteriorTemperature(double Value) : IComparable<PosteriorTemperature>
{
    /// <summary>g = 2T, the exact noise scale.</summary>
    /// <returns>The noise scale in its exact form.</returns>
    public SgdNoiseScale ToNoiseScale() => new(2 * Value);

    /// <inheritdoc/>
    public int CompareTo(PosteriorTemperature other) => Value.CompareTo(other.Value);

    /// <summary>The number, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"T = {Value} (posterior)");
}
