using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests;

/// <summary>
/// Numbers survive the garbage collector: a scalar that TorchSharp makes of a number belongs to a temporary, and a collection at the wrong
/// moment frees it before libtorch reads it. Here everything is computed on two threads while a third collects without end, as often as it took to
/// see scalars without owners fail, if not every time: <see cref="ScalarOwnershipTests"/> finds them by reading the code.
/// </summary>
internal static class CollectionTests
{
    public static Test All => TestList("while garbage is collected, two threads compute the same",
    [
        TestCase("updates", () => SameWhileCollecting(() =>
        {
            using var scope = torch.NewDisposeScope();
            var parameter = torch.ones(5);
            var gradient = torch.full(5, 0.5f);
            using var rule = new AdamRule([parameter], weightDecay: 0.25);
            for (var i = 0; i < 6000; i++)
                rule.Step([gradient], 0.001);

            return parameter.data<float>().ToArray();
        })),
        TestCase("initial parameters", () => SameWhileCollecting(() =>
        {
            var network = new WideResNet(new ImageShape(3, 8, 8), 10, 10, 1, new ResidualNormalisation.GhostBatchNorm(2));
            return Sums(800, i => network.Initialise(i));
        })),
        TestCase("crops and flips", () =>
        {
            using var scope = torch.NewDisposeScope();
            var images = torch.randn(6, 3, 8, 8);
            var augmentation = new CropAndFlip(seed: 1, padding: 2);
            SameWhileCollecting(() => Sums(5000, i => [augmentation.Apply(images, 6 * i, 100)]));
        }),
        TestCase("calibrated statistics and logits", () =>
        {
            using var scope = torch.NewDisposeScope();
            var network = new WideResNet(new ImageShape(3, 8, 8), 10, 10, 1, new ResidualNormalisation.GhostBatchNorm(2));
            var (images, parameters) = (torch.randn(5, 3, 8, 8), network.Initialise(1));
            SameWhileCollecting(() => Sums(500, _ =>
            {
                using var statistics = network.Calibrate(parameters, [images]);
                return [.. statistics.Means.Concat(statistics.Variances).Select(tensor => tensor.clone()), network.Evaluate(parameters, statistics, images)];
            }));
            foreach (var parameter in parameters)
                parameter.Dispose();
        }),
    ]);

    // the sum of everything computed, once for each of so many numbers
    private static float[] Sums(int repetitions, Func<int, Tensor[]> compute)
    {
        var sums = new float[repetitions];
        for (var i = 0; i < repetitions; i++)
        {
            using var scope = torch.NewDisposeScope();
            foreach (var tensor in compute(i))
            {
                using (tensor)
                    sums[i] += tensor.detach().abs().sum().item<float>();
            }
        }

        return sums;
    }

    private static void SameWhileCollecting(Func<float[]> compute)
    {
        var expected = compute();
        var stop = false;
        var collector = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            var found = new float[2][];
            var workers = Array.ConvertAll([0, 1], i => new Thread(() =>
            {
                try
                {
                    found[i] = compute();
                }
                catch (Exception failure) when (failure is InvalidOperationException or System.Runtime.InteropServices.ExternalException)
                {
                    found[i] = []; // libtorch refused a number that was none
                }
            }));
            foreach (var worker in workers) worker.Start();
            foreach (var worker in workers) worker.Join();
            foreach (var one in found)
                Check.True(one.AsSpan().SequenceEqual(expected), "a thread's numbers differ, or it failed");
        }
        finally
        {
            Volatile.Write(ref stop, true);
            collector.Join();
        }
    }
}
