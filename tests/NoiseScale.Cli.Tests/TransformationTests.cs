using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>Transformations on the command line: their order, what belongs to which, and that they do what they say.</summary>
internal static class TransformationTests
{
    private const string Original = "paper:dont-decay/original";
    private const string Adam = "lr 0.001; batch 64; epochs 10; examples 50000; optimizer adam 0.875 0.984375 1e-8";

    public static Test All { get; } = Runner.TestList("transformations",
    [
        Runner.TestCase("apply in the order in which they stand", () =>
        {
            var scaledFirst = Text("--scale-lr", "5", "--trade-decay", "--cap", "5120");
            var tradedFirst = Text("--trade-decay", "--cap", "5120", "--scale-lr", "5");
            Check.True(scaledFirst != tradedFirst, "a cap before a factor is another schedule than a cap after it");
            Check.Equal(scaledFirst, Text("--cap=5120", "--scale-lr=5", "--trade-decay"), "a cap may stand before its --trade-decay, and values after =");
        }),
        Runner.TestCase("may stand more than once", () =>
        {
            Check.Equal(Text("--scale-lr", "4"), Text("--scale-lr", "2", "--scale-lr", "2"), "2 and 2 make 4");
            Check.Equal(
                Text("--form", "linear", "--trade-decay", "--cap", "none"),
                Text("--form", "linear", "--trade-decay", "--until", "120", "--cap", "5120", "--trade-decay", "--cap", "none"),
                "each trade has its own --until and its own --cap");
        }),
        Runner.TestCase("a law of SGD for a schedule of Adam is remarked on", () =>
        {
            const string remark = "For Adam a batch k times as large";
            string[] decaying = ["plan", Adam.Replace("lr 0.001", "lr 0.001 /5 @5", StringComparison.Ordinal)];
            string[][] ofSgd = [["--trade-decay"], ["--trade-decay", "--rule", "seesaw"], ["--scale-batch", "4"]];
            foreach (var step in ofSgd)
                Check.Has(remark, CommandLine.Run([.. decaying, .. step]).Output.ReplaceLineEndings(" ").Replace("  ", " "), string.Join(' ', step));

            string[][] others = [["--trade-decay", "--rule", "square-root"], ["--scale-batch", "4", "--batch-rule", "square-root"], ["--epochs", "20"]];
            foreach (var step in others)
                Check.HasNot(remark, CommandLine.Run([.. decaying, .. step]).Output.ReplaceLineEndings(" ").Replace("  ", " "), string.Join(' ', step));

            Check.HasNot(remark, CommandLine.Run("plan", Original, "--trade-decay").Output.ReplaceLineEndings(" ").Replace("  ", " "), "SGD");
        }),
        Runner.TestCase("a cap that a later option breaks is remarked on", () =>
        {
            var broken = CommandLine.Run("plan", Original, "--trade-decay", "--cap", "5120", "--scale-lr", "5");
            Check.Has("beyond the cap of 5 120", broken.Output, "the remark");
            Check.HasNot("beyond the cap", CommandLine.Run("plan", Original, "--scale-lr", "5", "--trade-decay", "--cap", "5120").Output, "no remark");
        }),
        Runner.TestCase("--trade-decay stops at a tenth of the training set unless told otherwise", () =>
        {
            Check.Equal(Text("--trade-decay"), Text("--trade-decay", "--cap", "n/10"), "the default");
            Check.Equal(Text("--trade-decay"), Text("--trade-decay", "--cap", "5000"), "N is 50 000");
        }),
        Runner.TestCase("--trade-batch undoes --trade-decay, and 1/K undoes K", () =>
        {
            var original = CommandLine.Run("plan", Original, "--text").Output;
            Check.Equal(original, Text("--form", "linear", "--scale-lr", "4", "--scale-lr", "0.25"), "learning rate");
            Check.Equal(original, Text("--form", "linear", "--scale-batch", "4", "--scale-batch", "0.25"), "batch");
            Check.Equal(original, Text("--form", "linear", "--momentum", "0.95", "--momentum", "0.9"), "momentum");
            var halving = "lr 0.5 /2 @3,5; batch 16; epochs 8; examples 1024";
            Check.Equal(halving + "\n", Text(halving, ["--form", "linear", "--trade-decay", "--cap", "none", "--trade-batch"]), "decay to growth to decay");
        }),
        Runner.TestCase("the linear rule keeps εN/B, in the exact form ε(N/B − 1)", () =>
        {
            Check.Equal("lr 0.4; batch 512; epochs 10; examples 50000\n", Text("lr 0.1; batch 128; epochs 10; examples 50000", ["--form", "linear", "--scale-batch", "4"]), "linear");
            // 0.125·(100/20 − 1) = 0.5 = ε·(100/60 − 1) for ε = 0.75
            Check.Equal("lr 0.75; batch 60; epochs 10; examples 100\n", Text("lr 0.125; batch 20; epochs 10; examples 100", ["--scale-batch", "3"]), "exact");
        }),
        Runner.TestCase("the square-root rule moves Adam's constants", () => Check.Equal(
            "lr 0.002; batch 256; epochs 10; examples 50000; optimizer adam 0.5 0.9375 5E-09\n",
            Text(Adam, ["--form", "linear", "--scale-batch", "4", "--batch-rule", "square-root"]),
            "√4 = 2, 1 − β times 4, ε/2")),
        Runner.TestCase("the report shows the constants that a rule has moved", () => Check.Has(
            "  optimizer                 adam 0.875 0.984375 1e-8  adam 0.5 0.9375 5e-9\n",
            CommandLine.Run("plan", Adam, "--form", "linear", "--scale-batch", "4", "--batch-rule", "square-root").Output,
            "the row")),
        Runner.TestCase("AdaScale takes K/GAIN times the epochs, LEGW K times the warm-up", () =>
        {
            var constant = "lr 0.1; batch 128; epochs 10; examples 50000";
            Check.Equal("lr 0.2; batch 512; epochs 20; examples 50000\n", Text(constant, ["--scale-batch", "4", "--batch-rule", "adascale:2"]), "AdaScale");
            var warmingUp = "lr join(2, linear(0.01, 0.1, 2), 0.1); batch 128; epochs 10; examples 50000";
            var legw = CommandLine.Run("plan", warmingUp, "--scale-batch", "4", "--batch-rule", "legw:2");
            Check.Has("  0 –  8", legw.Output, "a warm-up of 8 epochs");
            Check.Has("  8 – 10", legw.Output, "and the rest after it");
        }),
        Runner.TestCase("Seesaw trades half of a decay, the square-root rule trades it twice", () =>
        {
            var steps = "lr 0.4 /4 @5; batch 10; epochs 10; examples 50000";
            Check.Equal("lr 0.4 /2 @5; batch 10 *4 @5; epochs 10; examples 50000\n", Text(steps, ["--form", "linear", "--trade-decay", "--rule", "seesaw"]), "Seesaw");
            Check.Equal("lr 0.4; batch 10 *16 @5; epochs 10; examples 50000\n", Text(steps, ["--form", "linear", "--trade-decay", "--rule", "square-root"]), "square root");
        }),
        Runner.TestCase("--epochs and --examples change the training and nothing else", () => Check.Equal(
            "lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 300; examples 60000\n",
            Text("--epochs", "300", "--examples", "60_000"),
            "the schedule")),
        Runner.TestCase("--partial and --rounding make other plans of one schedule", () =>
        {
            var ragged = "lr 0.1; batch 60; epochs 3; examples 100";
            long Updates(params string[] options) => CommandLine.Run(["plan", ragged, "--updates-csv", .. options]).Lines.Length - 1;

            Check.Equal(5, Updates(), "300 examples in full batches");
            Check.Equal(6, Updates("--partial", "keep"), "60 and 40 in each epoch");
            Check.Equal(3, Updates("--partial", "drop"), "60 in each epoch");
            Check.Equal("0.1", FirstRate("leave"), "left");
            // B = 2.5 becomes 3: ε·(3/2.5) in the linear form; ε·(100/2.5 − 1)/(100/3 − 1) in the exact one
            Check.Equal("0.12", FirstRate("linear"), "linear");
            Check.True(Math.Abs(double.Parse(FirstRate("exact")) - (0.1 * 39 / (100.0 / 3 - 1))) < 1e-15, "exact");

            static string FirstRate(string rounding) =>
                CommandLine.Run("plan", "lr 0.1; batch 2.5; epochs 3; examples 100", "--rounding", rounding, "--updates-csv").Lines[1].Split(',')[4];
        }),
    ]);

    private static string Text(params string[] options) => Text(Original, options);

    private static string Text(string schedule, string[] options) => CommandLine.Run(["plan", schedule, .. options, "--text"]).Output;
}
