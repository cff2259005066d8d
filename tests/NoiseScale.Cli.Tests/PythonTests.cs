using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>The training loop of Text/SCHEMA.md, run by Python over a plan's table, does the plan's updates.</summary>
internal static class PythonTests
{
    /// <summary>What the loop needs around it; instead of training it writes down every update.</summary>
    private const string Before = """
        class optimizer:
            param_groups = [{}]
        def shuffled(n, seed):
            return [seed * n + i for i in range(n)] # an order that tells the epoch
        def step(optimizer, examples):
            group = optimizer.param_groups[0]
            print(repr(group["lr"]), repr(group["momentum"]), *examples)
        """;

    private static readonly (string Name, string Schedule, string[] Options)[] Plans =
    [
        ("steps, batches across epochs", "lr 0.1 /5 @3,5.5; batch 7; momentum 0.9; epochs 8; examples 50", ["--trade-decay", "--cap", "20"]),
        ("smaller batches at the ends of epochs", "lr 0.1 /5 @3; batch 7; epochs 6; examples 50", ["--partial", "keep", "--rounding", "exact"]),
        ("dropped examples", "lr 0.1 /5 @3; batch 7; epochs 6; examples 50", ["--partial", "drop"]),
        ("a rate and a batch that move", "lr cosine(0.1, 0, 6); batch linear(5, 25, 6); epochs 6; examples 50", []),
    ];

    public static Test All { get; } = Runner.TestList("python", [.. Plans.Select(plan =>
        Needs.Program("python3", $"the loop of SCHEMA.md follows the table: {plan.Name}", () => Follows(plan.Schedule, plan.Options)))]);

    private static void Follows(string schedule, string[] options)
    {
        using var scratch = new Scratch();
        var table = scratch.Write("plan.json", CommandLine.Run(["plan", schedule, .. options, "--json"]).Output);
        var schema = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "SCHEMA.md"));
        var loop = Regex.Match(schema, "```python\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        var script = scratch.Write("loop.py", Before + "\n" + loop.Replace("\"plan.json\"", "r\"" + table + "\""));

        var followed = CommandLine.Program("python3", [script]);
        Check.Equal(0, followed.ExitCode, $"python3 {script}: {followed.Error}");

        var updates = CommandLine.Run(["plan", schedule, .. options, "--updates-csv"]).Lines.Skip(1).Select(row => row.Split(',')).ToArray();
        Check.Equal(updates.Length, followed.Lines.Length, "updates");

        foreach (var (expected, line) in updates.Zip(followed.Lines))
        {
            var cells = line.Split(' ');
            Check.Equal(double.Parse(expected[4]), double.Parse(cells[0]), $"learning rate of update {expected[0]}");
            Check.Equal(double.Parse(expected[5]), double.Parse(cells[1]), $"momentum of update {expected[0]}");

            var (first, batch) = (long.Parse(expected[2]), int.Parse(expected[3]));
            var examples = Enumerable.Range(0, batch).Select(i => (first + i).ToString());
            Check.Equal(string.Join(' ', examples), string.Join(' ', cells.Skip(2)), $"examples of update {expected[0]}");
        }
    }
}
