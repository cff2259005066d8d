using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps;
using NoiseScale.Training.Tests.Running;

namespace NoiseScale.Training.Tests.Sweeping;

internal static class SweepGridTests
{
    public static Test All => TestList("sweep grid",
    [
        TestCase("the product of all axes, the last fastest", Order),
        TestCase("combinations that come to the same run are kept once", Duplicates),
        TestCase("impossible combinations are named with the rule they break", Impossible),
        TestCase("a number of updates is that number of updates", Updates),
        TestCase("parts are disjoint, and together they are the whole", Parts),
        TestCase("a cell is a function of its own values alone", Pure),
        TestCase("an empty axis and settings out of range are refused by name", Refuses),
    ]);

    private static SweepGrid Grid => new()
    {
        Networks = [new NetworkChoice.Perceptron(5)],
        Lengths = [new TrainingLength.OfEpochs(1)],
        BatchSizes = [16],
        LearningRates = [0.1],
    };

    private static void Order()
    {
        var sweep = (Grid with
        {
            TrainingSetSizes = [48, null],
            SubsetSeeds = [0, 1],
            Networks = [new NetworkChoice.Perceptron(5), new NetworkChoice.Convolutional(2, 2)],
            BatchSizes = [8, 16],
            Momenta = [0, 0.9],
            WeightDecays = [0, 0.1],
            LearningRates = [0.1, 0.2],
            Seeds = [3, 4],
        }).Over(Small.Data);

        // the subset seed has no meaning for the whole set
        Check.Equal((2 + 1) * 2 * 2 * 2 * 2 * 2 * 2, sweep.Cells.Count);
        Check.Equal(0, sweep.Impossible.Count + sweep.Duplicates);
        Check.Sequence(Enumerable.Range(0, sweep.Cells.Count), sweep.Cells.Select(cell => cell.Index));
        Check.Equal("N 48 (subset 0), mlp 5, 1 epochs, B 8, m 0, λ 0, ε 0.1, seed 3", sweep.Cells[0].Point.ToString());
        Check.Equal("N 48 (subset 0), mlp 5, 1 epochs, B 8, m 0, λ 0, ε 0.1, seed 4", sweep.Cells[1].Point.ToString());
        Check.Equal("N 48 (subset 0), mlp 5, 1 epochs, B 8, m 0, λ 0, ε 0.2, seed 3", sweep.Cells[2].Point.ToString());
        Check.Equal("N 48 (subset 0), mlp 5, 1 epochs, B 8, m 0, λ 0.1, ε 0.1, seed 3", sweep.Cells[4].Point.ToString());
        Check.Equal("N 48 (subset 0), mlp 5, 1 epochs, B 16, m 0, λ 0, ε 0.1, seed 3", sweep.Cells[16].Point.ToString());
        Check.Equal("N 48 (subset 0), conv 2 2, 1 epochs, B 8, m 0, λ 0, ε 0.1, seed 3", sweep.Cells[32].Point.ToString());
        Check.Equal("N 96, conv 2 2, 1 epochs, B 16, m 0.9, λ 0.1, ε 0.2, seed 4", sweep.Cells[^1].Point.ToString());
        var spec = sweep.Cells[^1].Spec;
        Check.Equal((0.2, 0.1, 16.0, 0.9, 4L), (
            spec.Schedule.LearningRate.ValueAt(0), spec.Schedule.WeightDecay, spec.Schedule.BatchSize.ValueAt(0), spec.Schedule.Momentum.ValueAt(0), spec.Seed));
        Check.Equal(DataSpec.Of(Small.Data, 48, 1), sweep.Cells[70].Spec.Data);
    }

    private static void Duplicates()
    {
        var sweep = (Grid with { LearningRates = [0.1, 0.2, 0.1], TrainingSetSizes = [null, 96], SubsetSeeds = [1, 2], Lengths = [new TrainingLength.OfEpochs(1), new TrainingLength.OfUpdates(6)] })
            .Over(Small.Data);
        Check.Equal(2, sweep.Cells.Count);
        Check.Equal(10, sweep.Duplicates);
    }

