using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>What is refused, with which exit code, and what the sentence says.</summary>
internal static class RefusalTests
{
    private const string Plain = "lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000";

    /// <summary>Wrong usage (2): what does not read.</summary>
    private static readonly (string What, string[] Arguments, string[] Says)[] Usage =
    [
        ("a command that is not there", ["plna"], ["no command 'plna'", "Did you mean plan?"]),
        ("an option that is not there", ["--nonsense"], ["no option '--nonsense'", "noisescale --help"]),
        ("an option of plan that is not there", ["plan", Plain, "--trade-decy"], ["no option --trade-decy", "Did you mean --trade-decay?"]),
        ("an option of doctor that is not there", ["doctor", "--jsn"], ["no option --jsn", "Did you mean --json?"]),
        ("an argument of doctor", ["doctor", "please"], ["'please' is one argument too many"]),
        ("no schedule", ["plan"], ["no schedule to plan", "paper:NAME"]),
        ("an empty schedule", ["plan", ""], ["The schedule is empty", "Write one such as"]),
        ("a schedule without quotes", ["plan", "lr", "0.1"], ["2 schedules, where one is expected", "in quotes"]),
        ("a field that is not there", ["plan", Plain.Replace("momentum", "momentm")], ["expected a field", "found 'momentm'"]),
        ("a missing field", ["plan", "lr 0.1; batch 128"], ["the field 'examples' is missing"]),
        ("a curve that is not there", ["plan", Plain.Replace("0.1 /5 @60,120,160", "cosin(0.1, 0, 3)")], ["unknown curve 'cosin'"]),
        ("JSON that is none", ["plan", "{\"schema\": "], ["The schedule does not read"]),
        ("a version from the future", ["plan", "{\"schema\": \"noisescale/schedule\", \"version\": 9}"], ["version 9", "reads noisescale/schedule version 1"]),
        ("a mistyped paper", ["plan", "paper:dont-decay/increse"], ["Did you mean 'paper:dont-decay/increase'?", "--list"]),
        ("a mistyped paper far into its name", ["plan", "paper:dont-decay/imagenet-momentum0.95"], ["Did you mean 'paper:dont-decay/imagenet-momentum-0.95'?"]),
        ("a paper's schedule without its paper", ["plan", "paper:hybrid"], ["Did you mean 'paper:dont-decay/hybrid'?"]),
        ("a paper that is not there", ["plan", "paper:attention-is-all-you-need"], ["No paper has a schedule", "--list"]),
        ("an option without its value", ["plan", Plain, "--trade-decay", "--cap"], ["--cap needs a value: EXAMPLES|n/10|none"]),
        ("an option in place of a value", ["plan", Plain, "--cap", "--trade-decay"], ["--cap needs a value: EXAMPLES|n/10|none"]),
        ("an option in place of a word", ["plan", Plain, "--form", "--json"], ["--form needs a value: exact|linear"]),
        ("a modifier without its transformation", ["plan", Plain, "--cap", "5120"], ["--cap belongs to --trade-decay"]),
        ("a rule without its transformation", ["plan", Plain, "--trade-decay", "--batch-rule", "linear"], ["--batch-rule belongs to --scale-batch"]),
        ("two caps for one trade", ["plan", Plain, "--trade-decay", "--cap", "1000", "--cap", "2000"], ["--cap stands twice for one --trade-decay"]),
        ("a cap that is no number", ["plan", Plain, "--trade-decay", "--cap", "5,120"], ["--cap 5,120: it is a number of examples, n/10 or none"]),
        ("a decimal comma", ["plan", Plain, "--momentum", "0,98"], ["--momentum 0,98: it must be a number", "point"]),
        ("infinity", ["plan", Plain, "--scale-lr", "Infinity"], ["--scale-lr Infinity: it must be a number"]),
        ("half an example", ["plan", Plain, "--examples", "10.5"], ["--examples 10.5: it must be a whole number"]),
        ("a form that is not there", ["plan", Plain, "--form", "exakt"], ["--form exakt: it is one of exact, linear", "Did you mean 'exact'?"]),
        ("a form given twice", ["plan", Plain, "--form", "exact", "--form", "linear"], ["--form"]),
        ("a trade rule that is not there", ["plan", Plain, "--trade-decay", "--rule", "cubic"], ["--rule cubic: it is one of linear, square-root, seesaw"]),
        ("a batch rule that is not there", ["plan", Plain, "--scale-batch", "2", "--batch-rule", "sqrt"], ["one of linear, square-root, adascale, legw"]),
        ("AdaScale without its gain", ["plan", Plain, "--scale-batch", "2", "--batch-rule", "adascale"], ["needs its gain, as in adascale:3.2"]),
        ("linear with a parameter", ["plan", Plain, "--scale-batch", "2", "--batch-rule", "linear:2"], ["linear takes no parameter"]),
        ("two documents at once", ["plan", Plain, "--json", "--csv"], ["--json and --csv cannot stand together"]),
    ];

