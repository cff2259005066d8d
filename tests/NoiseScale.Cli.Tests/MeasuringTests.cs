using System.Text.Json;
using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>`noisescale noise` and `noisescale evidence`: what is measured of a model on the command line.</summary>
internal static class MeasuringTests
{
    private static readonly string[] Evidence = ["evidence", "--classes", "0,1", "--examples", "60"];

    public static Test All { get; } = Runner.TestList("measuring",
    [
        Runner.TestCase("evidence: true labels against random ones, as a table and in JSON", () =>
        {
            var (trueLabels, random) = (Models([.. Evidence, "--prior", "0.1,1"]), Models([.. Evidence, "--prior", "0.1,1", "--random-labels"]));
            Check.True(trueLabels.All(model => E(model) < 0), "the model is believed");
            Check.True(random.All(model => E(model) > 0), "the null model is believed");
            foreach (var model in trueLabels.Concat(random))
            {
                var evidence = model.GetProperty("evidence");
                var cost = evidence.GetProperty("cost").GetDouble();
                Close(-(cost + evidence.GetProperty("occamContributions").EnumerateArray().Sum(part => part.GetDouble())), evidence.GetProperty("logEvidence").GetDouble(), "ln P");
                Close(-evidence.GetProperty("logEvidence").GetDouble() - (60 * Math.Log(2)), E(model), "E");
                Check.Equal(785, evidence.GetProperty("eigenvalues").GetArrayLength(), "eigenvalues");
            }

            var table = CommandLine.Run([.. Evidence, "--prior", "0.1:10"]);
            Check.True(table.Lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["λ", "C", ..], table.Output);
            Check.True(table.Lines[2..5].All(line => line.Contains(" model ", StringComparison.Ordinal)), table.Output);
            Check.Has("Most evidence at λ = ", table.Output, "the best");
        }),
        Runner.TestCase("evidence: the λ that is searched for is better than those of the grid", () =>
        {
            var models = Models([.. Evidence, "--prior", "0.01:10", "--maximise"]);
            Check.Equal(5, models.Count, "models");
            Check.True(models[..4].All(model => E(model) >= E(models[4])), "the best");
        }),
        Runner.TestCase("evidence: a network where training left it, and what was dropped", () =>
        {
            var model = Models([.. Evidence, "--hidden", "2", "--updates", "100", "--drop"])[0].GetProperty("evidence");
            Check.Equal(1576, model.GetProperty("parameters").GetInt32(), "parameters");
            Check.Equal(1576, model.GetProperty("eigenvalues").GetArrayLength() + (int)model.GetProperty("dropped").GetDouble(), "eigenvalues");
            Check.True(model.GetProperty("predictedDecrease").GetDouble() > 0, "how far from a minimum");
        }),
        Runner.TestCase("a folder without images is refused under the name that named it", () =>
        {
            using var scratch = new Scratch();
            Check.Has("--data names a folder", CommandLine.Ends(1, "noise", "--data", scratch["none"]).Error, "the option");
            Check.Has("NOISESCALE_DATA names a folder", CommandLine.Start(["noise"], "", ("NOISESCALE_DATA", scratch["none"])).Error, "the environment");
        }),
        Runner.TestCase("noise: along a schedule, its intervals around it, as a table and in JSON", () =>
        {
            string[] run = ["noise", "--examples", "300", "--hidden", "10", "--along", "lr 0.1; batch 20; epochs 2", "--points", "3"];
            var points = JsonDocument.Parse(CommandLine.Run([.. run, "--json"]).Output).RootElement.EnumerateArray().ToList();
            Check.True(points.ConvertAll(point => point.GetProperty("update").GetInt64()) is [0, 15, 30], "points");
            foreach (var point in points)
            {
                var simple = point.GetProperty("noiseScale").GetProperty("simple");
                var scale = simple.GetProperty("simpleNoiseScale");
                if (scale.ValueKind == JsonValueKind.Number)
                    Check.True(simple.GetProperty("low").GetDouble() <= scale.GetDouble() && scale.GetDouble() > 0, "within its interval");
            }

            var table = CommandLine.Run(run);
            Check.True(table.Lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["epoch", "ε", "B", "C", "‖G‖²", "tr", "Σ", "B_simple", "95", "%"], table.Output);
            Check.Equal(table.Output, CommandLine.Run(run).Output, "the same again");
            Check.Has("Measured on synthetic digits", table.Output, "on what");
            var weighted = CommandLine.Run(["noise", "--examples", "300", "--hidden", "10", "--points", "1", "--hessian"]);
            Check.Has("ε_opt(B)", weighted.Lines[0], "weighted");
        }),
        Runner.TestCase("help has its examples, and they run", () =>
        {
            foreach (var command in new[] { "noise", "evidence" })
            {
                foreach (var example in CommandLine.Examples(command))
                    CommandLine.RunExample(example);
            }
        }),
        Runner.TestCase("what cannot be is refused in a sentence", () =>
        {
            foreach (var (arguments, says) in new (string[], string)[]
            {
                (["evidence", "--prior", "0"], "a precision is positive"),
                (["evidence", "--prior", "-1,1"], "a precision is positive"),
                (["evidence", "--prior", "1:0.1"], "0 < FROM < TO"),
                (["evidence", "--classes", "3"], "at least two"),
                (["evidence", "--examples", "1"], "at least two"),
                (["evidence", "--hidden", "0"], "a width is 1 or more"),
                (["evidence", "--updates", "10"], "no meaning without --hidden"),
                (["evidence", "--hidden", "3", "--maximise"], "--maximise is for regression"),
                (["noise", "--examples", "10"], "more than the 10 examples"),
                (["noise", "--points", "0"], "it is 1 or more"),
                (["noise", "--micro-batches", "1"], "it is 2 or more"),
                (["noise", "--batches", "many"], "must be a number"),
            })
                Check.Has(says, CommandLine.Ends(2, arguments).Error, string.Join(' ', arguments));

            Check.Has("each once", CommandLine.Ends(1, "evidence", "--classes", "1,99").Error, "a class that is not there");
            Check.Has("asks for", CommandLine.Ends(1, "noise", "--examples", "10000000").Error, "more examples than there are");
            Check.Has("no such directory", CommandLine.Ends(1, "evidence", "--data", "/no/such/folder").Error, "no data");
            Check.Has("eigenvalues", CommandLine.Ends(1, [.. Evidence, "--hidden", "2", "--updates", "3"]).Error, "no minimum");
        }),
    ]);

    private static void Close(double expected, double actual, string what) =>
        Check.True(Math.Abs(actual - expected) <= 1e-9 * Math.Abs(expected), $"{what}: {actual}, expected {expected}");

    private static double E(JsonElement model) => model.GetProperty("evidence").GetProperty("ratioToNull").GetProperty("inFavourOfNull").GetDouble();

    private static List<JsonElement> Models(string[] arguments) =>
        [.. JsonDocument.Parse(CommandLine.Run([.. arguments, "--json"]).Output).RootElement.EnumerateArray()];
}
