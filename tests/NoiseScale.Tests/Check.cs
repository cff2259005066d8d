using System.Globalization;
using Expecto;

namespace NoiseScale.Tests;

/// <summary>Assertions that say what was expected of what.</summary>
internal static class Check
{
    internal static void True(bool holds, string what) => Expect.isTrue(holds, what);

    internal static void Equal<T>(T expected, T actual, string what) =>
        Expect.isTrue(EqualityComparer<T>.Default.Equals(expected, actual), Invariant($"{what}: expected {expected}, got {actual}"));

    internal static void SequenceEqual<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what) =>
        Expect.isTrue(
            expected.SequenceEqual(actual), Invariant($"{what}: expected {string.Join(", ", expected)}, got {string.Join(", ", actual)}"));

    /// <summary>|actual − expected| ≤ relative·|expected|.</summary>
    internal static void Close(double expected, double actual, double relative, string what) =>
        Expect.isTrue(
            Math.Abs(actual - expected) <= relative * Math.Abs(expected),
            Invariant($"{what}: expected {expected:R}, got {actual:R}, off by {actual / expected - 1:E1} relative, allowed {relative:E1}"));

    /// <summary>The exception that an action throws, of exactly this type.</summary>
    internal static TException Throws<TException>(Action action, string what)
        where TException : Exception
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            Expect.isTrue(e.GetType() == typeof(TException), $"{what}: expected {typeof(TException).Name}, got {e}");
            return (TException)e;
        }

        throw new AssertException($"{what}: expected {typeof(TException).Name}, and nothing was thrown");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
