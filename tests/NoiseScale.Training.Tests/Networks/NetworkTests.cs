using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests.Networks;

internal static class NetworkTests
{
    private static readonly ImageShape Grey = new(1, 28, 28);

    public static Test All => TestList("networks",
    [
        TestCase("the perceptron is its formula", () =>
        {
            var network = new MultilayerPerceptron(new ImageShape(1, 2, 2), 3, 5);
            using var scope = torch.NewDisposeScope();
            var p = Samples.Perturbed(network, 1);
            var images = Samples.Images(network, 4, 2);
            var hidden = images.view(4, 4).matmul(p[0].t()).add(p[1]).clamp_min(0);
            Check.Close(hidden.matmul(p[2].t()).add(p[3]), network.Apply(p, images), 1e-14);
            Check.Equal("mlp-4-5-3", network.Name);
        }),
        TestCase("the convolutional network is its formula, window by window", () =>
        {
            // windows written out with unfold, which shares no code with the convolution
            var network = new ConvolutionalNetwork(new ImageShape(2, 7, 6), 3, 2, 3);
            using var scope = torch.NewDisposeScope();
            var p = Samples.Perturbed(network, 1);
            var images = Samples.Images(network, 4, 2);
            Tensor Convolved(Tensor x, Tensor weight, Tensor bias, int window, int height, int width)
            {
                var columns = torch.nn.functional.unfold(x, (window, window), (1, 1), (window / 2, window / 2), (2, 2));
                return weight.flatten(1).matmul(columns).add(bias.view(-1, 1)).clamp_min(0).view(x.shape[0], -1, height, width);
            }

            var second = Convolved(Convolved(images, p[0], p[1], 5, 4, 3), p[2], p[3], 3, 2, 2);
            Check.Close(second.flatten(1).matmul(p[4].t()).add(p[5]), network.Apply(p, images), 1e-13);
        }),
        TestCase("parameters are counted as by hand", () =>
        {
            Check.Equal((784L * 800) + 800 + (800 * 10) + 10, new MultilayerPerceptron(Grey, 10, 800).ParameterCount);
            Check.Equal(7850L, new MultilayerPerceptron(Grey, 10).ParameterCount);
            Check.Equal(20_746L, new ConvolutionalNetwork(Grey, 10).ParameterCount);
        }),
        TestCase("parameters start as leaves with the stated moments, the same for the same seed", () =>
        {
            var network = new MultilayerPerceptron(Grey, 10, 800);
            using var scope = torch.NewDisposeScope();
            var (one, again, other) = (network.Initialise(1), network.Initialise(1), network.Initialise(2));
            Check.True(one.All(parameter => parameter.is_leaf && parameter.requires_grad));
            Check.Equal(0, scope.DisposablesCount);
            for (var i = 0; i < one.Length; i++)
                Check.Close(one[i], again[i], 0);

            Check.True((one[0] - other[0]).abs().max().item<float>() > 0.01);

            // n = 627 200 and 8 000: the sample deviation of a normal has relative standard error 1/√(2n); four of them
            Check.Close(Math.Sqrt(2.0 / 784), one[0].std().item<float>(), Math.Sqrt(2.0 / 784) * 0.0036);
            Check.Close(Math.Sqrt(1.0 / 800), one[2].std().item<float>(), Math.Sqrt(1.0 / 800) * 0.032);
            Check.Close(0, one[0].mean().item<float>(), 4 * Math.Sqrt(2.0 / 784 / 627_200));
            Check.Close(0, one[1].abs().max().item<float>(), 0);
            var precise = network.Initialise(1, elementType: torch.ScalarType.Float64);
            Check.Close(one[0].to(torch.ScalarType.Float64), precise[0], 0);
            foreach (var parameter in one.Concat(again).Concat(other).Concat(precise))
                parameter.Dispose();
        }),
        TestCase("He's start keeps the size of activations through deep networks", () =>
        {
            // the logits of variance 1/fan-in weights see activations of second moment 2·(1/2) = 1: variance 1, ± 4 standard errors
            var network = new MultilayerPerceptron(new ImageShape(1, 10, 10), 100, [400, 400, 400, 400, 400, 400]);
            using var scope = torch.NewDisposeScope();
            var parameters = network.Initialise(3);
            Check.Close(1, network.Apply(parameters, Samples.Images(network, 64, 4, torch.ScalarType.Float32)).square().mean().item<float>(), 0.6);
            foreach (var parameter in parameters)
                parameter.Dispose();
        }),
        TestCase("without normalisation evaluation is the same function, and needs no statistics", () =>
        {
            foreach (var (network, count) in Samples.Tiny.Take(4))
            {
                using var scope = torch.NewDisposeScope();
                var parameters = Samples.Perturbed(network, 1);
                var images = Samples.Images(network, count, 2);
                var statistics = network.Calibrate(parameters, []);
                Check.Equal(0, statistics.Means.Count);
                Check.Close(network.Apply(parameters, images), network.Evaluate(parameters, statistics, images), 0);
            }
        }),
        TestCase("a forward pass leaves only the logits, and can be differentiated after its scope", () =>
        {
            foreach (var (network, count) in Samples.Tiny)
            {
                var parameters = Samples.Perturbed(network, 1);
                var live = Data.ImageDataSetTests.LiveTensors();
                using (var scope = torch.NewDisposeScope())
                {
                    var images = Samples.Images(network, count, 2);
                    var logits = network.Apply(parameters, images);
                    Check.Equal(2, scope.DisposablesCount);
                    Check.Sequence([count, network.ClassCount], logits.shape.Select(length => (int)length));
                    DiffSharp.Gradient.Of(logits.square().sum(), parameters);
                }

                Check.Equal(live, Data.ImageDataSetTests.LiveTensors());
                Array.ForEach(parameters, parameter => parameter.Dispose());
            }
        }),
        TestCase("tensors of another shape, type or number are refused before libtorch sees them", () =>
        {
            var network = new MultilayerPerceptron(new ImageShape(1, 2, 2), 3, 5);
            using var scope = torch.NewDisposeScope();
            var p = Samples.Perturbed(network, 1);
            var images = Samples.Images(network, 4, 2);
            Check.Throws<ArgumentException>(() => network.Apply(p, images.view(4, 4)), "images", "[4, 4]", "[k, 1, 2, 2]");
            Check.Throws<ArgumentException>(() => network.Apply(p, images.narrow(0, 0, 0)), "[0, 1, 2, 2]");
            Check.Throws<ArgumentException>(() => network.Apply(p, images.to(torch.ScalarType.Int64)), "Int64");
            Check.Throws<ArgumentException>(() => network.Apply(p, images.to(torch.ScalarType.Float32)), "parameter 0", "Float64", "Float32");
            Check.Throws<ArgumentException>(() => network.Apply(p[..3], images), "3 parameters", "has 4");
            Check.Throws<ArgumentException>(() => network.Apply([p[0], p[2], p[1], p[3]], images), "parameter 1", "[3, 5]", "hidden1.bias [5]");
            Check.Throws<ArgumentException>(() => network.Apply([p[0], p[1], null!, p[3]], images), "parameter 2 is null", "logits.weight [3, 5]");
            Check.Throws<ArgumentNullException>(() => network.Apply(null!, images), "parameters");
        }),
        TestCase("networks that cannot be are refused by name", () =>
        {
            Check.Throws<ArgumentOutOfRangeException>(() => new MultilayerPerceptron(Grey, 1, 5), "classCount");
            Check.Throws<ArgumentOutOfRangeException>(() => new MultilayerPerceptron(Grey, 10, 5, 0), "hidden layer 2");
            Check.Throws<ArgumentOutOfRangeException>(() => new MultilayerPerceptron(new ImageShape(1, 0, 28), 10), "input");
            Check.Throws<ArgumentOutOfRangeException>(() => new ConvolutionalNetwork(Grey, 10, 0), "firstChannels");
            Check.Throws<ArgumentOutOfRangeException>(() => new ConvolutionalNetwork(Grey, 10, 1, 0), "secondChannels");
            Check.Throws<ArgumentOutOfRangeException>(() => new WideResNet(Grey, 10, 12, 1, Samples.SkipInit), "depth", "6n + 4");
            Check.Throws<ArgumentOutOfRangeException>(() => new WideResNet(Grey, 10, 4, 1, Samples.SkipInit), "depth");
            Check.Throws<ArgumentOutOfRangeException>(() => new WideResNet(Grey, 10, 10, 0, Samples.SkipInit), "widening");
            Check.Throws<ArgumentOutOfRangeException>(() => new WideResNet(Grey, 10, 10, 1, Samples.Ghost(0)), "normalisation");
            Check.Throws<ArgumentNullException>(() => new WideResNet(Grey, 10, 10, 1, null!), "normalisation");
        }),
    ]);
}
