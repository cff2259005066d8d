using NoiseScale.Torch;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests.Measurements;

/// <summary>The monitor of the gradient noise on the embedded digits, against the value over all of them.</summary>
internal static class GradientNoiseTests
{
    private const int Examples = 600;

    public static Test All => TestList("measured gradient noise",
    [
        TestCase("on the digits, at fixed parameters: the interval holds tr Σ/‖∇C‖² of the whole training set", HoldsTheFullDataValue),
        TestCase("on the digits, while it trains: the interval meets the mean of the full-data values", MeetsTheMeanWhileTraining),
    ]);

    // tr Σ (denominator N − 1) and ‖∇C‖² over all examples, one gradient each
    private static GradientNoiseMeasurement FullData(Network network, Tensor[] parameters, ImageSet images)
    {
        var whole = ModifiedLossMeasurement.Of(network, parameters, images, 1, exactVariance: true);
        return new GradientNoiseMeasurement(whole.GradientVariance!.Value * Examples / (Examples - 1), whole.SquaredGradientNorm);
    }

    private static Func<Tensor, Tensor, Tensor> Loss(Network network, Tensor[] parameters) =>
        (images, labels) => torch.nn.functional.cross_entropy(network.Apply(parameters, images), labels);

    private static void HoldsTheFullDataValue()
    {
        using var data = SyntheticDigits.Generate(new SyntheticDigitsSettings { TrainCount = Examples, TestCount = 10 });
        Network[] networks = [new MultilayerPerceptron(data.Train.Shape, data.ClassCount, 30), new ConvolutionalNetwork(data.Train.Shape, data.ClassCount, 4, 8)];
        foreach (var network in networks)
        {
            using var scope = torch.NewDisposeScope();
            var parameters = network.Initialise(3);
            var exact = FullData(network, parameters, data.Train);
            var truth = exact.TraceOfCovariance / exact.SquaredGradientNorm;
            foreach (var (batch, microBatches) in new[] { (60, 4), (150, 7) })
            {
                var monitor = new GradientNoiseMonitor(
                    parameters, new GradientNoiseOptions { Every = 1, MicroBatches = microBatches, Window = 100, TrainingSetSize = Examples });
                var order = new long[Examples];
                for (var update = 0; update < 100; update++)
                {
                    using var inner = torch.NewDisposeScope();
                    DataOrder.FillEpoch(8, update, order);
                    var (images, labels) = data.Train.Select(torch.tensor(order[..batch]));
                    monitor.Backward(images, labels, Loss(network, parameters));
                }

                var estimate = monitor.Estimate!;
                Check.True(estimate.Low < truth && truth < estimate.High, $"{network.Name}, B = {batch}: {estimate}, truth {truth}");
                Check.Close(exact.TraceOfCovariance, estimate.TraceOfCovariance, 0.05 * exact.TraceOfCovariance);
                Check.True(estimate.High / estimate.Low < 1.5, $"{network.Name}: the interval is narrow, {estimate}");
            }
        }
    }

    private static void MeetsTheMeanWhileTraining()
    {
        using var data = SyntheticDigits.Generate(new SyntheticDigitsSettings { TrainCount = Examples, TestCount = 10 });
        var network = new MultilayerPerceptron(data.Train.Shape, data.ClassCount, 30);
        using var scope = torch.NewDisposeScope();
        var parameters = network.Initialise(3);
        var monitor = new GradientNoiseMonitor(
            parameters, new GradientNoiseOptions { Every = 10, MicroBatches = 4, Window = 12, TrainingSetSize = Examples });
        var order = new long[Examples];
        List<GradientNoiseMeasurement> exact = [];
        using var rate = 0.02.ToScalar();
        for (var update = 0; update < 120; update++)
        {
            using var inner = torch.NewDisposeScope();
            DataOrder.FillEpoch(9, update, order);
            var (images, labels) = data.Train.Select(torch.tensor(order[..64]));
            monitor.Backward(images, labels, Loss(network, parameters));
            if (monitor.MeasuredLastUpdate)
                exact.Add(FullData(network, parameters, data.Train));

            using var noGrad = torch.no_grad();
            foreach (var parameter in parameters)
            {
                parameter.sub_(parameter.grad!.mul(rate));
                parameter.grad = null;
            }
        }

        // separately averaged, as the monitor does
        var truth = exact.Average(one => one.TraceOfCovariance) / exact.Average(one => one.SquaredGradientNorm);
        var estimate = monitor.Estimate!;
        var trace = exact.Average(one => one.TraceOfCovariance);
        Check.Equal(12, estimate.Measurements);
        Check.True(estimate.Low < truth && truth < estimate.High, $"{estimate}, truth {truth}");
        Check.Close(trace, estimate.TraceOfCovariance, 0.1 * trace);
    }
}