    /// <summary>Understood, and it cannot be done (1).</summary>
    private static readonly (string What, string[] Arguments, string[] Says)[] Refusals =
    [
        ("a file that is not there", ["plan", "nowhere.json"], ["Cannot read nowhere.json: there is no such file"]),
        ("a folder that is not there", ["plan", "nowhere/schedule.json"], ["the folder does not exist"]),
        ("a folder", ["plan", "."], ["it is a folder"]),
        ("a paper's schedule without paper:", ["plan", "dont-decay/original"], ["Did you mean 'paper:dont-decay/original'?"]),
        ("a page that cannot be written", ["plan", Plain, "--plot", "nowhere/plan.html"], ["Cannot write nowhere/plan.html: the folder does not exist"]),
        ("a negative learning rate", ["plan", "lr -0.1; batch 128; epochs 2; examples 1000"], ["learning rate is -0.1 at epoch 0: it must be greater than 0"]),
        ("boundaries out of order", ["plan", Plain.Replace("60,120", "120,60")], ["boundaries out of order"]),
        ("a batch beyond the training set", ["plan", Plain.Replace("128", "50001")], ["batch size is 50001", "50000"]),
        ("a factor of 0", ["plan", Plain, "--scale-lr", "0"], ["--scale-lr 0: k is 0: it must be finite and greater than 0"]),
        ("a negative factor", ["plan", Plain, "--scale-lr", "-2"], ["--scale-lr -2: k is -2"]),
        ("momentum 1", ["plan", Plain, "--momentum", "1"], ["--momentum 1: momentum is 1", "[0, 1)"]),
        ("momentum for plain SGD", ["plan", "lr 0.1; batch 8; epochs 2; examples 1000", "--momentum", "0.9"], ["--momentum 0.9", "plain SGD has no momentum"]),
        ("a dampened momentum", ["plan", Plain + "; optimizer heavy-ball dampened", "--momentum", "0.98"], ["--momentum 0.98", "dampening"]),
        ("a cap below the batch", ["plan", Plain, "--trade-decay", "--cap", "64"], ["--trade-decay: the cap on the batch size, 64, is below the schedule's own batch size 128"]),
        ("growth beyond the training set", ["plan", Plain.Replace("128", "1280"), "--form", "linear", "--trade-decay", "--cap", "none"], ["--trade-decay", "must not exceed the training set"]),
        ("the square-root rule for SGD", ["plan", Plain, "--scale-batch", "2", "--batch-rule", "square-root"], ["--scale-batch 2", "derived for Adam"]),
        ("a gain above the factor", ["plan", Plain, "--scale-batch", "2", "--batch-rule", "adascale:3"], ["--scale-batch 2", "gain is 3", "[1, 2]"]),
        ("β below 0", ["plan", "lr 0.001; batch 64; epochs 10; examples 50000; optimizer adam", "--scale-batch", "20", "--batch-rule", "square-root"], ["beta1 would become"]),
        ("no epochs", ["plan", Plain, "--epochs", "0"], ["--epochs 0: empty schedule"]),
        ("too few epochs for one update", ["plan", Plain, "--epochs", "0.0001"], ["makes no update", "Train longer"]),
    ];

    public static Test All { get; } = Runner.TestList("refusals",
    [
        .. Usage.Select(test => Case(test, 2)),
        .. Refusals.Select(test => Case(test, 1)),
        Runner.TestCase("a mistake in text shows its line with a caret under it", () =>
        {
            var error = CommandLine.Ends(2, "plan", "lr 0.1; batch 128; momentm 0.9; epochs 2; examples 1000").Error.Split('\n');
            Check.Equal("  lr 0.1; batch 128; momentm 0.9; epochs 2; examples 1000", error[1], "the line");
            Check.Equal(error[1].IndexOf("momentm", StringComparison.Ordinal), error[2].IndexOf('^'), "the caret's column");
        }),
        Runner.TestCase("a mistake far into a long line is shown with what is around it", () =>
        {
            var steps = string.Concat(Enumerable.Range(1, 200).Select(t => $" -> {1.0 / t:R} @{t}"));
            var error = CommandLine.Ends(2, "plan", $"lr 2{steps}; batsch 128; epochs 300; examples 1000").Error.Split('\n');
            Check.True(error[1].Length < 140 && error[1].StartsWith("  …", StringComparison.Ordinal), $"cut: {error[1]}");
            Check.Equal(error[1].IndexOf("batsch", StringComparison.Ordinal), error[2].IndexOf('^'), "the caret's column");
        }),
        Runner.TestCase("a mistake in a file names file, line and column, and shows the line", () =>
        {
            using var scratch = new Scratch();
            var path = scratch.Write("schedule.json", CommandLine.Run("plan", Plain, "--schedule-json").Output.Replace("\"momentum\"", "\"momentun\""));
            var lines = File.ReadAllLines(path);
            var line = Array.FindIndex(lines, text => text.Contains("momentun", StringComparison.Ordinal)) + 1;
            var error = CommandLine.Ends(2, "plan", path).Error;
            Check.Has($"{path}, line {line}, column ", error, "the place");
            Check.Has($"\n  {lines[line - 1]}\n", error, "the line");
            Check.Has("unknown member \"momentun\"", error, "the reason");
        }),
        Runner.TestCase("a page that cannot be written leaves no output", () =>
            Check.Equal("", CommandLine.Ends(1, "plan", Plain, "--plot", "nowhere/plan.html").Output, "the output")),
        Runner.TestCase("NOISESCALE_DEBUG=1 shows the stack trace", () =>
            Check.Has("   at ", CommandLine.Start(["plan", "lr"], "", ("NOISESCALE_DEBUG", "1")).Error, "the trace")),
    ]);

    private static Test Case((string What, string[] Arguments, string[] Says) refusal, int exitCode) => Runner.TestCase(refusal.What, () =>
    {
        var outcome = CommandLine.Ends(exitCode, refusal.Arguments);
        Check.Equal("", outcome.Output, "nothing on the output");
        Check.True(outcome.Error.TrimEnd('\n').Count(c => c == '\n') <= 4, $"{outcome}: a few lines");

        foreach (var piece in refusal.Says)
            Check.Has(piece, outcome.Error, "the sentence");
    });
}
