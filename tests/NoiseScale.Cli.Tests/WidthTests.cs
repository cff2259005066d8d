using System.Text.Json;
using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;
using MathNet.Numerics;

namespace NoiseScale.Cli.Tests;

/// <summary>`noisescale width`, and `plan --transfer-width`: what changes as a network grows.</summary>
internal static class WidthTests
{
    private const string Given = "lr 0.02; batch 64; momentum 0.9; epochs 10; examples 60000";

    private static readonly string[] Coordinates =
        ["width", "coordinates", "--widths", "16,32,64", "--seeds", "2", "--examples", "50", "--hidden-layers", "1"];

    private static readonly string[] Stability =
        ["width", "stability", "--widths", "16:32", "--seeds", "2", "--examples", "64", "--updates", "10", "--rounds", "2", "--parameterisation", "ntk,standard"];

    public static Test All { get; } = Runner.TestList("width",
    [
        Runner.TestCase("the exponents of every parameterisation, as tables and in JSON", () =>
        {
            var table = CommandLine.Run("width", "exponents");
            Check.True(Regex.IsMatch(table.Output, @"(?m)^ +mup +input +0 +0 +1 +0$"), "the maximal update's first layer");
            Check.True(Regex.IsMatch(table.Output, @"(?m)^ +ntk +0 +1 +-1$"), "P4's law under NTK");
            var found = Parse("width", "exponents", "--json");
            Check.True(found.ConvertAll(one => one.GetProperty("parameterisation").GetString()) is ["standard", "ntk", "muP"], "all");
            Check.True(found.TrueForAll(one => one.GetProperty("network").GetProperty("largestBatch").GetDouble() is -1 or 0), "B_max");
        }),
        Runner.TestCase("coordinates: exponents are the slopes of the sizes, verdicts compare them with theory", () =>
        {
            var found = Parse([.. Coordinates, "--json"]);
            Check.Equal(3, found.Count, "parameterisations");
            foreach (var report in found.Select(one => one.GetProperty("report")))
            {
                var sizes = report.GetProperty("sizes").EnumerateArray().ToList();
                Check.Equal(3 * 2 * 2, sizes.Count, "widths × seeds × layers");
                foreach (var layer in report.GetProperty("layers").EnumerateArray())
                {
                    var own = sizes.Where(size => Text(size, "layer") == Text(layer, "layer")).GroupBy(size => size.GetProperty("seed").GetInt64());
                    var slopes = own.Select(seed => Fit.Line(
                        [.. seed.Select(size => Math.Log(Number(size, "width")))], [.. seed.Select(size => Math.Log(Number(size, "update")))]).Item2);
                    Check.True(Math.Abs(slopes.Average() - Number(layer.GetProperty("update"), "mean")) < 1e-9, "the slope of the first change");
                }
            }

            var table = CommandLine.Run(Coordinates);
            Check.Equal(2 + 6, table.Lines.TakeWhile(line => !line.StartsWith("Root", StringComparison.Ordinal)).Count(), "rows");
            Check.True(table.Lines[2..8].All(line => Regex.IsMatch(line, "(ok|near|off).*(ok|near|off)$")), table.Output);
            Check.Equal(table.Output, CommandLine.Run(Coordinates).Output, "the same again");
        }),
        Runner.TestCase("stability: an edge for each seed within its bracket, and their exponent", () =>
        {
            var found = Parse([.. Stability, "--json"]);
            Check.True(found.ConvertAll(one => Text(one, "parameterisation")) is ["standard", "ntk"], "in the order of tables");
            foreach (var one in found)
            {
                var edges = one.GetProperty("widths").EnumerateArray().Select(width => width.GetProperty("edges").EnumerateArray().ToList()).ToList();
                Check.True(edges.TrueForAll(own => own.Count == 2), "seeds");

                // two bisections of ln(1e5) leave a quarter
                Check.True(edges.SelectMany(own => own).All(edge => Math.Abs((Number(edge, "unstable") / Number(edge, "stable")) - Math.Pow(1e5, 0.25)) < 1e-6), "brackets");
                var slopes = Enumerable.Range(0, 2).Select(seed => Math.Log2(Number(edges[1][seed], "learningRate") / Number(edges[0][seed], "learningRate")));
                Check.True(Math.Abs(slopes.Average() - Number(one.GetProperty("exponent"), "mean")) < 1e-9, "the exponent between two widths");
            }

            Check.True(Regex.IsMatch(CommandLine.Run(Stability).Output, @"(?m)^ntk: .* theory: no trend: (ok|near|off)$"), "a verdict");
            var outside = CommandLine.Run([.. Stability, "--most", "0.002"]).Output;
            Check.Has("> 0.002", outside, "an edge beyond the range");
            Check.Has("standard: fewer than two widths have their edge within 0.001 … 0.002; theory: ∝ w^-1", outside, "no exponent");
        }),
        Runner.TestCase("plan --transfer-width: the law, by width, parameterisation and what stays", () =>
        {
            foreach (var (arguments, batch, rate) in new (string[], double, double)[]
            {
                (["--transfer-width", "256:1024"], 16, 0.005),
                (["--transfer-width", "1024:256"], 256, 0.08),
                (["--transfer-width", "256:1024", "--parameterisation", "ntk"], 16, 0.02),
                (["--parameterisation", "NTK", "--keep-batch", "--transfer-width", "256:1024"], 64, 0.08),
                (["--transfer-width", "256:1024", "--keep-batch"], 64, 0.02),
                (["--transfer-width", "256:1024", "--parameterisation", "mup"], 64, 0.02),
                (["--transfer-width", "256:512", "--transfer-width", "512:1024"], 16, 0.005),
            })
            {
                // the linear form, in which B falls by k exactly
                var row = JsonDocument.Parse(CommandLine.Run(["plan", Given, "--form", "linear", .. arguments, "--json"]).Output).RootElement.GetProperty("rows")[0];
                Check.Equal(batch, Number(row, "batch"), $"{string.Join(' ', arguments)}: batch");
                Check.True(Math.Abs(Number(row, "lr") - rate) < 1e-12, $"{string.Join(' ', arguments)}: learning rate");
            }

            Check.Has("from width 256 to 1 024, ntk parameterisation, at the same batch: noise scale × 4", CommandLine.Run("plan", Given, "--transfer-width", "256:1024", "--parameterisation", "ntk", "--keep-batch").Output, "in words");
        }),
        Runner.TestCase("plan --transfer-width: ḡ before and after, and what the law makes of it", () =>
        {
            // ε/(B(1 − m)) = 0.2/64, and σ² falls by 4 in standard and mup
            foreach (var name in (string[])["standard", "ntk", "mup"])
                Check.Has("0.003125 ", GBar("--transfer-width", "256:1024", "--parameterisation", name), name);

            Check.Has("0.0125  × 4; the law ḡ ∝ w: × 4", GBar("--transfer-width", "256:512", "--transfer-width", "512:1024", "--form", "linear"), "one step after the other");
            Check.Has("× 0.25; the law ḡ ∝ w: × 0.25", GBar("--transfer-width", "1024:256", "--parameterisation", "ntk", "--form", "linear"), "narrower");
            Check.Has("× 2; the law ḡ ∝ w: × 4", GBar("--transfer-width", "256:1024", "--scale-batch", "4", "--batch-rule", "legw:1", "--form", "linear"), "a rule that does not keep the noise");
            Check.HasNot("ḡ", CommandLine.Run("plan", Given, "--transfer-width", "256:1024", "--against", Given).Output, "another network's schedule");
            Check.HasNot("ḡ", CommandLine.Run("plan", Given, "--scale-lr", "2").Output, "the same width");

            static string GBar(params string[] arguments) => CommandLine.Run(["plan", Given, .. arguments]).Lines.Single(line => line.Contains("ḡ at the start", StringComparison.Ordinal));
        }),
        Runner.TestCase("plan --transfer-width: a batch below one example, and what helps", () =>
        {
            var refused = CommandLine.Ends(1, "plan", Given, "--transfer-width", "64:8192").Error;
            Check.Has("it must be at least 1.\n--keep-batch leaves the batch as it is", refused, "the reason and the advice");
            CommandLine.Run("plan", Given, "--transfer-width", "64:8192", "--keep-batch");
        }),
        Runner.TestCase("help has its examples, and they run", () =>
        {
            // a part's example may stand in the whole's help too
            var parts = ((string[][])[["width"], ["width", "exponents"], ["width", "coordinates"], ["width", "stability"]]).Select(CommandLine.Examples).ToList();
            Check.True(parts.TrueForAll(examples => examples.Count >= 1), "there are some");
            foreach (var example in parts.SelectMany(examples => examples).Distinct())
                CommandLine.RunExample(example);
        }),
        Runner.TestCase("what cannot be is refused in a sentence", () =>
        {
            foreach (var (arguments, says) in new (string[], string)[]
            {
                (["width"], "width needs one of its commands: exponents, coordinates, stability."),
                (["width", "coordinates", "--widths", "64,128"], "at least 3 different widths"),
                (["width", "coordinates", "--widths", "64:128:256"], "it is FROM:TO, two widths"),
                (["width", "coordinates", "--widths", "64,64,64"], "at least 3 different widths"),
                (["width", "coordinates", "--widths", "0,64,128"], "a width is a whole number from 1"),
                (["width", "coordinates", "--widths", "512:64"], "1 ≤ FROM < TO"),
                (["width", "coordinates", "--seeds", "1"], "it is 2 or more"),
                (["width", "coordinates", "--parameterisation", "mup,ntkk"], "Did you mean 'ntk'?"),
                (["width", "coordinates", "--learning-rate", "0"], "it is positive"),
                (["width", "coordinates", "--examples", "10"], "there are 10 training examples"),
                (["width", "stability", "--widths", "64"], "at least 2 different widths"),
                (["width", "stability", "--network", "resnet:15"], "the depth is 6n + 4"),
                (["width", "stability", "--network", "transformer"], "it is one of perceptron, convolutional, resnet"),
                (["width", "stability", "--momentum", "1"], "it is below 1"),
                (["width", "stability", "--least", "1", "--most", "0.1"], "from the smaller to the larger"),
                (["plan", Given, "--transfer-width", "256"], "it is FROM:TO"),
                (["plan", Given, "--transfer-width", "a:b"], "--transfer-width a:b: it is FROM:TO"),
                (["width", "stability", "--network", "perceptron:1:2"], "--network perceptron:1:2: the number is whole"),
                (["plan", Given, "--transfer-width", "256:1024", "--parameterisation", "mub"], "Did you mean 'mup'?"),
                (["plan", Given, "--keep-batch"], "--keep-batch belongs to --transfer-width"),
            })
                Check.Has(says, CommandLine.Ends(2, arguments).Error, string.Join(' ', arguments));

            foreach (var (arguments, says) in new (string[], string)[]
            {
                (["width", "coordinates", "--pooling", "3"], "--pooling 3: it must divide height and width"),
                (["width", "coordinates", "--widths", "8:32", "--learning-rate", "1e-20"], "The coordinates cannot be compared: at width 8, seed 0"),
                (["width", "coordinates", "--data", "/no/such/folder"], "no such directory"),
                (["plan", Given, "--transfer-width", "256:0"], "a width must be finite and greater than 0"),
                (["plan", Given, "--transfer-width", "1:1024"], "--transfer-width 1:1024: "),
            })
                Check.Has(says, CommandLine.Ends(1, arguments).Error, string.Join(' ', arguments));
        }),
    ]);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static List<JsonElement> Parse(params string[] arguments) => [.. JsonDocument.Parse(CommandLine.Run(arguments).Output).RootElement.EnumerateArray()];
}
