using Microsoft.FSharp.Core;

namespace NoiseScale.Interop;

/// <summary>The theory's sampling faults as exceptions.</summary>
internal static class Faults
{
    /// <summary>The value of a result; bad settings become an <see cref="ArgumentException"/>, what happened to a chain a <see cref="SamplingException"/>.</summary>
    internal static T OrThrow<T>(this FSharpResult<T, Posterior.SamplingFault> result) =>
        result.IsOk ? result.ResultValue : throw ToException(result.ErrorValue);

    internal static Exception ToException(Posterior.SamplingFault fault) => fault switch
    {
        Posterior.SamplingFault.Diverged diverged => new SamplingException($"{fault}", diverged.chain, diverged.update),
        Posterior.SamplingFault.SingularMetric singular => new SamplingException($"{fault}", singular.chain, singular.update),
        _ => new ArgumentException($"{fault}"),
    };
}
