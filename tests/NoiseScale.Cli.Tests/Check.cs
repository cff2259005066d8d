using Expecto;

namespace NoiseScale.Cli.Tests;

/// <summary>Assertions that say what was expected of what.</summary>
internal static class Check
{
    internal static void True(bool holds, string what) => Expect.isTrue(holds, what);

    internal static void Equal<T>(T expected, T actual, string what) =>
        Expect.isTrue(EqualityComparer<T>.Default.Equals(expected, actual), $"{what}: expected {expected}, got {actual}");

    internal static void Has(string piece, string text, string what) =>
        Expect.isTrue(text.Contains(piece, StringComparison.Ordinal), $"{what}: '{piece}' is not in\n{text}");

    internal static void HasNot(string piece, string text, string what) =>
        Expect.isTrue(!text.Contains(piece, StringComparison.Ordinal), $"{what}: '{piece}' is in\n{text}");
}
