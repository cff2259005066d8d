using System.Globalization;

namespace NoiseScale;

/// <summary>Where a growing batch stops, so that the learning rate takes up the decay again.</summary>
public sealed class BatchCap : IEquatable<BatchCap>
{
    private readonly string _words;

    private BatchCap(Core.Cap inner, string words) => (Inner, _words) = (inner, words);

    internal Core.Cap Inner { get; }

    /// <summary>Nowhere; in the linear form a batch beyond N is then refused, in the exact form there is none.</summary>
    public static BatchCap None { get; } = new(Core.Cap.Uncapped, "uncapped");

    /// <summary>At N/10, the rule of P1 §3, or at the schedule's own largest batch if that is larger.</summary>
    public static BatchCap TenthOfTrainingSet { get; } = new(Core.Cap.TenthOfTrainingSet, "N/10");

    /// <summary>At so many examples.</summary>
    /// <param name="count">The largest batch, finite and at least 1.</param>
    /// <returns>The cap.</returns>
    /// <exception cref="ScheduleException"><paramref name="count"/> is outside its range.</exception>
    public static BatchCap Examples(double count) =>
        double.IsFinite(count) && count >= 1
            ? new(Core.Cap.NewExamples(count), string.Create(CultureInfo.InvariantCulture, $"{count} examples"))
            : throw ScheduleException.OutOfRange(nameof(count), count, "it must be finite and at least 1");

    /// <inheritdoc/>
    public bool Equals(BatchCap? other) => other is not null && Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BatchCap);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <summary>The cap in words.</summary>
    public override string ToString() => _words;
}
