using Expecto;

namespace NoiseScale.Conventions.Tests;

/// <summary>Assertions that say what was expected of what.</summary>
internal static class Check
{
    public static void True(bool holds, string what)
    {
        if (!holds)
            throw new AssertException($"not so: {what}");
    }

    public static void None(IEnumerable<string> found, string what)
    {
        var list = found.ToList();
        if (list.Count > 0)
            throw new AssertException($"{list.Count} {what}:\n{string.Join("\n", list.Take(60))}");
    }

    public static void Sequence<T>(IEnumerable<T> expected, IEnumerable<T> actual, string what)
    {
        var (left, right) = (expected.ToList(), actual.ToList());
        if (!left.SequenceEqual(right))
            throw new AssertException($"{what}: expected\n{string.Join("\n", left)}\nand got\n{string.Join("\n", right)}");
    }
}
