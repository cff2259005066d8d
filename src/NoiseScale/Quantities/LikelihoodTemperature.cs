using System.Globalization;

namespace NoiseScale;

/// <summary>
/// The temperature of the likelihood alone, p(y | w)^(1/T)·p(w): the prior stays as it is. Not that of the whole posterior, which sharpens the prior too. (P5)
/// </summary>
/// <param name="Value">The temperature; 1 is the posterior.</param>
public readonly record struct LikelihoodTemperature(double Value) : IComparable<LikelihoodTemperature>
{
    /// <summary>The same density as a tempered posterior: p(y | w)^(1/T)·p(w) with prior precision λ is [p(y | w)·p̃(w)]^(1/T) with p̃ of precision Tλ.</summary>
    /// <param name="priorPrecision">λ of the summed cost.</param>
    /// <returns>The temperature of the posterior, and the precision that goes with it.</returns>
    public (PosteriorTemperature Temperature, double PriorPrecision) ToPosterior(double priorPrecision)
    {
        var (temperature, precision) = Posterior.Temperature.ofLikelihood(Core.LikelihoodTemperature.NewLikelihoodTemperature(Value), priorPrecision);
        return (new PosteriorTemperature(temperature.Value), precision);
    }

    /// <inheritdoc/>
    public int CompareTo(LikelihoodTemperature other) => Value.CompareTo(other.Value);

    /// <summary>The number, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"T = {Value} (likelihood)");
}
