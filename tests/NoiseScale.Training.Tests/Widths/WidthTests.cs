using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Tests.Networks;
using NoiseScale.Training.Tests.Running;
using NoiseScale.Training.Widths;

namespace NoiseScale.Training.Tests.Widening;

internal static class WidthTests
{
    private static readonly ImageShape Image = new(1, 6, 5);

    public static Test All => TestList("widths",
    [
        TestCase("one step at ε on θ is one at s²ε on W = s·θ, for every family and parameterisation", () =>
        {
            foreach (var (network, count) in Samples.Tiny.Where(sample => sample.Network.ParameterShapes.Any(shape => shape.Role == LayerRole.Output)))
            {
                foreach (var parameterisation in (Parameterisation[])[Parameterisation.Ntk, Parameterisation.MuP])
                    SameStep((ParameterisedNetwork)ParameterisedNetwork.Of(network, parameterisation, 3), count);
            }
        }),
        TestCase("weights start as the parameterisation says: NTK as Standard, the maximal update with a smaller last layer", () =>
        {
            var standard = new MultilayerPerceptron(Image, 3, 7, 7);
            double[] Deviations(Network network) => network is ParameterisedNetwork p
                ? [.. p.ParameterShapes.Zip(p.Factors, (shape, factor) => shape.InitialDeviation * factor)]
                : [.. network.ParameterShapes.Select(shape => shape.InitialDeviation)];
            var expected = Deviations(standard);
            var ntk = Deviations(ParameterisedNetwork.Of(standard, Parameterisation.Ntk));
            var maximal = Deviations(ParameterisedNetwork.Of(standard, Parameterisation.MuP, 4));
            var atBase = Deviations(ParameterisedNetwork.Of(standard, Parameterisation.MuP, 1));
            for (var i = 0; i < expected.Length; i++)
            {
                Check.Close(expected[i], ntk[i], 1e-15);
                Check.Close(expected[i], atBase[i], 1e-15);
                Check.Close(expected[i] / (standard.ParameterShapes[i].Role == LayerRole.Output ? 2 : 1), maximal[i], 1e-15);
            }

            Check.True(ReferenceEquals(ParameterisedNetwork.Of(standard, Parameterisation.Standard), standard));
        }),
        TestCase("outputs and their first changes grow with the width as the theory says", () =>
        {
            // exponents at widths 128 to 1024 of 30 inputs; what is left of smaller powers and the spread over seeds is below 0.3
            using var data = Inputs();
            foreach (var parameterisation in Enum.GetValues<Parameterisation>())
            {
                var report = CoordinateCheck.Run(new WidthFamily.Perceptron(2), parameterisation, data, [128, 256, 512, 1024], [1, 2, 3, 4, 5, 6]);
                Check.Sequence(["hidden1", "hidden2", "logits"], report.Layers.Select(layer => layer.Layer));
                foreach (var layer in report.Layers)
                {
                    Check.Close(layer.ExpectedActivation, layer.Activation.Mean, 0.3, $"{parameterisation} {layer.Layer}, activation");
                    Check.Close(layer.ExpectedUpdate, layer.Update.Mean, 0.3, $"{parameterisation} {layer.Layer}, update");
                }
            }
        }),
        TestCase("under the maximal update Adam's best learning rate stays as a network grows from 32 to 512; under Standard it falls by a factor of 4 or more", () =>
        {
            // 40 updates of 3 hidden layers, training losses' geometric means over 3 seeds
            using var digits = SyntheticDigits.Generate(new SyntheticDigitsSettings { TrainCount = 512, TestCount = 1 });
            using var data = digits.Pooled(4);
            int Moved(Parameterisation parameterisation) => BestLogRate(data, parameterisation, 512) - BestLogRate(data, parameterisation, 32);
            var (standard, maximal) = (Moved(Parameterisation.Standard), Moved(Parameterisation.MuP));
            Check.True(standard <= -2, $"Standard's moves by 2^{standard}");
            Check.True(Math.Abs(maximal) <= 1, $"the maximal update's moves by 2^{maximal}");
        }),
        TestCase("the edge of stability is where a loop written by hand finds it", () =>
        {
            // full batches: nothing is drawn but the start
            const int updates = 64;
            var network = new MultilayerPerceptron(Small.Data.Train.Shape, 10, 6);
            var spec = new RunSpec
            {
                Data = DataSpec.Of(Small.Data),
                Network = network,
                Schedule = Schedule.Constant(0.1, Small.TrainCount, new Epochs(updates), Small.TrainCount, 0.5),
            };
            var edges = LargestLearningRate.Find(spec, Small.Data, [3, 5], 0.01, 100, rounds: 6);
            Check.Sequence([3L, 5L], edges.Select(edge => edge.Seed));
            foreach (var (seed, stable, unstable) in edges)
            {
                Check.Close(Math.Pow(1e4, 1.0 / 64), unstable / stable, 1e-9);
                Check.True(IsStable(network, seed, stable, 0.5, updates), $"seed {seed} is stable at {stable}");
                Check.True(!IsStable(network, seed, unstable, 0.5, updates), $"seed {seed} is unstable at {unstable}");
            }

            var outside = LargestLearningRate.Find(spec, Small.Data, [3], 1e-5, 1e-4, rounds: 3)[0];
            Check.True(outside.Stable == 1e-4 && double.IsPositiveInfinity(outside.Unstable) && double.IsNaN(outside.LearningRate), $"{outside}");
            var below = LargestLearningRate.Find(spec, Small.Data, [3], 1e3, 1e4, rounds: 3)[0];
            Check.True(below.Stable == 0 && double.IsNaN(below.LearningRate), $"{below}");
        }),
        TestCase("an exponent is that of a power law, its interval that of the seeds", () =>
        {
            int[] widths = [8, 32, 64];
            double[] Law(double level, double p) => [.. widths.Select(width => level * Math.Pow(width, p))];
            var exact = PowerOfWidth.Exponent(widths, [Law(3, -0.75), Law(0.1, -0.75)]);
            Check.Close(-0.75, exact.Mean, 1e-12);
            Check.Close(0, exact.HalfWidth, 1e-12);

            // Student's t of two values: ± 12.7062 times half their distance
            var apart = PowerOfWidth.Exponent(widths, [Law(1, 0.9), Law(1, 1.1)]);
            Check.Close(1, apart.Mean, 1e-12);
            Check.Close(12.7062 * 0.1, apart.HalfWidth, 1e-4);
            Check.Throws<ArgumentException>(() => PowerOfWidth.Exponent([8, 8], [[1, 1], [1, 1]]), "2 different widths");
            Check.Throws<ArgumentException>(() => PowerOfWidth.Exponent([8, 16], [[1, 2], [1, 0]]), "positive, finite");
            Check.Throws<ArgumentException>(() => PowerOfWidth.Exponent([8, 16], [[1, 2], [1]]), "a positive, finite value for every width");
        }),
        TestCase("what cannot be is refused by name", () =>
        {
            var network = new MultilayerPerceptron(Image, 3, 7);
            var parameterised = ParameterisedNetwork.Of(network, Parameterisation.Ntk);
            Check.Throws<ArgumentException>(() => ParameterisedNetwork.Of(parameterised, Parameterisation.MuP), "has a parameterisation already");
            Check.Throws<ArgumentOutOfRangeException>(() => ParameterisedNetwork.Of(network, Parameterisation.MuP, 0), "base width");
            Check.Throws<ArgumentException>(() => WidthFamily.DeviationOf(new MultilayerPerceptron(Image, 3)), "no hidden layer");
            Check.Throws<ArgumentOutOfRangeException>(() => new WidthFamily.Perceptron(0), "at least 1 hidden layer");
            Check.Throws<ArgumentException>(
                () => CoordinateCheck.Run(new WidthFamily.Perceptron(1), Parameterisation.Ntk, Small.Data, [8, 16], [1, 2]), "at least 3");
            Check.Throws<InvalidOperationException>(
                () => CoordinateCheck.Run(new WidthFamily.Perceptron(1), Parameterisation.Ntk, Small.Data, [8, 16, 32], [1, 2], learningRate: 1e-300), "width 8, seed 1", "no exponent");
        }),
    ]);

