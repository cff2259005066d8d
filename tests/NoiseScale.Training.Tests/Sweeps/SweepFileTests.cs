using System.Text;
using System.Text.RegularExpressions;
using NoiseScale.Training.Sweeps;
using NoiseScale.Training.Tests.Running;

namespace NoiseScale.Training.Tests.Sweeping;

internal static class SweepFileTests
{
    public static Test All => TestList("sweep file",
    [
        TestCase("every member is read", Reads),
        TestCase("the example of SCHEMA.md reads", ReadsTheExample),
        TestCase("what is wrong is named with its member and line", Refuses),
        TestCase("no single change of a character throws anything else", SurvivesDamage),
        TestCase("impossible combinations are refused or left out, as the file says", ImpossibleCells),
    ]);

    private const string Minimal = """
        {
          "schema": "noisescale/sweep", "version": 1,
          "grid": {
            "network": {"kind": "perceptron", "hidden": [5]},
            "length": {"epochs": 1},
            "batchSize": 16,
            "learningRate": 0.1
          }
        }
        """;

    private static SweepFile Parse(string text) => SweepFile.Parse(Encoding.UTF8.GetBytes(text), "/folder");

    private static void Reads()
    {
        var file = Parse("""
            {
              "schema": "noisescale/sweep", "version": 1, "data": {"folder": "mnist"}, "evaluations": 5, "trainEvaluationSize": 100,
              "sampling": "independent", "stacking": "never", "device": "cuda", "threads": 3, "impossible": "leave-out",
              "grid": {
                "trainingSetSize": [100, "all"], "subsetSeed": {"from": 2, "count": 2},
                "network": [{"kind": "perceptron", "hidden": []}, {"kind": "convolutional"}, {"kind": "convolutional", "channels": [3, 4]}],
                "length": [{"epochs": 1.5}, {"updates": 7}, {"updatesTimesLearningRate": 20}],
                "batchSize": {"from": 8, "count": 4, "times": 2}, "momentum": [0, 0.9], "weightDecay": 1e-4,
                "learningRate": {"from": 0.1, "count": 3, "plus": 0.1}, "seed": {"from": -1, "count": 3}
              }
            }
            """);
        var grid = file.Grid;
        Check.Equal(new SweepData.Folder(Path.Combine("/folder", "mnist")), (SweepData.Folder)file.Data);
        Check.Sequence([100, null], grid.TrainingSetSizes);
        Check.Sequence([2L, 3], grid.SubsetSeeds);
        Check.Sequence([new NetworkChoice.Perceptron(), new NetworkChoice.Convolutional(), new NetworkChoice.Convolutional(3, 4)], grid.Networks);
        Check.Sequence([new TrainingLength.OfEpochs(1.5), new TrainingLength.OfUpdates(7), new TrainingLength.OfUpdatesTimesLearningRate(20)], grid.Lengths);
        Check.Sequence([8, 16, 32, 64], grid.BatchSizes);
        Check.Sequence([0, 0.9], grid.Momenta);
        Check.Sequence([1e-4], grid.WeightDecays);
        Check.Sequence([0.1, 0.2, 0.3], grid.LearningRates);
        Check.Sequence([-1L, 0, 1], grid.Seeds);
        Check.Equal((5, (int?)100, NoiseScale.Torch.Sampling.IndependentWithoutReplacement), (grid.Evaluations, grid.TrainEvaluationSize, grid.Sampling));
        Check.Equal((Stacking.Never, "cuda", 3, true), (grid.Stacking, grid.Device, grid.Threads, file.LeaveOutImpossible));
        Check.Equal(new SweepData.Default(), (SweepData.Default)Parse(Minimal).Data);
        Check.Equal(1, Parse(Minimal).Over(Small.Data).Cells.Count);
    }

