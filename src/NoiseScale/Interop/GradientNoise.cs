using Microsoft.FSharp.Core;

namespace NoiseScale.Interop;

/// <summary>The theory's noise measurements as those of the façade.</summary>
internal static class GradientNoise
{
    internal static T OrThrow<T>(this FSharpResult<T, Noise.NoiseError> result) =>
        result.IsOk ? result.ResultValue : throw new InvalidOperationException(result.ErrorValue.ToString());

    internal static GradientNoiseMeasurement ToPublic(this FSharpResult<Noise.NoiseMeasurement, Noise.NoiseError> result)
    {
        var measurement = result.OrThrow();
        return new GradientNoiseMeasurement(measurement.Noise, measurement.Signal);
    }

    internal static Noise.DenominatorPolicy ToCore(this DenominatorPolicy policy) => policy switch
    {
        DenominatorPolicy.Unbounded => Noise.DenominatorPolicy.Unbounded,
        DenominatorPolicy.LowerBound => Noise.DenominatorPolicy.LowerBound,
        DenominatorPolicy.Refuse => Noise.DenominatorPolicy.Refuse,
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, $"is none of {string.Join(", ", Enum.GetNames<DenominatorPolicy>())}"),
    };

    internal static EstimateKind ToPublic(this Noise.EstimateKind kind) =>
        kind.IsBounded ? EstimateKind.Bounded
        : kind.IsNoNoise ? EstimateKind.NoNoise
        : kind.IsNoiseNotPositive ? EstimateKind.NoiseNotPositive
        : EstimateKind.DenominatorNotSignificant;
}
