using System.Text.Json;
using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>The page that --plot writes.</summary>
internal static class PlotTests
{
    public static Test All { get; } = Runner.TestList("plot",
    [
        Runner.TestCase("the page holds both plans and needs nothing else", () =>
        {
            using var scratch = new Scratch();
            var page = Page(scratch, "paper:dont-decay/original", "--form", "linear", "--trade-decay", "--cap", "5120");
            var plans = Data(page).GetProperty("plans");
            var (given, grown) = (plans[0], plans[1]);

            Check.Equal(("paper:dont-decay/original", "transformed"), (given.GetProperty("name").GetString(), grown.GetProperty("name").GetString()), "names");
            Check.Equal((80_000L, 29_188L), (given.GetProperty("updates").GetInt64(), grown.GetProperty("updates").GetInt64()), "updates");
            Check.Equal("0 60 60 120 120 160 160 204.8", Row(given, "epochs"), "epochs, twice at each jump");
            Check.Equal("0.1 0.1 0.02 0.02 0.004 0.004 0.0008 0.0008", Row(given, "learningRate"), "learning rate");
            Check.Equal("128 128 640 640 3200 3200 5120 5120", Row(grown, "batchSize"), "batch");

            foreach (var (one, other) in Values(given, "noiseScale").Zip(Values(grown, "noiseScale")))
                Check.True(Math.Abs(other / one - 1) < 1e-12, "the noise scale is the same");

            Check.Has("Plotly.react(", page, "it draws");
            Check.True(page.Length > 3_000_000 && page.Contains("plotly.js v", StringComparison.Ordinal), "plotly.js is in it");
            Check.True(!Regex.IsMatch(page[..page.IndexOf("plotly.js v", StringComparison.Ordinal)], "<(script|link)[^>]* (src|href)="), "it loads nothing");
            Check.Has("prefers-color-scheme: dark", page, "it has a dark side");
            Check.Has("name=\"viewport\"", page, "it fits a phone");
        }),
        Runner.TestCase("curves that move have points between, and reach the end", () =>
        {
            using var scratch = new Scratch();
            var plans = Data(Page(scratch, "lr cosine(0.1, 0, 90); batch 256; momentum 0.9; epochs 90; examples 1281167", "--trade-decay")).GetProperty("plans");

            foreach (var plan in plans.EnumerateArray())
            {
                var epochs = Values(plan, "epochs");
                Check.True(epochs.Length is > 50 and < 10_000, $"{epochs.Length} points");
                Check.True(epochs.Zip(epochs.Skip(1)).All(pair => pair.First <= pair.Second), "epochs in order");
                Check.Equal((0.0, 90.0), (epochs[0], epochs[^1]), "from beginning to end");
            }
        }),
        Runner.TestCase("a page and a document at once", () =>
        {
            using var scratch = new Scratch();
            var outcome = CommandLine.Ends(0, "plan", "paper:dont-decay/original", "--json", "--plot", scratch["plan.html"]);
            Check.Equal("noisescale/plan", JsonDocument.Parse(outcome.Output).RootElement.GetProperty("schema").GetString(), "the output is the document alone");
            Check.Equal($"wrote {scratch["plan.html"]}\n", outcome.Error, "the page is named on the error stream");
        }),
        Runner.TestCase("text in the page is text", () =>
        {
            using var scratch = new Scratch();
            var file = scratch.Write("<script>alert(1)</script>.txt".Replace("/", "_"), SourceTests.Decaying);
            var page = Page(scratch, file, "--trade-decay");
            Check.HasNot("<script>alert", page, "a name with markup");
            Check.Equal(Path.GetFileName(file), Data(page).GetProperty("plans")[0].GetProperty("name").GetString(), "the name");
        }),
    ]);

    private static string Page(Scratch scratch, params string[] arguments)
    {
        CommandLine.Ends(0, ["plan", .. arguments, "--plot", scratch["plan.html"]]);
        return File.ReadAllText(scratch["plan.html"]);
    }

    private static JsonElement Data(string page) =>
        JsonDocument.Parse(Regex.Match(page, "<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline).Groups[1].Value).RootElement;

    private static double[] Values(JsonElement plan, string curve) => [.. plan.GetProperty(curve).EnumerateArray().Select(value => value.GetDouble())];

    private static string Row(JsonElement plan, string curve) => string.Join(' ', plan.GetProperty(curve).EnumerateArray().Select(value => value.GetRawText()));
}