    private static void ReadsTheExample()
    {
        var schema = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "SWEEP-SCHEMA.md"));
        var example = Regex.Match(schema, "```json\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        Check.Equal(4 * 3 * 4, Parse(example).Over(Small.Data).Cells.Count);
    }

    private static void Refuses()
    {
        foreach (var (from, to, member, line, piece) in new (string, string, string, int, string)[]
        {
            ("\"batchSize\": 16", "\"batchSize\": [8, 0]", "grid.batchSize[1]", 6, "is 0"),
            ("\"batchSize\": 16", "\"batchSize\": 1.5", "grid.batchSize", 6, "1.5"),
            ("\"batchSize\": 16", "\"batchSize\": []", "grid.batchSize", 6, "empty"),
            ("\"batchSize\": 16", "\"batchSize\": {\"from\": 1, \"count\": 3, \"times\": 1.5}", "grid.batchSize", 6, "1.5"),
            ("\"batchSize\": 16", "\"batchSize\": {\"from\": 1, \"count\": 3, \"times\": 2, \"plus\": 1}", "grid.batchSize", 6, "both"),
            ("\"batchSize\": 16", "\"batchSize\": {\"from\": 1}", "grid.batchSize.count", 6, "missing"),
            ("\"batchSize\": 16", "\"batchSize\": {\"from\": 1, \"count\": 1e9}", "grid.batchSize.count", 6, "1e9"),
            ("\"batchSize\": 16", "\"batchsize\": 16", "grid.batchsize", 6, "no such member"),
            ("\"batchSize\": 16,", "", "grid.batchSize", 3, "missing"),
            ("\"batchSize\": 16", "\"batchSize\": 16, \"batchSize\": 8", "grid.batchSize", 6, "twice"),
            ("\"learningRate\": 0.1", "\"learningRate\": [0.1, -1]", "grid.learningRate[1]", 7, "-1"),
            ("\"learningRate\": 0.1", "\"learningRate\": \"0.1\"", "grid.learningRate", 7, "\"0.1\""),
            ("\"learningRate\": 0.1", "\"learningRate\": 1e999", "grid.learningRate", 7, "1e999"),
            ("\"learningRate\": 0.1", "\"learningRate\": 0.1, \"momentum\": 1", "grid.momentum", 7, "below 1"),
            ("{\"epochs\": 1}", "{\"epochs\": 0}", "grid.length.epochs", 5, "above 0"),
            ("{\"epochs\": 1}", "{\"epochs\": 1, \"updates\": 3}", "grid.length", 5, "one of"),
            ("{\"epochs\": 1}", "{}", "grid.length", 5, "one of"),
            ("[5]", "[5, -1]", "grid.network.hidden[1]", 4, "-1"),
            ("\"perceptron\"", "\"mlp\"", "grid.network.kind", 4, "perceptron, convolutional"),
            ("\"perceptron\"", "\"convolutional\"", "grid.network.hidden", 4, "channels"),
            ("\"version\": 1", "\"version\": 2", "version", 2, "version 1"),
            ("noisescale/sweep", "noisescale/plan", "schema", 2, "noisescale/plan"),
            ("\"version\": 1,", "\"version\": 1", "", 3, "not JSON"),
            ("\"version\": 1,", "\"version\": 1, \"data\": {},", "data", 2, "folder"),
            ("\"version\": 1,", "\"version\": 1, \"threads\": 0,", "threads", 2, "is 0"),
        })
        {
            var text = Minimal.Replace(from, to, StringComparison.Ordinal);
            Check.True(text != Minimal, $"{from} is in the text");
            var refusal = Check.Throws<SweepFileException>(() => Parse(text), piece);
            Check.Equal((member, line), (refusal.Member, refusal.Line), $"{to}: the place");
        }

        Check.Throws<SweepFileException>(() => Parse(""), "not JSON");
        Check.Throws<SweepFileException>(() => Parse("[]"), "expected an object");
    }

    private static void SurvivesDamage()
    {
        var random = new Random(5);
        for (var i = 0; i < 3000; i++)
        {
            var text = Encoding.UTF8.GetBytes(Minimal);
            for (var changes = random.Next(1, 4); changes > 0; changes--)
                text[random.Next(text.Length)] = (byte)"{}[]\":,0a-1. \n"[random.Next(14)];

            try
            {
                SweepFile.Parse(text);
            }
            catch (SweepFileException refusal)
            {
                Check.True(refusal.Line is >= 1 and <= 12 && refusal.Column >= 1, $"the place of {refusal.Message}");
            }
        }
    }

    private static void ImpossibleCells()
    {
        var text = Minimal.Replace("\"batchSize\": 16", "\"batchSize\": [16, 97, 98]", StringComparison.Ordinal);
        Check.Throws<ArgumentException>(() => Parse(text).Over(Small.Data), "2 of the grid's combinations", "B 97", "B 98");
        var sweep = Parse(text.Replace("\"version\": 1,", "\"version\": 1, \"impossible\": \"leave-out\",", StringComparison.Ordinal)).Over(Small.Data);
        Check.Equal((1, 2), (sweep.Cells.Count, sweep.Impossible.Count));
    }
}