    private static void Impossible()
    {
        var sweep = (Grid with
        {
            BatchSizes = [16, 50, 97],
            TrainingSetSizes = [48, 96, 1000],
            Momenta = [0, 1],
            Networks = [new NetworkChoice.Perceptron(5), new NetworkChoice.Perceptron(0)],
        }).Over(Small.Data);
        Check.Equal(3, sweep.Cells.Count); // B 16 of 48 and of 96, B 50 of 96
        Check.Equal((3 * 3 * 2 * 2) - 3, sweep.Impossible.Count);
        string Reason(Func<SweepPoint, bool> point) => sweep.Impossible.First(cell => point(cell.Point)).Reason;
        Check.True(Reason(point => point is { TrainingSetSize: 48, BatchSize: 50, Momentum: 0 }).Contains("50", StringComparison.Ordinal), "B > N names B");
        Check.True(Reason(point => point is { TrainingSetSize: 1000, BatchSize: 16, Momentum: 0 }).Contains("1000", StringComparison.Ordinal), "too large an N is named");
        Check.True(Reason(point => point is { TrainingSetSize: 96, BatchSize: 16, Momentum: 1 }).Contains('1', StringComparison.Ordinal), "m = 1 is named");
        Check.True(Reason(point => point is { TrainingSetSize: 96, BatchSize: 16, Momentum: 0 }).Contains("hidden", StringComparison.Ordinal), "a layer of no units is named");
        Check.True(sweep.Impossible.All(cell => cell.Reason.Length is > 10 and < 300 && !cell.Reason.Contains("Parameter", StringComparison.Ordinal)), "in words");
    }

    private static void Updates()
    {
        foreach (var n in (int?[])[7, 48, 50, 95, null])
        {
            var sweep = (Grid with
            {
                TrainingSetSizes = [n],
                BatchSizes = [1, 3, 7],
                LearningRates = [0.003, 0.1, 0.7, 3],
                Lengths = [new TrainingLength.OfUpdates(1), new TrainingLength.OfUpdates(17), new TrainingLength.OfUpdates(1000), new TrainingLength.OfUpdatesTimesLearningRate(10)],
            }).Over(Small.Data);
            Check.Equal(0, sweep.Impossible.Count);
            foreach (var cell in sweep.Cells)
            {
                var expected = cell.Point.Length is TrainingLength.OfUpdates(var updates) ? updates : (long)Math.Round(10 / cell.Point.LearningRate);
                Check.Equal(expected, cell.Spec.Plan().Updates, cell.Point.ToString());
            }
        }

        var none = (Grid with { Lengths = [new TrainingLength.OfUpdatesTimesLearningRate(0.01)] }).Over(Small.Data);
        Check.True(none.Cells.Count == 0 && none.Impossible.Count == 1, "0.01/0.1 updates round to none");
    }

    private static void Parts()
    {
        var whole = (Grid with { Seeds = [.. Enumerable.Range(0, 17).Select(i => (long)i)] }).Over(Small.Data);
        foreach (var n in (int[])[1, 2, 5, 17, 30])
        {
            var parts = Enumerable.Range(1, n).Select(k => whole.Part(k, n).Cells).ToList();
            Check.Sequence(whole.Cells, parts.SelectMany(part => part).OrderBy(cell => cell.Index));
            Check.True(parts.Max(part => part.Count) - parts.Min(part => part.Count) <= 1, "they are of one size");
        }

        Check.Throws<ArgumentOutOfRangeException>(() => whole.Part(0, 3), "k");
        Check.Throws<ArgumentOutOfRangeException>(() => whole.Part(4, 3), "k");
    }

    private static void Pure()
    {
        var one = Grid.Over(Small.Data).Cells[0];
        var among = (Grid with { Seeds = [9, 0], LearningRates = [7, 0.1], BatchSizes = [1, 16], Momenta = [0.3, 0] }).Over(Small.Data);
        Check.True(among.Cells.Any(cell => cell.Hash == one.Hash), "the cell is found again in a larger grid");
        Check.True(one.Spec.Stacked, "a perceptron is stacked where that is faster");
        Check.True(!(Grid with { Stacking = Stacking.Never }).Over(Small.Data).Cells[0].Spec.Stacked, "or never");
    }

    private static void Refuses()
    {
        Check.Throws<ArgumentException>(() => (Grid with { Seeds = [] }).Over(Small.Data), "Seeds", "empty");
        Check.Throws<ArgumentOutOfRangeException>(() => (Grid with { Evaluations = 0 }).Over(Small.Data), "Evaluations");
        Check.Throws<ArgumentOutOfRangeException>(() => (Grid with { TrainEvaluationSize = 0 }).Over(Small.Data), "TrainEvaluationSize");
        Check.Throws<ArgumentException>(() => (Grid with { Device = "tpu" }).Over(Small.Data), "tpu");
        Check.Sequence([0.25, 0.5, 0.75], (Grid with { Evaluations = 4 }).Over(Small.Data).Cells[0].Spec.EvaluationEpochs);
    }
}
