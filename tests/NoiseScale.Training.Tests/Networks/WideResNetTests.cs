using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests.Networks;

internal static class WideResNetTests
{
    private static readonly ImageShape Colour = new(3, 32, 32);

    public static Test All => TestList("wide resnet",
    [
        TestCase("parameters are counted by closed form", () =>
        {
            foreach (var (depth, widening) in new[] { (10, 1), (16, 4), (10, 2), (22, 1), (28, 10) })
            {
                Check.Equal(WithSkipInit(3, 10, depth, widening), new WideResNet(Colour, 10, depth, widening, Samples.SkipInit).ParameterCount);
                Check.Equal(WithBatchNorm(3, 10, depth, widening), new WideResNet(Colour, 10, depth, widening, Samples.Ghost(128)).ParameterCount);
            }

            // the numbers usually quoted for batch norm: 2.7 and 36.5 million (Zagoruyko and Komodakis, Table 4)
            Check.Equal(2_748_890L, new WideResNet(Colour, 10, 16, 4, Samples.Ghost(128)).ParameterCount);
            Check.Equal(36_479_194L, new WideResNet(Colour, 10, 28, 10, Samples.Ghost(128)).ParameterCount);
        }),
        TestCase("depth counts the convolutions, those of the shortcuts included", () =>
        {
            foreach (var depth in new[] { 10, 16, 28 })
            {
                var shapes = new WideResNet(Colour, 10, depth, 2, Samples.SkipInit).ParameterShapes;
                Check.Equal(depth, shapes.Count(shape => shape.Shape.Count == 4));
            }
        }),
        TestCase("with SkipInit every branch starts silent: logits do not depend on it", () =>
        {
            var network = new WideResNet(new ImageShape(2, 8, 8), 3, 16, 2, Samples.SkipInit);
            using var scope = torch.NewDisposeScope();
            var parameters = network.Initialise(1, elementType: torch.ScalarType.Float64);
            var images = Samples.Images(network, 2, 2);
            using var noGrad = torch.no_grad();
            var start = network.Apply(parameters, images);
            Check.True(start.abs().max().item<double>() > 0.01);
            Perturb(name => name.Contains(".convolution", StringComparison.Ordinal));
            Check.Close(start, network.Apply(parameters, images), 0);
            Perturb(name => name.EndsWith(".gain", StringComparison.Ordinal));
            Check.True((start - network.Apply(parameters, images)).abs().max().item<double>() > 0.01);

            void Perturb(Func<string, bool> chosen)
            {
                for (var i = 0; i < parameters.Length; i++)
                {
                    if (chosen(network.ParameterShapes[i].Name))
                        parameters[i].add_(0.1);
                }
            }
        }),
        TestCase("at the start the network is stem, shortcuts, mean and dense layer", () =>
        {
            // widening 2, one block a group: three shortcuts, each a 1 × 1 convolution written as a matrix product
            var network = new WideResNet(new ImageShape(1, 6, 5), 3, 10, 2, Samples.SkipInit);
            using var scope = torch.NewDisposeScope();
            var parameters = network.Initialise(5, elementType: torch.ScalarType.Float64);
            var images = Samples.Images(network, 2, 6);
            Tensor Named(string name) => parameters[network.ParameterShapes.ToList().FindIndex(shape => shape.Name == name)];
            var x = torch.nn.functional.conv2d(images, Named("stem.weight"), padding: [1, 1]);
            for (var group = 1; group <= 3; group++)
            {
                x = torch.einsum("oi,bihw->bohw", Named($"group{group}.block1.shortcut.weight").flatten(1), x.clamp_min(0));
                if (group > 1)
                    x = x.index([torch.TensorIndex.Colon, torch.TensorIndex.Colon, EverySecond, EverySecond]);
            }

            var expected = x.clamp_min(0).mean([2, 3]).matmul(Named("logits.weight").t());
            Check.Close(expected, network.Apply(parameters, images), 1e-12);
        }),
        TestCase("parameters have names of their own and the names say where they are", () =>
        {
            var network = new WideResNet(Colour, 10, 16, 4, Samples.Ghost(32));
            Check.Equal("wrn-16-4-ghost32", network.Name);
            ParameterShape Named(string name) => network.ParameterShapes.Single(shape => shape.Name == name);
            Check.Equal("group2.block1.shortcut.weight [128, 64, 1, 1]", Named("group2.block1.shortcut.weight").ToString());
            Check.Equal(64L * 9, Named("group1.block2.convolution1.weight").FanIn);
            Check.Equal("wrn-10-1-skipinit", new WideResNet(Colour, 10, 10, 1, Samples.SkipInit).Name);
        }),
    ]);

    private static readonly torch.TensorIndex EverySecond = torch.TensorIndex.Slice(null, null, 2);

    // 3 × 3 from c to d channels: 9cd. Group g has width w = 16k·2^(g−1), first block from c to w, then n − 1 from w to w.
    private static long WithSkipInit(int channels, int classes, int depth, int widening)
    {
        long n = (depth - 4) / 6, c = 16, total = (9 * channels * 16) + 16;
        for (long group = 0; group < 3; group++)
        {
            var w = (16L * widening) << (int)group;
            total += (9 * c * w) + w + ((n - 1) * ((9 * w * w) + w)) // first convolutions of blocks
                + (n * ((9 * w * w) + w + 1)) // second convolutions and gains
                + (c == w ? 0 : (c * w) + w); // shortcut
            c = w;
        }

        return total + (c * classes) + classes;
    }

    private static long WithBatchNorm(int channels, int classes, int depth, int widening)
    {
        long n = (depth - 4) / 6, c = 16, total = 9 * channels * 16;
        for (long group = 0; group < 3; group++)
        {
            var w = (16L * widening) << (int)group;
            total += (9 * c * w) + ((n - 1) * 9 * w * w) + (n * 9 * w * w)
                + (2 * c) + ((n - 1) * 2 * w) + (n * 2 * w) // scale and shift before each convolution
                + (c == w ? 0 : c * w);
            c = w;
        }

        return total + (2 * c) + (c * classes) + classes;
    }
}
