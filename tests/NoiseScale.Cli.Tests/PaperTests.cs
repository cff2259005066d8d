using System.Text.Json;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>The update counts of P1, and its schedules out of their baseline by transformations.</summary>
internal static class PaperTests
{
    /// <summary>
    /// Updates as P1 states or implies them (data divided by batch size, over 204.8 epochs of CIFAR-10 and 90 of ImageNet), each with the
    /// transformations of its baseline that make the schedule. Where the quotient is not whole the count is that of whole updates: 29 187.5
    /// becomes 29 188, since the last update at a boundary belongs to the side on which most of its data lies.
    /// </summary>
    private static readonly (string Name, long Updates, double Ideal, string[] Transformations)[] Schedules =
    [
        ("original", 80_000, 80_000, []),
        ("hybrid", 34_750, 34_750, ["--trade-decay", "--cap", "5120", "--until", "120"]),
        ("increase", 28_890, 28_890, ["--trade-decay", "--cap", "none"]),
        ("increase-capped", 29_188, 29_187.5, ["--trade-decay", "--cap", "5120"]),
        ("increase-lr", 6_453, 6_453.125, ["--scale-lr", "5", "--trade-decay", "--cap", "5120"]),
        ("increase-momentum", 2_352, 2_351.5625, ["--scale-lr", "5", "--momentum", "0.98", "--trade-decay", "--cap", "5120"]),
        ("imagenet-original", 14_075, 14_075.32, []),
        ("imagenet-increase", 5_630, 5_630.13, ["--trade-decay", "--cap", "none", "--until", "60"]),
        ("imagenet-momentum-0.9", 5_865, 5_864.72, ["--trade-decay", "--cap", "65536", "--until", "60"]),
        ("imagenet-momentum-0.95", 3_519, 3_518.83, ["--momentum", "0.95", "--trade-decay", "--cap", "65536", "--until", "60"]),
        ("imagenet-momentum-0.975", 2_346, 2_345.89, ["--momentum", "0.975", "--trade-decay", "--cap", "65536", "--until", "60"]),
    ];

    public static Test All { get; } = Runner.TestList("papers", [.. Schedules.SelectMany(Tests), Listing()]);

    private static Test Listing() => Runner.TestCase("--list and paper: name every schedule with its updates", () =>
    {
        var list = CommandLine.Run("plan", "--list");

        foreach (var (name, updates, _, _) in Schedules)
        {
            var line = list.Lines.Single(line => line.Contains($"paper:dont-decay/{name} ", StringComparison.Ordinal));
            Check.Has(Spaced(updates), line, name);
        }

        Check.Equal(list.Output, CommandLine.Run("plan", "paper:").Output, "plan paper:");
    });

    private static IEnumerable<Test> Tests((string Name, long Updates, double Ideal, string[] Transformations) paper)
    {
        var name = $"paper:dont-decay/{paper.Name}";
        var baseline = paper.Name.StartsWith("imagenet-", StringComparison.Ordinal) ? "paper:dont-decay/imagenet-original" : "paper:dont-decay/original";

        yield return Runner.TestCase($"{paper.Name} takes {paper.Updates} updates", () =>
        {
            var table = JsonDocument.Parse(CommandLine.Run("plan", name, "--json").Output).RootElement;
            Check.Equal(paper.Updates, table.GetProperty("updates").GetInt64(), "updates of the table");
            Check.Equal(paper.Updates, table.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("updates").GetInt64()), "updates of its rows");

            var report = CommandLine.Run("plan", name, "--form", "linear");
            Check.Has($"{Spaced(paper.Updates)} updates over ", report.Output, "the report's total");
            Check.True(Math.Abs(Number(Between(report.Output, "N∫dt/B = ", " before")) - paper.Ideal) <= 0.01, $"N∫dt/B is {paper.Ideal} in\n{report}");

            if (paper.Transformations.Length > 0)
                Check.Has("equal throughout", report.Output, "the noise scale against the baseline's");
        });

        if (paper.Transformations.Length > 0)
        {
            yield return Runner.TestCase($"{paper.Name} is its baseline, transformed in the linear form", () =>
                Check.Equal(
                    CommandLine.Run("plan", name, "--text").Output,
                    CommandLine.Run(["plan", baseline, "--form", "linear", .. paper.Transformations, "--text"]).Output,
                    "the schedule"));
        }
    }

    private static string Spaced(long number) => number.ToString("#,0").Replace(',', ' ');

    private static double Number(string text) => double.Parse(text.Replace(" ", ""));

    private static string Between(string text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal) + before.Length;
        return text[start..text.IndexOf(after, start, StringComparison.Ordinal)];
    }
}