    private static ImageDataSet Inputs()
    {
        using var generator = new torch.Generator(5, torch.CPU);
        ImageSet Set(int count) => new(
            torch.randn([count, 1, 6, 5], generator: generator), torch.arange(count, torch.ScalarType.Int64).remainder(3));
        return new ImageDataSet("noise", Set(32), Set(8), 3, new Normalisation([0], [1]), "noise");
    }

    // log₂ of the learning rate of least training loss after 40 updates of Adam
    private static int BestLogRate(ImageDataSet data, Parameterisation parameterisation, int width)
    {
        const int batch = 64;
        var network = new WidthFamily.Perceptron(3).At(data.Train.Shape, data.ClassCount, width, parameterisation, RateFamily.Adam);
        double LogLossAt(int log, long seed)
        {
            var epochs = new Epochs(40.0 * batch / data.Train.Count);
            var schedule = Schedule.Constant(Math.Pow(2, log), batch, epochs, data.Train.Count).WithOptimizer(NoiseScale.Optimizers.Adam());
            using var outcome = Trainer.Train(schedule.Plan(), network, data, new TrainingSettings { Seed = seed });
            return outcome.Divergence is null ? Math.Log(outcome.Records[^1].TrainLoss) : double.PositiveInfinity;
        }

        int[] seeds = [1, 2, 3];
        return Enumerable.Range(-11, 8).MinBy(log => seeds.Average(seed => LogLossAt(log, seed)));
    }

