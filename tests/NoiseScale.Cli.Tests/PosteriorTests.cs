using System.Text.Json;
using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>`noisescale sample` and `noisescale temper`: posteriors on the command line.</summary>
internal static class PosteriorTests
{
    private static readonly string[] Sample = ["sample", "--classes", "0,1", "--examples", "60", "--features", "3", "--chains", "2", "--burn-in", "50", "--samples", "20"];
    private static readonly string[] Temper = ["temper", "--classes", "0,1", "--examples", "20", "--test-examples", "40", "--chains", "3", "--draws", "5"];

    public static Test All { get; } = Runner.TestList("posteriors",
    [
        Runner.TestCase("sample: by every sampler, as a table and in JSON", () =>
        {
            foreach (var sampler in (ReadOnlySpan<string>)["ngd", "sngd", "langevin", "natural-langevin", "sghmc"])
            {
                var found = Json([.. Sample, "--sampler", sampler]);
                Check.Equal((4L, 60L, 2L, 20L, 70L), (Number(found, "parameters"), Number(found, "examples"), Number(found, "chains"), Number(found, "samples"), Number(found, "updates")), sampler);
                var test = found.GetProperty("test");
                Check.True(test.GetProperty("crossEntropy").GetDouble() <= test.GetProperty("singleCrossEntropy").GetDouble(), "Jensen");
                Check.True(found.GetProperty("largestRhat").GetDouble() > 0.9, "R̂");
            }

            var table = CommandLine.Run(Sample);
            Check.True(table.Lines[0].StartsWith("Natural gradient descent: T = ", StringComparison.Ordinal), table.Output);
            Check.Has("largest R̂", table.Output, "whether the chains agree");
            Check.Equal(table.Output, CommandLine.Run(Sample).Output, "the same again");
            Check.Has("Too few samples", CommandLine.Run([.. Sample[..^1], "3"]).Output, "three samples");
        }),
        Runner.TestCase("sample: a batch is a temperature, T = (ε/2)(N/B − 1)", () =>
        {
            var hot = Json([.. Sample, "--batch", "4"]);
            Check.True(Math.Abs(hot.GetProperty("temperature").GetDouble() - (0.05 * 14)) < 1e-12, "of a batch of 4");
            var cold = Json([.. Sample, "--temperature", "0.2", "--learning-rate", "0.2"]);
            Check.Equal(20L, Number(cold, "batchSize"), "of T = 0.2: N/(2T/ε + 1)");
            var injected = Json([.. Sample, "--sampler", "langevin", "--temperature", "0.5", "--batch", "10"]);
            Check.Equal((10L, 0.5), (Number(injected, "batchSize"), injected.GetProperty("temperature").GetDouble()), "of Langevin a batch is none");
        }),
        Runner.TestCase("sample: chains in a file go on, to what one run would have had", () =>
        {
            using var scratch = new Scratch();
            var whole = Json([.. Sample[..^1], "40", "--save", scratch["whole.json"]]);
            Json([.. Sample, "--save", scratch["parts.json"]]);
            var joined = Json([.. Sample[..^1], "40", "--save", scratch["parts.json"]]);
            Check.Equal(whole.ToString(), joined.ToString(), "40 samples, at once and in two runs");
            Check.Equal(whole.ToString(), Json([.. Sample[..^1], "40", "--save", scratch["parts.json"]]).ToString(), "nothing left to do");
            Check.Has("of other settings or data", CommandLine.Ends(1, [.. Sample, "--seed", "9", "--save", scratch["parts.json"]]).Error, "another seed");
            scratch.Write("broken.json", "{ \"Settings\": 3");
            Check.Has("damaged", CommandLine.Ends(1, [.. Sample, "--save", scratch["broken.json"]]).Error, "a damaged file");
        }),
        Runner.TestCase("temper: a curve, as a table and in JSON", () =>
        {
            var found = Json([.. Temper, "--temperatures", "0.5:1"]);
            var points = found.GetProperty("points").EnumerateArray().ToList();
            Check.True(points.ConvertAll(p => p.GetProperty("tempering").GetProperty("temperature").GetDouble()) is [0.5, 1], "temperatures");
            Check.True(points.All(p => p.GetProperty("crossEntropyError").GetDouble() > 0 && p.GetProperty("accuracy").GetDouble() is >= 0 and <= 1), "scores");
            var entropy = found.GetProperty("prior").GetProperty("entropy").GetDouble();
            Check.True(entropy > 0 && entropy < Math.Log(2), "the prior's");
            var table = CommandLine.Run([.. Temper, "--temperatures", "1", "--likelihood-only", "--likelihood", "agreement:3", "--label-noise", "0.2"]);
            Check.Has("of the likelihood alone", table.Output, "which is tempered");
            Check.Has("flipped", table.Output, "label noise");
            Check.Has("Too few draws to tell whether the chains agree", table.Output, "five draws");
            Check.Equal(JsonValueKind.Null, points[0].GetProperty("logLikelihood").ValueKind, "of five draws");
            string[] more = [.. Temper[..^1], "12", "--temperatures", "1"];
            var mixing = Json(more).GetProperty("points")[0].GetProperty("logLikelihood");
            Check.True(mixing.GetProperty("rhat").GetDouble() > 0.9 && mixing.GetProperty("bulkSize").GetDouble() > 3, $"diagnostics: {mixing}");
            var told = CommandLine.Run(more).Output;
            Check.True(told.Contains("Rhat", StringComparison.Ordinal) && told.Contains("R̂ of their log-likelihoods", StringComparison.Ordinal), told);
        }),
        Runner.TestCase("help has its examples, and they read", () =>
        {
            using var scratch = new Scratch();
            var file = scratch.Write("table.csv", "x,y\n" + string.Concat(Enumerable.Range(0, 15).Select(i => $"{i},{i % 4}\n")));
            foreach (var command in new[] { "sample", "temper" })
            {
                var examples = CommandLine.Examples(command);
                Check.True(examples.Count >= 2, "there are some");
                foreach (var example in examples)
                {
                    // as they stand, but short
                    string[] shorter = command == "sample" ? ["--samples", "4", "--burn-in", "1", "--examples", "80", "--batch", "8"] : ["--chains", "2", "--draws", "2", "--examples", "20", "--test-examples", "20", "--temperatures", "1"];
                    List<string> words = [.. Regex.Matches(example, @"\S+").Select(match => match.Value).Skip(1)];
                    var regression = words.IndexOf("FILE");
                    if (regression >= 0)
                        words[regression] = file;

                    foreach (var pair in regression >= 0 ? [] : shorter.Chunk(2))
                    {
                        var at = words.IndexOf(pair[0]);
                        if (at >= 0)
                            words[at + 1] = pair[1];
                        else if (pair[0] != "--batch")
                            words.AddRange(pair);
                    }

                    CommandLine.Run([.. words]);
                }
            }
        }),
        Runner.TestCase("what cannot be is refused in a sentence", () =>
        {
            foreach (var (arguments, says) in new (string[], string)[]
            {
                (["sample", "--sampler", "hmc"], "it is one of"),
                (["sample", "--temperature", "-1"], "it is 0 or more"),
                (["sample", "--learning-rate", "0"], "it is positive"),
                (["sample", "--batch", "8", "--temperature", "1"], "give one of them"),
                (["sample", "--friction", "0.1"], "only sghmc has friction"),
                (["sample", "--measure", "jeffreys"], "only natural-langevin and sngd"),
                (["sample", "--sampler", "langevin", "--damping", "1"], "the sampler has no metric"),
                (["sample", "--samples", "0"], "it is 1 or more"),
                (["sample", "--prior", "0"], "it is positive"),
                (["sample", "--average", "1"], "it is from 0 to below 1"),
                (["sample", "--fisher-examples", "0"], "it is 1 or more"),
                (["sample", "--save", ""], "--save needs a value"),
                (["sample", "--seed", "1", "--seed", "2"], "--seed stands more than once"),
                (["temper", "--likelihood", "agreement:2.5"], "a whole number of labellers"),
                (["temper", "--temperatures", "0,1"], "a temperature is positive"),
                (["temper", "--temperatures", "2:1"], "0 < FROM < TO"),
                (["temper", "--likelihood", "flipped"], "it needs a number"),
                (["temper", "--likelihood", "hinge"], "it is one of"),
                (["temper", "--label-noise", "1"], "it is below 1"),
                (["temper", "--chains", "1"], "it is 2 or more"),
            })
                Check.Has(says, CommandLine.Ends(2, arguments).Error, string.Join(' ', arguments));

            Check.Has("not 100", CommandLine.Ends(1, [.. Sample, "--batch", "100"]).Error, "a batch beyond N");
            Check.Has("friction is 3", CommandLine.Ends(1, [.. Sample, "--sampler", "sghmc", "--friction", "3"]).Error, "friction");
            Check.Has("moving average", CommandLine.Ends(1, [.. Sample, "--sampler", "sngd", "--average", "0.9"]).Error, "an average with corrections");
            Check.Has("Fisher information of 7 850 parameters", CommandLine.Ends(1, "sample", "--features", "0", "--examples", "100").Error.Replace('\u00a0', ' '), "too large a metric");
            Check.Has("damping", CommandLine.Ends(1, [.. Sample, "--hidden", "20", "--damping", "0"]).Error, "a singular metric");
            Check.Has("A smaller learning rate", CommandLine.Ends(1, [.. Sample, "--learning-rate", "1000"]).Error, "no batch has that temperature");
            Check.Has("there are 60 training examples", CommandLine.Ends(1, [.. Sample, "--fisher-examples", "100"]).Error, "more examples than there are");
            Check.Has("diverged at update", CommandLine.Ends(1, [.. Sample, "--sampler", "natural-langevin", "--learning-rate", "500"]).Error, "far, and finite still");
            Check.Has("is a folder", CommandLine.Ends(1, [.. Sample, "--save", Path.GetTempPath()]).Error, "a folder in place of a file");
            Check.Has("smaller variances", CommandLine.Ends(1, [.. Temper, "--weight-variance", "1e200"]).Error, "a covariance beyond numbers");
            var still = CommandLine.Run([.. Sample, "--temperature", "0"]).Output;
            Check.Has("at T = 0 there is no noise", still, "chains that stay at the minimum");
            var bare = CommandLine.Start(Sample, "", ("LIBTORCH_DIR", Path.GetTempPath())).Error;
            Check.True(bare.StartsWith("error: libtorch not found: LIBTORCH_DIR=", StringComparison.Ordinal) && !bare.Contains("unexpected", StringComparison.Ordinal), bare);
            Check.Has("a rate of flipped labels", CommandLine.Ends(1, [.. Temper, "--likelihood", "flipped:2"]).Error, "a rate");
        }),
    ]);

    private static JsonElement Json(string[] arguments) => JsonDocument.Parse(CommandLine.Run([.. arguments, "--json"]).Output).RootElement;

    private static long Number(JsonElement found, string name) => found.GetProperty(name).GetInt64();
}
