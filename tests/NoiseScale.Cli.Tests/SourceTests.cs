using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>Where schedules come from, and that they come back from what was printed.</summary>
internal static class SourceTests
{
    public const string Decaying = "lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000";

    private static readonly string[] Various =
    [
        Decaying,
        "lr cosine(0.1, 0, 30); batch 64 *2 @10,20; epochs 30; examples 1000; optimizer nesterov inside; momentum 0.9; decay 0.0005",
        "lr join(5, linear(0.01, 0.1, 5), (0.1 /5 @20)); batch 100; epochs 40; examples 12345; optimizer adamw 0.9 0.95 1e-7; average 0.999",
    ];

    public static Test All { get; } = Runner.TestList("sources",
    [
        .. Various.Select((schedule, i) => Runner.TestCase($"schedule {i} comes back from its text, its JSON, a file and a pipe", () => ComesBack(schedule))),
        Runner.TestCase("a file may hold a schedule on several lines", () =>
        {
            using var scratch = new Scratch();
            var path = scratch.Write("schedule.txt", Decaying.Replace("; ", ";\n  ") + "\n");
            Check.Equal(CommandLine.Run("plan", Decaying, "--text").Output, CommandLine.Run("plan", path, "--text").Output, "the schedule");
        }),
        Runner.TestCase("a transformed schedule goes through a pipe into the next transformation", () =>
        {
            var scaled = CommandLine.Run("plan", "paper:dont-decay/original", "--form", "linear", "--scale-lr", "5", "--schedule-json");
            var traded = CommandLine.Start(["plan", "-", "--form", "linear", "--trade-decay", "--cap", "5120", "--text"], scaled.Output);
            Check.Equal(CommandLine.Run("plan", "paper:dont-decay/increase-lr", "--text").Output, traded.Output, "scaled, then traded");
        }),
        Runner.TestCase("a plan is no schedule, and says so", () =>
        {
            var plan = CommandLine.Run("plan", Decaying, "--json");
            var outcome = CommandLine.Start(["plan", "-"], plan.Output);
            Check.Equal(2, outcome.ExitCode, $"{outcome}: the exit code");
            Check.Has("noisescale/schedule", outcome.Error, "names the schema that is expected");
        }),
        Runner.TestCase("--against takes every kind of source", () =>
        {
            using var scratch = new Scratch();
            var file = scratch.Write("other.txt", "lr 0.1; batch 256; epochs 204.8; examples 50000");

            (string, string)[] cases = [(file, "other.txt"), ("paper:dont-decay/hybrid", "paper:dont-decay/hybrid"), (File.ReadAllText(file), "as given")];

            foreach (var (against, name) in cases)
                Check.Has($"  {name}  this plan\n", CommandLine.Run("plan", Decaying, "--against", against).Output, "the columns");
        }),
    ]);

    private static void ComesBack(string schedule)
    {
        using var scratch = new Scratch();
        var text = CommandLine.Run("plan", schedule, "--text").Output;
        var json = CommandLine.Run("plan", schedule, "--schedule-json").Output;

        Check.True(text.EndsWith('\n') && text.Count(c => c == '\n') == 1, "the text is one line");
        Check.Equal(text, CommandLine.Run("plan", text, "--text").Output, "text of the text");
        Check.Equal(json, CommandLine.Run("plan", text, "--schedule-json").Output, "JSON of the text");
        Check.Equal(json, CommandLine.Start(["plan", "-", "--schedule-json"], json).Output, "JSON through a pipe");
        Check.Equal(text, CommandLine.Start(["plan", "-", "--text"], text).Output, "text through a pipe");
        Check.Equal(text, CommandLine.Run("plan", json, "--text").Output, "JSON as an argument");
        Check.Equal(json, CommandLine.Run("plan", scratch.Write("schedule.json", json), "--schedule-json").Output, "JSON in a file");
    }
}