    private static bool IsStable(Network network, long seed, double rate, double momentum, int updates)
    {
        using var scope = torch.NewDisposeScope();
        var (images, labels) = (Small.Data.Train.Images, Small.Data.Train.Labels);
        var parameters = network.Initialise(seed);
        try
        {
            var leaves = parameters.Select(parameter => parameter.detach().clone().requires_grad_(true)).ToArray();
            var velocity = leaves.Select(parameter => torch.zeros_like(parameter)).ToArray();
            double Loss() => torch.nn.functional.cross_entropy(network.Apply(leaves, images), labels).item<float>();
            var start = Loss();
            for (var update = 1; update <= updates; update++)
            {
                var gradients = DiffSharp.Gradient.Of(torch.nn.functional.cross_entropy(network.Apply(leaves, images), labels), leaves);
                velocity = [.. velocity.Zip(gradients, (v, g) => (v * momentum) + g)];
                leaves = [.. leaves.Zip(velocity, (w, v) => (w.detach() - (v * rate)).requires_grad_(true))];
                if (update is 1 or 2 or 4 or 8 or 16 or 32 or 48 or 64 && !(Loss() <= start))
                    return false;
            }

            return true;
        }
        finally
        {
            Array.ForEach(parameters, parameter => parameter.Dispose());
        }
    }

    private static void SameStep(ParameterisedNetwork network, int count)
    {
        const double rate = 0.1;
        using var scope = torch.NewDisposeScope();
        var theta = Samples.Perturbed(network, 1);
        var images = Samples.Images(network, count, 2);
        var labels = Samples.Labels(network, count);
        Tensor[] Step(Network of, Tensor[] parameters, Func<int, double> rateOf)
        {
            var leaves = parameters.Select(parameter => parameter.detach().requires_grad_(true)).ToArray();
            var gradients = DiffSharp.Gradient.Of(torch.nn.functional.cross_entropy(of.Apply(leaves, images), labels), leaves);
            return [.. leaves.Select((parameter, i) => parameter.detach() - (gradients[i] * rateOf(i)))];
        }

        Check.Close(network.Inner.Apply(network.Weights(theta), images), network.Apply(theta, images), 1e-12);
        var (inTheta, inWeights) = (theta, network.Weights(theta));
        for (var step = 0; step < 3; step++)
        {
            inTheta = Step(network, inTheta, _ => rate);
            inWeights = Step(network.Inner, inWeights, i => rate * network.Factors[i] * network.Factors[i]);
        }

        foreach (var (expected, actual) in inWeights.Zip(network.Weights(inTheta)))
            Check.Close(expected, actual, 1e-9 * Math.Max(1, expected.abs().max().item<double>()));

        Array.ForEach(theta, parameter => parameter.Dispose());
    }
}
