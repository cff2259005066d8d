using Microsoft.FSharp.Core;

namespace NoiseScale.Interop;

/// <summary>Where the theory's tensors live while the façade computes with them.</summary>
internal static class TheoryScope
{
    /// <summary>What a computation returns; the theory's tensors that it makes are released, whatever it returns.</summary>
    internal static T Run<T>(Func<T> compute) => DiffSharp.dsharp.scope(FuncConvert.FromFunc(compute));
}
