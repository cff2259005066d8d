using System.Globalization;

namespace NoiseScale;

/// <summary>Time: epochs of data seen, one epoch being one pass over the training set. Plain numbers convert to it.</summary>
/// <param name="Value">The number of epochs; curves and schedules refuse what is negative or not finite.</param>
public readonly record struct Epochs(double Value) : IComparable<Epochs>
{
    /// <summary>The start of training.</summary>
    public static Epochs Zero => default;

    /// <summary>Takes a plain number for a number of epochs.</summary>
    /// <param name="value">The number of epochs.</param>
    public static implicit operator Epochs(double value) => new(value);

    /// <summary>The time so many examples take: examples/N epochs.</summary>
    /// <param name="examples">Examples seen.</param>
    /// <param name="trainingSetSize">N, examples in the training set, at least 1.</param>
    /// <returns>examples/N epochs.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="trainingSetSize"/> is below 1.</exception>
    public static Epochs OfExamples(double examples, long trainingSetSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trainingSetSize, 1);
        return new(examples / trainingSetSize);
    }

    /// <summary>The examples seen in this time: epochs·N.</summary>
    /// <param name="trainingSetSize">N, examples in the training set.</param>
    /// <returns>A real number of examples.</returns>
    public double ToExamples(long trainingSetSize) => Value * trainingSetSize;

    /// <inheritdoc/>
    public int CompareTo(Epochs other) => Value.CompareTo(other.Value);

    /// <summary>The number and its unit, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value} epochs");

    /// <summary>The sum of two times.</summary>
    public static Epochs operator +(Epochs left, Epochs right) => new(left.Value + right.Value);

    /// <summary>The difference of two times.</summary>
    public static Epochs operator -(Epochs left, Epochs right) => new(left.Value - right.Value);

    /// <summary>A time so many times longer.</summary>
    public static Epochs operator *(double factor, Epochs epochs) => new(factor * epochs.Value);

    /// <summary>The ratio of two times, a plain number.</summary>
    public static double operator /(Epochs left, Epochs right) => left.Value / right.Value;

    /// <summary>Whether the first time is earlier.</summary>
    public static bool operator <(Epochs left, Epochs right) => left.Value < right.Value;

    /// <summary>Whether the first time is later.</summary>
    public static bool operator >(Epochs left, Epochs right) => left.Value > right.Value;

    /// <summary>Whether the first time is not later.</summary>
    public static bool operator <=(Epochs left, Epochs right) => left.Value <= right.Value;

    /// <summary>Whether the first time is not earlier.</summary>
    public static bool operator >=(Epochs left, Epochs right) => left.Value >= right.Value;
}
