using DiffSharp;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Tests.Running;

namespace NoiseScale.Training.Tests.Measurements;

internal static class ModifiedLossTests
{
    public static Test All => TestList("measured modified loss",
    [
        TestCase("against direct sums over minibatches and examples", AgainstDirectSums),
        TestCase("the mean of C_reg over choices of minibatches is what Γ says", MeanOverChoices),
        TestCase("the estimate of Γ is unbiased", EstimateIsUnbiased),
        TestCase("the parts where B is 1 and where B is N", Extremes),
        TestCase("a run measures at its end, or at every evaluation", InRuns),
        TestCase("refused: a batch size out of range, and single examples of a batch-normalised network", Refuses),
    ]);

    private static Tensor[] Parameters(long seed) => Small.Network.Initialise(seed, elementType: torch.ScalarType.Float64);

    private static double[] GradientOf(Tensor[] parameters, long[] examples)
    {
        using var scope = torch.NewDisposeScope();
        var (images, labels) = Small.Data.Train.Select(torch.tensor(examples));
        var loss = torch.nn.functional.cross_entropy(Small.Network.Apply(parameters, images.to(torch.ScalarType.Float64)), labels);
        return Small.Values(Gradient.Of(loss, parameters));
    }

    private static double Square(IEnumerable<double> vector) => vector.Sum(x => x * x);

    private static double Distance(double[] a, double[] b) => Square(a.Zip(b, (x, y) => x - y));

    private static void AgainstDirectSums()
    {
        var parameters = Parameters(1);
        var order = new long[Small.TrainCount];
        DataOrder.FillEpoch(5, 0, order);
        var whole = GradientOf(parameters, order);
        var singles = order.Select(i => GradientOf(parameters, [i])).ToList();
        var variance = singles.Average(g => Distance(g, whole));
        const int n = Small.TrainCount;
        foreach (var b in new[] { 4, 16, 36 }) // 36 leaves 24 over
        {
            var batches = order.Chunk(b).Where(chunk => chunk.Length == b).Select(chunk => GradientOf(parameters, chunk)).ToList();
            var estimated = ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, b, seed: 5);
            var exact = ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, b, exactVariance: true, seed: 5);
            Check.Equal(n / b, estimated.Minibatches);
            Check.Close(Square(whole), estimated.SquaredGradientNorm, 1e-12);
            Check.Close(batches.Average(g => Square(g)) / 4, estimated.MinibatchRegulariser, 1e-12);
            Check.Close((double)b * (n - 1) / (n - b) * batches.Average(g => Distance(g, whole)), estimated.GradientVariance!.Value, 1e-10);
            Check.Close(variance, exact.GradientVariance!.Value, 1e-10);
            Check.True(estimated.GradientVarianceIsEstimated && !exact.GradientVarianceIsEstimated, "each says which it is");
            Check.Equal(exact.Loss + (0.5 * exact.MinibatchRegulariser), exact.ModifiedLoss(0.5));
        }

        using var scope = torch.NewDisposeScope();
        var loss = torch.nn.functional.cross_entropy(
            Small.Network.Apply(parameters, Small.Data.Train.Images.to(torch.ScalarType.Float64)), Small.Data.Train.Labels).item<double>();
        Check.Close(loss, ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, 36).Loss, 1e-12);
        Array.ForEach(parameters, tensor => tensor.Dispose());
    }

    // P6 Eq. 21 and 22: 200 shuffles of 6 minibatches leave a standard error that is measured, and four of them are allowed
    private static void MeanOverChoices()
    {
        var parameters = Parameters(2);
        var measured = Enumerable.Range(0, 200).Select(seed => ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, 16, seed: seed)).ToList();
        var expected = ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, 16, exactVariance: true).ExpectedRegulariser!.Value;
        var values = measured.ConvertAll(m => m.MinibatchRegulariser);
        Check.Close(expected, values.Average(), 4 * StandardError(values));
        Check.True(StandardError(values) < 0.02 * expected, "the test can see 10 %");
        Array.ForEach(parameters, tensor => tensor.Dispose());
    }

    private static void EstimateIsUnbiased()
    {
        var parameters = Parameters(3);
        var values = Enumerable.Range(0, 200)
            .Select(seed => ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, 16, seed: seed).GradientVariance!.Value).ToList();
        var exact = ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, 16, exactVariance: true).GradientVariance!.Value;
        Check.Close(exact, values.Average(), 4 * StandardError(values));
        Check.True(StandardError(values) < 0.02 * exact, "the test can see 10 %");
        Array.ForEach(parameters, tensor => tensor.Dispose());
    }

    private static double StandardError(List<double> values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count);
    }

    private static void Extremes()
    {
        var parameters = Parameters(4);
        var single = ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, 1);
        var exact = ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, 8, exactVariance: true);
        Check.Close(exact.GradientVariance!.Value, single.GradientVariance!.Value, 1e-10);
        var whole = ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, Small.TrainCount);
        Check.Equal(null, whole.GradientVariance);
        Check.Equal(null, whole.ExpectedRegulariser);
        Check.Close(whole.SquaredGradientNorm / 4, whole.MinibatchRegulariser, 1e-12);
        Array.ForEach(parameters, tensor => tensor.Dispose());
    }

    private static void InRuns()
    {
        var plan = Small.Everything.Plan();
        var settings = new TrainingSettings { EvaluationEpochs = [0, 2], ModifiedLoss = new ModifiedLossSettings { BatchSize = 16 } };
        using var atEnd = Trainer.Train(plan, Small.Network, Small.Data, settings);
        Check.Sequence([false, false, true], atEnd.Records.Select(record => record.ModifiedLoss is not null));
        Check.Equal(ModifiedLossMeasurement.Of(Small.Network, atEnd.Parameters, Small.Data.Train, 16), atEnd.Records[^1].ModifiedLoss);
        Check.Close(atEnd.Records[^1].TrainLoss, atEnd.Records[^1].ModifiedLoss!.Loss, 1e-6);
        using var along = Trainer.Train(plan, Small.Network, Small.Data, settings with { ModifiedLoss = new ModifiedLossSettings { Along = true } });
        Check.Sequence([48, 48, 48], along.Records.Select(record => record.ModifiedLoss!.BatchSize));
    }

    private static void Refuses()
    {
        var parameters = Parameters(5);
        Check.Throws<ArgumentOutOfRangeException>(() => ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, 0), "batchSize");
        Check.Throws<ArgumentOutOfRangeException>(() => ModifiedLossMeasurement.Of(Small.Network, parameters, Small.Data.Train, 97), "batchSize");
        Array.ForEach(parameters, tensor => tensor.Dispose());
        var ghosts = new WideResNet(Small.Network.Input, 10, 10, 1, new ResidualNormalisation.GhostBatchNorm(16));
        var theirs = ghosts.Initialise(0);
        Check.Throws<ArgumentException>(() => ModifiedLossMeasurement.Of(ghosts, theirs, Small.Data.Train, 16, exactVariance: true), "normalises", "exactVariance");
        Array.ForEach(theirs, tensor => tensor.Dispose());
    }
}
