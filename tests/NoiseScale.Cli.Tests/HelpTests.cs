using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Tests;

/// <summary>Help, version, orientation.</summary>
internal static class HelpTests
{
    private static readonly string[] Options =
    [
        "--trade-decay", "--cap", "--until", "--rule", "--trade-batch", "--scale-lr", "--scale-batch", "--batch-rule", "--momentum", "--transfer-width", "--parameterisation", "--keep-batch", "--epochs",
        "--examples", "--form", "--partial", "--rounding", "--against", "--all", "--json", "--schedule-json", "--text", "--csv", "--updates-csv",
        "--plot", "--list",
    ];

    public static Test All { get; } = Runner.TestList("help",
    [
        Runner.TestCase("without a command there is a short orientation", () =>
        {
            var orientation = CommandLine.Run();
            Check.True(orientation.Lines.Length <= 12, $"{orientation}: short");

            foreach (var start in (ReadOnlySpan<string>)["noisescale plan --list", "noisescale noise", "noisescale evidence", "noisescale sweep", "noisescale doctor"])
                Check.Has(start, orientation.Output, "where to go on");
        }),
        Runner.TestCase("--version", () => Check.True(Regex.IsMatch(CommandLine.Run("--version").Output, @"^noisescale \d+\.\d+\.\d+\n$"), "name and version")),
        Runner.TestCase("help says how, shows examples and documents the exit codes", () =>
        {
            foreach (var arguments in (string[][])[["--help"], ["plan", "--help"], ["doctor", "--help"], ["plan", "-h"], ["plan", "--trade-decy", "--help"]])
            {
                var help = CommandLine.Run(arguments);
                Check.Has("Usage\n  noisescale ", help.Output, "usage");
                Check.Has("Exit codes\n  0  done\n  1  ", help.Output, "exit codes");
            }

            var plan = CommandLine.Run("plan", "--help").Output;

            foreach (var option in Options)
                Check.True(Regex.IsMatch(plan, $@"(?m)^  {option}( |$)"), $"{option} stands in the help");

            Check.Has("in the order in which they stand", plan, "the order of transformations");
            Check.Has("in which the papers' schedules were derived", plan.ReplaceLineEndings(" ").Replace("                              ", ""), "the papers' form");
        }),
        Needs.Program("bash", "every example of the help runs", () =>
        {
            using var scratch = new Scratch();
            scratch.Write("schedule.json", CommandLine.Run("plan", SourceTests.Decaying, "--schedule-json").Output);

            var examples = CommandLine.Examples("plan");
            Check.True(examples.Count >= 3, "there are some");

            foreach (var example in examples)
            {
                var here = example.Trim().Replace("noisescale ", $"dotnet '{CommandLine.Assembly}' ");
                var outcome = CommandLine.Program("bash", ["-o", "pipefail", "-c", here], folder: Path.GetDirectoryName(scratch["schedule.json"])!);
                Check.Equal(0, outcome.ExitCode, $"{outcome}: the exit code");
            }
        }),
        Runner.TestCase("help fits: sentences and rows are broken at 100 columns, command lines are not", () =>
        {
            string[] parts = ["width exponents", "width coordinates", "width stability", "sweep run", "sweep status", "sweep collect"];
            string[] commands = ["plan", "modified-loss", "noise", "evidence", "sample", "temper", "width", "sweep", "reproduce", "gallery", "ledger", "cite", "doctor"];
            foreach (var command in (string[])[.. commands, .. parts])
            {
                var wide = CommandLine.Run([.. command.Split(' '), "--help"]).Lines.FirstOrDefault(line => line.Length > 100 && !line.StartsWith("  noisescale ", StringComparison.Ordinal));
                Check.True(wide is null, $"{command}: {wide}");
            }

            string[] lines = ["name  one two three four", "one two three four five six", "", " indented and longer than twenty", "\tcopied and longer than twenty", "end"];
            Check.Equal(
                "name  one two three|      four|one two three four|five six|| indented and longer than twenty|copied and longer than twenty|end",
                string.Join('|', HelpText.Fit(lines, 20)), "a row, a paragraph, nothing, lines that stay");
        }),
        Runner.TestCase("every schedule in the help reads", () =>
        {
            var schedules = CommandLine.Run("plan", "--help").Lines.Where(line => line.StartsWith("  lr ", StringComparison.Ordinal)).ToList();
            Check.True(schedules.Count >= 3, "there are some");

            foreach (var schedule in schedules)
                CommandLine.Run("plan", schedule.Trim());
        }),
    ]);
}
