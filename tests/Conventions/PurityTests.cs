using System.Reflection;

namespace NoiseScale.Conventions.Tests;

/// <summary>Schedules and theory are pure: no clock, no global random state, no console, no files, nothing static that changes.</summary>
internal static class PurityTests
{
    public static Test All => TestList("purity",
    [
        TestCase("of the schedules", () => Check.None(Libraries.Schedules.GetTypes().SelectMany(Purity.Offences), "offences against purity")),
        TestCase("of the theory", () => Check.None(Libraries.Theory.GetTypes().SelectMany(Purity.Offences), "offences against purity")),
        TestCase("what would offend is found", () =>
        {
            Type[] offenders = [typeof(PurityOffender), .. typeof(PurityOffender).GetNestedTypes(BindingFlags.NonPublic)];
            var found = offenders.SelectMany(Purity.Offences).Select(text => text[(text.LastIndexOf('.', text.IndexOf(' ')) + 1)..]).ToList();
            Check.Sequence(
                [
                    "<Tell>b__11_0 calls Console.WriteLine",
                    "Cache is a Dictionary`2, which can change",
                    "Count can be assigned",
                    "Draw calls Random..ctor",
                    "Draw calls Random.get_Shared",
                    "Names is a String[] that anyone can write to",
                    "Now calls DateTime.get_UtcNow",
                    "Table is an array that anyone can write to",
                ],
                found.Where(text => !text.StartsWith("<>", StringComparison.Ordinal)).Order(StringComparer.Ordinal), // C#'s cache of a lambda
                "offences");
        }),
        TestCase("and F#'s own: the loader of libtorch keeps state and reads the environment", () =>
        {
            var found = Libraries.DiffSharp.GetTypes().SelectMany(Purity.Offences).ToList();
            Check.True(found.Any(offence => offence.Contains("TorchRuntime.switchesAsked can be assigned")), "a static let mutable");
            Check.True(found.Any(offence => offence.Contains("TorchRuntime.trace ")), "a list of trace lines");
            Check.True(found.Any(offence => offence.Contains("calls Environment.GetEnvironmentVariable")), "a read of the environment");
            Check.True(found.Any(offence => offence.Contains("calls File.Exists")), "a look at a file");
        }),
        TestCase("the rule about DiffSharp knows what draws and what changes the process", () =>
        {
            var methods = Libraries.DiffSharp.GetExportedTypes().SelectMany(IntermediateCode.Methods).Where(method => method.IsPublic).ToList();
            string[] drawing = ["dsharp.rand.Static", "dsharp.randn.Static", "dsharp.randint.Static", "dsharp.randperm.Static", "Tensor.randnLike", "Tensor.bernoulli"];
            foreach (var name in drawing)
                Check.True(methods.Where(method => method.Name == name).Any(Purity.TakesGenerator), $"{name} takes a generator");

            Check.None(
                methods.Where(method => method.Name.StartsWith("dsharp.rand", StringComparison.Ordinal) && !Purity.TakesGenerator(method)).Select(method => method.ToString()!),
                "random numbers without a generator at the end");
            Check.True(methods.Count(Purity.ChangesDiffSharp) >= 3, "seed and config");
        }),
    ]);
}

/// <summary>What the rule is against, and beside each what is allowed.</summary>
public static class PurityOffender
{
    /// <summary>An array that anyone can write to.</summary>
    public static readonly double[] Table = [1, 2];

    private static readonly Dictionary<string, int> Cache = [];

    private static readonly string[] TheNames = ["a"];

    private static int Count;

    /// <summary>The array itself.</summary>
    public static string[] Names => TheNames;

    /// <summary>A new array.</summary>
    public static string[] FreshNames => [.. TheNames];

    /// <summary>Depends on what was called before.</summary>
    public static int Next() => ++Count + Cache.Count;

    /// <summary>Depends on the clock.</summary>
    public static DateTime Now() => DateTime.UtcNow;

    /// <summary>Depends on global random numbers, twice; those of a seed are no offence.</summary>
    public static double Draw() => System.Random.Shared.NextDouble() + new System.Random().NextDouble() + new System.Random(1).NextDouble();

    /// <summary>Speaks, within a lambda.</summary>
    public static void Tell(IEnumerable<int> numbers) => numbers.ToList().ForEach(number => Console.WriteLine(number));
}
