using System.Globalization;

namespace NoiseScale;

/// <summary>
/// ḡ = ε/(B(1−m)) · 1/σ² of P4: the noise scale in units of the weights at the start, whose standard deviation is σ. Its optimum is proportional to the width.
/// </summary>
/// <param name="Value">Learning rate per example and per variance of a weight.</param>
public readonly record struct NormalisedNoiseScale(double Value) : IComparable<NormalisedNoiseScale>
{
    /// <summary>ḡ of T = ε/(B(1−m)): T/σ². (P4, the definition of the normalised noise scale)</summary>
    /// <param name="temperature">ε/(B(1−m)).</param>
    /// <param name="deviation">σ, the standard deviation of a weight of the widening layers at the start; greater than 0.</param>
    /// <returns>The normalised noise scale.</returns>
    /// <exception cref="ScheduleException"><paramref name="deviation"/> is not positive.</exception>
    [Source(Paper.P4)]
    public static NormalisedNoiseScale Of(StepTemperature temperature, double deviation)
    {
        Require(deviation);
        return new(Core.NormalisedNoiseScaleModule.ofStepTemperature(deviation, Core.StepTemperature.NewStepTemperature(temperature.Value)).Value);
    }

    /// <summary>T = ε/(B(1−m)) of ḡ: σ²·ḡ.</summary>
    /// <param name="deviation">σ, greater than 0.</param>
    /// <returns>The temperature of one step.</returns>
    /// <exception cref="ScheduleException"><paramref name="deviation"/> is not positive.</exception>
    public StepTemperature ToStepTemperature(double deviation)
    {
        Require(deviation);
        return new(Core.NormalisedNoiseScaleModule.toStepTemperature(deviation, Core.NormalisedNoiseScale.NewNormalisedNoiseScale(Value)).Value);
    }

    /// <inheritdoc/>
    public int CompareTo(NormalisedNoiseScale other) => Value.CompareTo(other.Value);

    /// <summary>The number, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"ḡ = {Value}");

    private static void Require(double deviation)
    {
        if (!(deviation > 0 && double.IsFinite(deviation)))
            throw ScheduleException.OutOfRange(nameof(deviation), deviation, "it must be finite and greater than 0");
    }
}
