using System.Reflection;
using Expecto;

namespace NoiseScale.Conventions.Tests;

/// <summary>The public surface of each library stands in Surface/NAME.txt; whoever changes it records the change there, to be seen in review.</summary>
internal static class BaselineTests
{
    private const string RecordVariable = "NOISESCALE_RECORD_SURFACE";

    public static Test All => TestList("recorded surface",
    [
        .. Libraries.All.Select(library => TestCase(Libraries.Name(library), () => Compare(library))),
        TestCase("a difference names what went and what came", () => Check.Sequence(
            ["- static class A", "-     static M(x: int): int", "+ static class A : B", "+     static M(x: long): int"],
            Differences(
                ["static class A", "    static M(x: int): int", "    static N(): void", ""],
                ["static class A : B", "    static M(x: long): int", "    static N(): void", ""]),
            "the difference")),
        TestCase("a member that moves to another type is a difference", () => Check.Sequence(
            ["-     static M(): int (of static class A)", "+     static M(): int (of static class B)"],
            Differences(["static class A", "    static M(): int", "", "static class B", ""], ["static class A", "", "static class B", "    static M(): int", ""]),
            "the difference")),
    ]);

    private static void Compare(Assembly library)
    {
        var name = Libraries.Name(library);
        var surface = PublicSurface.Of(library).ToList();
        if (Environment.GetEnvironmentVariable(RecordVariable) == "1")
        {
            File.WriteAllText(Path.Combine(SourceFolder(), $"{name}.txt"), string.Join("\n", surface).TrimEnd('\n') + "\n");
            return;
        }

        var baseline = Path.Combine(AppContext.BaseDirectory, "Surface", $"{name}.txt");
        var recorded = File.Exists(baseline) ? File.ReadAllLines(baseline) : [];
        var differences = Differences(recorded, surface).ToList();
        if (differences.Count > 0)
        {
            throw new AssertException(
                $"The public surface of {name} is not the recorded one (- recorded, + found):\n{string.Join("\n", differences.Take(80))}\n"
                + (differences.Count > 80 ? $"and {differences.Count - 80} more\n" : "")
                + $"If that is meant, record it, and say so in CHANGELOG.md: {RecordVariable}=1 dotnet run --project tests/Conventions -c Release -- --filter-test-list \"recorded surface\"");
        }
    }

    // A member's line is told apart by its type's; blank lines are none.
    private static IEnumerable<string> Differences(IEnumerable<string> recorded, IEnumerable<string> found)
    {
        var (left, right) = (Placed(recorded), Placed(found));
        var moved = left.Select(one => one.Line).ToHashSet();
        moved.IntersectWith(right.Select(one => one.Line));

        // the header alone may change: its members are then told apart by the type's name
        string Show((string Line, string Type, string Header) one) =>
            one.Line.StartsWith(' ') && moved.Contains(one.Line) ? $"{one.Line} (of {one.Header})" : one.Line;

        var (leftKeys, rightKeys) = (left.Select(one => (one.Line, one.Type)).ToHashSet(), right.Select(one => (one.Line, one.Type)).ToHashSet());
        foreach (var one in left.Where(one => !rightKeys.Contains((one.Line, one.Type))))
            yield return "- " + Show(one);
        foreach (var one in right.Where(one => !leftKeys.Contains((one.Line, one.Type))))
            yield return "+ " + Show(one);
    }

    private static List<(string Line, string Type, string Header)> Placed(IEnumerable<string> lines)
    {
        var placed = new List<(string Line, string Type, string Header)>();
        var (type, header) = ("", "");
        foreach (var line in lines.Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            if (!line.StartsWith(' '))
                (type, header) = (line.Split(" : ")[0].Split(' ')[^1], line);

            placed.Add((line, type, header));
        }

        return placed;
    }

    private static string SourceFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Research.sln")))
                return Path.Combine(folder.FullName, "tests", "Conventions", "Surface");
        }

        throw new AssertException("Research.sln was not found above this program: the surface is recorded in a clone of the repository");
    }
}
