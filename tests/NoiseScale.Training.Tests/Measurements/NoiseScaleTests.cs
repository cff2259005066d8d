using DiffSharp;
using NoiseScale.Training.Tests.Running;

namespace NoiseScale.Training.Tests.Measurements;

/// <summary>The noise scales of a network at a point, against sums over all examples and differences of gradients.</summary>
internal static class NoiseScaleTests
{
    private const int N = Small.TrainCount;

    // many batches: what is compared are means, to four of their standard errors
    private static readonly NoiseScaleSettings Fine = new() { Batches = 300, MicroBatches = 4, MicroBatchSize = 8, Weighted = true };

    public static Test All => TestList("measured noise scales",
    [
        TestCase("tr Σ, ‖G‖², tr(HΣ) and GᵀHG against all examples and central differences", AgainstAllExamples),
        TestCase("the same seed gives the same numbers, and nothing is left behind", IsAFunctionOfTheSeed),
        TestCase("refused: fewer than two batches or micro-batches, or more examples than there are", Refuses),
    ]);

    private static double[] GradientAt(Tensor[] parameters, double[]? direction, double step, long[] examples)
    {
        using var scope = torch.NewDisposeScope();
        Tensor[] moved = [.. parameters.Select(parameter => parameter.detach().clone())];
        var offset = 0;
        foreach (var parameter in moved)
        {
            if (direction is not null)
            {
                using var noGrad = torch.no_grad();
                var count = (int)parameter.numel();
                var part = torch.tensor(direction.AsSpan(offset, count).ToArray().Select(x => x * step).ToArray()).reshape(parameter.shape);
                parameter.copy_(parameter + part);
                offset += count;
            }

            parameter.requires_grad = true;
        }

        var (images, labels) = Small.Data.Train.Select(torch.tensor(examples));
        var loss = torch.nn.functional.cross_entropy(Small.Network.Apply(moved, images.to(torch.ScalarType.Float64)), labels);
        return Small.Values(Gradient.Of(loss, moved));
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static void AgainstAllExamples()
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Small.Network.Initialise(1, elementType: torch.ScalarType.Float64);
        long[] all = [.. Enumerable.Range(0, N).Select(i => (long)i)];
        var mean = GradientAt(parameters, null, 0, all);
        var centred = all.Select(i => GradientAt(parameters, null, 0, [i]).Zip(mean, (x, y) => x - y).ToArray()).ToList();
        double Curvature(double[] v)
        {
            var h = 1e-4 / Math.Sqrt(Dot(v, v));
            return Dot(v, [.. GradientAt(parameters, v, h, all).Zip(GradientAt(parameters, v, -h, all), (x, y) => (x - y) / (2 * h))]);
        }

        var measured = NoiseScaleMeasurement.Of(Small.Network, parameters, Small.Data.Train, Fine, seed: 4);
        Within(centred.Sum(g => Dot(g, g)) / (N - 1), measured.Simple.TraceOfCovariance, measured.Simple.TraceStandardError);
        Within(Dot(mean, mean), measured.Simple.SquaredGradientNorm, measured.Simple.NormStandardError);
        var weighted = measured.Weighted ?? throw new InvalidOperationException("the curvature along the gradients of this network is positive");
        var curvature = Curvature(mean);
        Within(centred.Sum(Curvature) / (N - 1), weighted.TraceOfCovariance, weighted.TraceStandardError);
        Within(curvature, weighted.SquaredGradientNorm, weighted.NormStandardError);
        Check.Close(Dot(mean, mean) / curvature, measured.LargestLearningRate!.Value, 0.2 * Dot(mean, mean) / curvature);
        var loss = torch.nn.functional.cross_entropy(Small.Network.Apply(parameters, Small.Data.Train.Images.to(torch.ScalarType.Float64)), Small.Data.Train.Labels);
        Check.Close(loss.item<double>(), measured.Loss, 0.03 * loss.item<double>());
    }

    private static void Within(double expected, double found, double error)
    {
        Check.Close(expected, found, 4 * error);
        Check.True(error < 0.1 * Math.Abs(expected), $"the test can see 40 %: {error} of {expected}");
    }

    private static void IsAFunctionOfTheSeed()
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Small.Network.Initialise(2);
        var settings = new NoiseScaleSettings { Batches = 3, MicroBatchSize = 4, Weighted = true };
        NoiseScaleMeasurement Measure(long seed) => NoiseScaleMeasurement.Of(Small.Network, parameters, Small.Data.Train, settings, seed);
        var first = Measure(1);
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Check.Equal(first, Measure(1));
        Check.True(first != Measure(2));
        Check.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Check.Equal(null, NoiseScaleMeasurement.Of(Small.Network, parameters, Small.Data.Train, settings with { Weighted = false }, 1).Weighted);
    }

    private static void Refuses()
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Small.Network.Initialise(2);
        foreach (var wrong in new NoiseScaleSettings[] { new() { Batches = 1 }, new() { MicroBatches = 1 }, new() { MicroBatchSize = 0 }, new() { HessianExamples = 0 }, new() { MicroBatchSize = N } })
        {
            try
            {
                NoiseScaleMeasurement.Of(Small.Network, parameters, Small.Data.Train, wrong);
            }
            catch (ArgumentException)
            {
                continue;
            }

            throw new Expecto.AssertException($"{wrong} was not refused");
        }
    }
}
