using System.Runtime.CompilerServices;

namespace NoiseScale.Training.Tests;

/// <summary>What the tests assert; a failure says what was compared.</summary>
internal static class Check
{
    public static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition)
            throw new Expecto.AssertException($"not true: {what}");
    }

    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
            throw new Expecto.AssertException($"{what} is {actual}, expected {expected}");
    }

    public static void Sequence<T>(IEnumerable<T> expected, IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        var (left, right) = (expected.ToList(), actual.ToList());
        if (!left.SequenceEqual(right))
            throw new Expecto.AssertException($"{what} is [{string.Join(", ", right.Take(50))}], expected [{string.Join(", ", left.Take(50))}]");
    }

    public static void Close(double expected, double actual, double tolerance, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!(Math.Abs(expected - actual) <= tolerance))
            throw new Expecto.AssertException($"{what} is {actual:R}, expected {expected:R} ± {tolerance}");
    }

    /// <summary>Equal shapes and no element further apart than the tolerance; 0 asks for the same bits.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        Sequence(expected.shape, actual.shape, what + ".shape");
        Close(0, (expected - actual).abs().max().to(torch.ScalarType.Float64).item<double>(), tolerance, $"the largest difference of {what}");
    }

    /// <summary>The action throws exactly this exception, and its message has all of these pieces.</summary>
    public static TException Throws<TException>(Action action, params string[] pieces)
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (Exception error) when (error.GetType() == typeof(TException))
        {
            foreach (var piece in pieces)
            {
                if (!error.Message.Contains(piece, StringComparison.Ordinal))
                    throw new Expecto.AssertException($"the message '{error.Message}' does not have '{piece}'");
            }

            return (TException)error;
        }

        throw new Expecto.AssertException($"did not throw {typeof(TException).Name}");
    }
}
