using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests.Networks;

internal static class GhostBatchNormTests
{
    private static readonly ImageShape Small = new(1, 8, 8);

    public static Test All => TestList("ghost batch norm",
    [
        TestCase("each ghost batch is normalised alone: a batch is its ghost batches, the last one ragged", () =>
        {
            var network = new WideResNet(Small, 3, 10, 1, Samples.Ghost(2));
            using var scope = torch.NewDisposeScope();
            var parameters = Samples.Perturbed(network, 1);
            var images = Samples.Images(network, 7, 2);
            var alone = new[] { (0, 2), (2, 2), (4, 2), (6, 1) }.Select(part => network.Apply(parameters, images.narrow(0, part.Item1, part.Item2)));
            Check.Close(torch.cat([.. alone]), network.Apply(parameters, images), 1e-12);

            // micro-batches of a multiple of the ghost size change nothing; others would
            var micro = torch.cat([network.Apply(parameters, images.narrow(0, 0, 4)), network.Apply(parameters, images.narrow(0, 4, 3))]);
            Check.Close(micro, network.Apply(parameters, images), 1e-12);
            var other = torch.cat([network.Apply(parameters, images.narrow(0, 0, 3)), network.Apply(parameters, images.narrow(0, 3, 4))]);
            Check.True((other - micro).abs().max().item<double>() > 1e-3);
        }),
        TestCase("the normalised network is its formula, block by block", () =>
        {
            var network = new WideResNet(Small, 3, 10, 1, Samples.Ghost(8));
            using var scope = torch.NewDisposeScope();
            var parameters = Samples.Perturbed(network, 3);
            var images = Samples.Images(network, 4, 4);
            Tensor Named(string name) => parameters[network.ParameterShapes.ToList().FindIndex(shape => shape.Name == name)];
            Tensor Normalised(Tensor x, string name)
            {
                var mean = x.mean([0, 2, 3], keepdim: true);
                var variance = (x - mean).square().mean([0, 2, 3], keepdim: true);
                return ((x - mean) / (variance + 1e-5).sqrt() * Named(name + ".scale").view(1, -1, 1, 1)) + Named(name + ".shift").view(1, -1, 1, 1);
            }

            var x = torch.nn.functional.conv2d(images, Named("stem.weight"), padding: [1, 1]);
            foreach (var (block, stride) in new[] { ("group1.block1", 1L), ("group2.block1", 2L), ("group3.block1", 2L) })
            {
                var active = Normalised(x, block + ".normalisation1").clamp_min(0);
                var branch = torch.nn.functional.conv2d(active, Named(block + ".convolution1.weight"), strides: [stride, stride], padding: [1, 1]);
                branch = Normalised(branch, block + ".normalisation2").clamp_min(0);
                branch = torch.nn.functional.conv2d(branch, Named(block + ".convolution2.weight"), padding: [1, 1]);
                x = branch + (stride == 1 ? x : torch.nn.functional.conv2d(active, Named(block + ".shortcut.weight"), strides: [stride, stride]));
            }

            var expected = Normalised(x, "normalisation").clamp_min(0).mean([2, 3]).matmul(Named("logits.weight").t()).add(Named("logits.bias"));
            Check.Close(expected, network.Apply(parameters, images), 1e-11);
        }),
        TestCase("calibration measures the mean and the unbiased variance of the ghost batches, weighted by their size", () =>
        {
            // the first normalisation sees the stem's output, which does not depend on any statistics
            var network = new WideResNet(Small, 3, 10, 1, Samples.Ghost(2));
            using var scope = torch.NewDisposeScope();
            var parameters = Samples.Perturbed(network, 1);
            var images = Samples.Images(network, 5, 2);
            using var statistics = network.Calibrate(parameters, [images.narrow(0, 0, 4), images.narrow(0, 4, 1)]);
            Check.Sequence([16L, 16, 16, 32, 32, 64, 64], statistics.Means.Select(mean => mean.shape[0]));
            var stem = torch.nn.functional.conv2d(images, parameters[0], padding: [1, 1]).transpose(0, 1);
            Check.Close(stem.flatten(1).mean([1]), statistics.Means[0], 1e-12);
            Tensor VarianceOf(int first, int count) => stem.narrow(1, first, count).flatten(1).var(1, unbiased: true);
            Check.Close(((VarianceOf(0, 2) * 2) + (VarianceOf(2, 2) * 2) + VarianceOf(4, 1)) / 5, statistics.Variances[0], 1e-12);

            using var atOnce = network.Calibrate(parameters, [images]);
            for (var i = 0; i < statistics.Means.Count; i++)
            {
                Check.Close(statistics.Means[i], atOnce.Means[i], 1e-12);
                Check.Close(statistics.Variances[i], atOnce.Variances[i], 1e-12);
            }
        }),
        TestCase("evaluation treats each image alone, and agrees with training on one large ghost batch", () =>
        {
            var network = new WideResNet(Small, 3, 10, 1, Samples.Ghost(512));
            using var scope = torch.NewDisposeScope();
            var parameters = Samples.Perturbed(network, 1);
            var images = Samples.Images(network, 500, 2);
            using var statistics = network.Calibrate(parameters, [images]);
            var together = network.Evaluate(parameters, statistics, images);
            Check.Close(together.narrow(0, 7, 1), network.Evaluate(parameters, statistics, images.narrow(0, 7, 1)), 1e-12);

            // the two differ by n/(n − 1) in the variances, n = 500·2·2 at the smallest: relative 5·10⁻⁴ in seven layers
            Check.Close(network.Apply(parameters, images), together, 0.01);
        }),
        TestCase("calibration carries no gradient and leaves nothing behind", () =>
        {
            var network = new WideResNet(Small, 3, 10, 1, Samples.Ghost(2));
            var parameters = Samples.Perturbed(network, 1);
            var images = Samples.Images(network, 4, 2);
            var live = Data.ImageDataSetTests.LiveTensors();
            using (var statistics = network.Calibrate(parameters, [images]))
                Check.True(statistics.Means.Concat(statistics.Variances).All(tensor => !tensor.requires_grad));

            Check.Equal(live, Data.ImageDataSetTests.LiveTensors());
            Check.Throws<ArgumentException>(() => network.Calibrate(parameters, [images, images.narrow(2, 0, 4)]), "[4, 1, 4, 8]");
            Check.Throws<ArgumentException>(() => network.Calibrate(parameters, []), "batches");
            Check.Throws<ArgumentException>(
                () => network.Evaluate(parameters, NetworkStatistics.None, images), "statistics", "16, 16, 16, 32, 32, 64, 64");
        }),
        TestCase("a ghost batch without a variance is refused", () =>
        {
            // 2 × 2 images end as 1 × 1: a single image has one number in each channel of the last group
            var network = new WideResNet(new ImageShape(1, 2, 2), 3, 10, 1, Samples.Ghost(2));
            using var scope = torch.NewDisposeScope();
            var parameters = Samples.Perturbed(network, 1);
            Check.Throws<ArgumentException>(() => network.Apply(parameters, Samples.Images(network, 3, 1)), "single number in each channel");
            Check.Sequence([4L, 3], network.Apply(parameters, Samples.Images(network, 4, 1)).shape);
        }),
    ]);
}
