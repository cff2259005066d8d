using System.Globalization;

namespace NoiseScale;

/// <summary>
/// The logarithm of the ratio of two evidences, the null model's over the model's: E = C + ½ Σ ln(λᵢ/λ) − N ln n, in nats. The model is believed
/// where E is below 0. (P2 Eq. 10)
/// </summary>
/// <param name="InFavourOfNull">E.</param>
/// <param name="StandardError">Of E; 0 where it is exact.</param>
[Source(Paper.P2, "Eq. 10")]
public readonly record struct EvidenceRatio(double InFavourOfNull, double StandardError)
{
    /// <summary>−E.</summary>
    public double InFavourOfModel => -InFavourOfNull;

    /// <summary>Whether E is below 0.</summary>
    public bool ModelFavoured => InFavourOfNull < 0;

    /// <summary>E, in the invariant culture, and whom it favours.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Math.Abs(InFavourOfNull):F2}{(StandardError > 0 ? $" ± {StandardError:F2}" : "")} nats in favour of the {(ModelFavoured ? "model" : "null model")}");
}
