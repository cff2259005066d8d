using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;

namespace NoiseScale.Interop;

/// <summary>From F# results, options and lists to what C# expects, and back.</summary>
internal static class FSharp
{
    /// <summary>The value of a result; its error becomes an exception.</summary>
    internal static T OrThrow<T>(this FSharpResult<T, Core.ScheduleError> result) =>
        result.IsOk ? result.ResultValue : throw ScheduleException.From(result.ErrorValue);

    /// <summary>The option of a nullable value.</summary>
    internal static FSharpOption<T>? ToOption<T>(this T? value) where T : struct =>
        value is { } some ? FSharpOption<T>.Some(some) : FSharpOption<T>.None;

    /// <summary>The F# list of (epoch, value) pairs.</summary>
    internal static FSharpList<Tuple<double, double>> ToFSharpList(this IEnumerable<(Epochs At, double Value)> changes) =>
        ListModule.OfSeq(changes.Select(change => Tuple.Create(change.At.Value, change.Value)));

    /// <summary>The F# list of epochs.</summary>
    internal static FSharpList<double> ToFSharpList(this IEnumerable<Epochs> epochs) =>
        ListModule.OfSeq(epochs.Select(epoch => epoch.Value));
}
