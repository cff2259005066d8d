using System.Diagnostics;
using System.Text.Json;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>The report and the documents: what they say, how they look, how long they take.</summary>
internal static class OutputTests
{
    private const string Original = "paper:dont-decay/original";
    private const string Cosine = "lr cosine(0.1, 0, 90); batch 256; momentum 0.9; epochs 90; examples 1281167";

    public static Test All { get; } = Runner.TestList("output",
    [
        Runner.TestCase("the report has phases, totals and the comparison", () =>
        {
            var report = CommandLine.Run("plan", Original, "--form", "linear", "--scale-lr", "5", "--trade-decay", "--cap", "5120");

            foreach (var line in (ReadOnlySpan<string>)[
                "CIFAR-10, decaying learning rate (Figs 1, 2, 5)",
                "  1. learning rate × 5, and the batch with it",
                "  2. decay traded for a batch that grows up to 5 120, linear rule",
                "       epochs  batch  learning rate  momentum  noise scale g  updates",
                "    0 –  60      640          0.5         0.9        390.63     4 688",
                "   60 – 120    3 200          0.5         0.9         78.125      937",
                "  120 – 160    5 120          0.16        0.9         15.625      391",
                "  160 – 204.8  5 120          0.032       0.9          3.125      437",
                "  6 453 updates over 204.8 epochs of 50 000 examples (10 240 000 in all)",
                "  N∫dt/B = 6 453.125 before rounding; batches run on across epochs; g = ε/(1 − m)·N/B",
                "  updates                                      80 000        6 453  73 547 saved, 12.4 times fewer",
                "  largest batch                                   128        5 120",
                "  noise scale at the start                     390.63       390.63  equal throughout, to rounding",
            ])
                Check.Has(line + "\n", report.Output, "a line of the report");
        }),
        Runner.TestCase("no line ends in blanks, and no row is broken", () =>
        {
            string[][] runs =
                [["plan", Original, "--trade-decay"], ["plan", Cosine, "--trade-decay"], ["plan", "--list"], ["--help"], ["plan", "--help"], [], ["doctor", "--help"]];

            foreach (var arguments in runs)
            {
                var outcome = CommandLine.Run(arguments);
                Check.True(outcome.Lines.All(line => line.Length == line.TrimEnd().Length), $"{outcome}: blanks at the end of a line");
            }

            var rows = CommandLine.Run("plan", Cosine, "--trade-decay").Lines
                .SkipWhile(line => !line.Contains("epochs  "))
                .TakeWhile(line => !line.Contains("--all"));
            Check.Equal(1, rows.Select(row => row.Length).Distinct().Count(), "lengths of the rows of a right-aligned table");
        }),
        Runner.TestCase("a plan of thousands of phases shows its first and last few, --all shows all", () =>
        {
            var phases = CommandLine.Run("plan", Cosine, "--trade-decay", "--csv").Lines.Length - 1;
            var brief = CommandLine.Run("plan", Cosine, "--trade-decay").Output;
            var all = CommandLine.Run("plan", Cosine, "--trade-decay", "--all").Output;

            Check.True(phases > 1000, "a continuous batch has many phases");
            Check.Has($"{phases - 12:#,0} more phases".Replace(',', ' '), brief, "the count of those left out");
            Check.Equal(13, brief.Split('\n').Count(line => line.Contains(" – ") || line.Contains("more phases")), "rows");
            Check.Equal(phases, all.Split('\n').Count(line => line.Contains(" – ")), "rows of --all");
            Check.HasNot("more phases", all, "nothing left out");
        }),
        Runner.TestCase("ten thousand million updates are planned without walking over them", () =>
        {
            var watch = Stopwatch.StartNew();
            var report = CommandLine.Run("plan", "lr 0.1 /5 @60,120; batch 1; epochs 204.8; examples 50000000");
            Check.Has("10 240 000 000 updates", report.Output, "the count");
            // walking over them at 50 ns each would take nine minutes
            Check.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"took {watch.Elapsed}");
        }),
        Runner.TestCase("rates that move show both ends of a phase", () =>
            Check.Has("0.1 → ", CommandLine.Run("plan", "lr linear(0.1, 0.2, 10); batch 128; epochs 10; examples 60000").Output, "the row")),
        Runner.TestCase("more updates, other epochs and other training sets are said to be so", () =>
        {
            var report = CommandLine.Run("plan", Original, "--epochs", "409.6", "--examples", "60000").Output;
            Check.Has("  epochs                                        204.8        409.6\n", report, "epochs");
            Check.Has("  training set                                 50 000       60 000\n", report, "training set");
            Check.Has("112 000 more, 2.4 times as many", report, "updates");
        }),
        Runner.TestCase("a paper's schedule is compared with the paper's baseline, the baseline with nothing", () =>
        {
            Check.Has("paper:dont-decay/imagenet-original  this plan", CommandLine.Run("plan", "paper:dont-decay/imagenet-increase").Output, "the columns");
            Check.HasNot("this plan", CommandLine.Run("plan", Original).Output, "no comparison");
            Check.Has("--form linear", CommandLine.Run("plan", "paper:dont-decay/increase").Output, "the paper's form is remarked on where it matters");
            Check.HasNot("--form linear", CommandLine.Run("plan", "paper:dont-decay/increase", "--form", "linear").Output, "and not where it is used");
        }),
        Runner.TestCase("--csv has a row a phase, --updates-csv a row an update, --json the table", () =>
        {
            var phases = CommandLine.Run("plan", Original, "--csv").Lines;
            Check.Equal("phase,first_update,updates,first_example,from_epoch,until_epoch,batch,lr_first,lr_last,momentum_first,momentum_last,g_first,g_last", phases[0], "header");
            Check.Equal(4, phases.Length - 1, "phases");
            Check.Equal(80_000, phases.Skip(1).Sum(row => long.Parse(row.Split(',')[2])), "updates of the phases");

            var updates = CommandLine.Run("plan", Original, "--updates-csv").Lines;
            Check.Equal(80_001, updates.Length, "a header and 80 000 updates");
            Check.Equal("79999,204.79744,10239872,128,0.0008,0.9,3.117", Rounded(updates[^1]), "the last update");

            var table = JsonDocument.Parse(CommandLine.Run("plan", Original, "--json").Output).RootElement;
            Check.Equal("noisescale/plan", table.GetProperty("schema").GetString(), "schema");
            Check.Equal(SourceTests.Decaying, table.GetProperty("schedule").GetString(), "schedule");
        }),
        Needs.Program("script", "colours in a terminal, and none under NO_COLOR or TERM=dumb", () =>
        {
            Check.Has("\e[1m", InATerminal(""), "a terminal has styles");
            Check.HasNot("\e[1m", InATerminal("NO_COLOR=1"), "NO_COLOR");
            Check.HasNot("\e[1m", InATerminal("TERM=dumb"), "TERM=dumb");
            Check.Has("\e[1m", InATerminal("NO_COLOR="), "an empty NO_COLOR is none");
        }),
    ]);

    /// <summary>The output of a run whose output is a terminal.</summary>
    private static string InATerminal(string environment)
    {
        var command = $"TERM=xterm-256color {environment} dotnet '{CommandLine.Assembly}' plan {Original} --trade-decay";
        return CommandLine.Program("script", ["-qec", command, "/dev/null"]).Output;
    }

    // g = 0.008·(50 000 − 128)/128 carries the rounding of 1 − m
    private static string Rounded(string row)
    {
        var cells = row.Split(',');
        cells[^1] = Math.Round(double.Parse(cells[^1]), 9).ToString();
        return string.Join(',', cells);
    }
}
