using Expecto;
using Expecto.CSharp;
using NoiseScale.Tests.Torch;
using NoiseScale.Torch;
using TorchSharp;
using static NoiseScale.Tests.Torch.SmallNetwork;
using static TorchSharp.torch;

namespace NoiseScale.Tests.GradientNoise;

/// <summary>The monitor of a training loop: gradients as without it, measurements as by hand, and known noise found.</summary>
internal static class MonitorTests
{
    private static Func<Tensor, Tensor, Tensor> Loss(nn.Module<Tensor, Tensor> network, nn.Reduction reduction = nn.Reduction.Mean) =>
        (x, y) => nn.functional.cross_entropy(network.call(x), y, reduction: reduction);

    private static double[] GradientOf(nn.Module<Tensor, Tensor> network, Tensor x, Tensor y)
    {
        network.zero_grad();
        Loss(network)(x, y).backward();
        var gradient = Gradient(network);
        network.zero_grad();
        return gradient;
    }

    private static double Difference(double[] expected, double[] actual) =>
        expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max() / expected.Max(Math.Abs);

    private static double Square(double[] vector) => vector.Sum(x => x * x);

    // the measurement of a batch cut into sizes, by plain gradients of the pieces
    private static GradientNoiseMeasurement ByHand(nn.Module<Tensor, Tensor> network, Tensor x, Tensor y, long[] sizes)
    {
        var offset = 0L;
        var norms = sizes.Select(size =>
        {
            var gradient = GradientOf(network, x.narrow(0, offset, size), y.narrow(0, offset, size));
            offset += size;
            return Square(gradient);
        }).ToArray();
        return GradientNoiseMeasurement.OfMicroBatches(sizes, norms, Square(GradientOf(network, x, y)));
    }

    private static void Same(GradientNoiseMeasurement expected, GradientNoiseMeasurement? actual, double tolerance, string what)
    {
        Check.Close(expected.TraceOfCovariance, actual!.Value.TraceOfCovariance, tolerance, $"{what}: tr Σ");
        Check.Close(expected.SquaredGradientNorm, actual.Value.SquaredGradientNorm, tolerance, $"{what}: ‖G‖²");
    }

    internal static Test All => Runner.TestList("gradient-noise monitor", [
        .. new[] { (ScalarType.Float64, 1e-12), (ScalarType.Float32, 1e-5) }.Select(kind => Runner.TestCase(
            $"{kind.Item1}: a measured update has the gradient and the loss of plain backward, whatever the sizes", () => InScope(() =>
            {
                foreach (var (rows, microBatches) in new[] { (12, 4), (13, 4), (7, 3), (5, 5), (3, 8), (2, 2), (31, 30) })
                {
                    var (network, (x, y)) = (Network(kind.Item1), Batch(rows, kind.Item1));
                    var expected = GradientOf(network, x, y);
                    var plain = Loss(network)(x, y).to(ScalarType.Float64).item<double>();
                    var monitor = new GradientNoiseMonitor(network.parameters(), every: 1, microBatches);
                    var loss = monitor.Backward(x, y, Loss(network));
                    Check.True(Difference(expected, Gradient(network)) < kind.Item2, $"{rows} examples in {microBatches}");
                    Check.Close(plain, loss.to(ScalarType.Float64).item<double>(), kind.Item2, "loss");
                    Check.True(!loss.requires_grad, "the loss is detached");
                    Check.True(monitor.MeasuredLastUpdate && monitor.Skipped == 0, "measured");

                    // and once more, on top of what stands there
                    monitor.Backward(x, y, Loss(network)).Dispose();
                    Check.True(Difference([.. expected.Select(g => 2 * g)], Gradient(network)) < kind.Item2, "twice the gradient");
                }
            }))),
        Runner.TestCase("its measurement is that of the micro-batches' own gradients, sizes as equal as can be", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(), Batch(14));
            var monitor = new GradientNoiseMonitor(network.parameters(), every: 1, microBatches: 4);
            monitor.Backward(x, y, Loss(network));
            Same(ByHand(network, x, y, [4, 4, 3, 3]), monitor.Latest, 1e-10, "four");
            network.zero_grad();
            monitor.Backward(x.narrow(0, 0, 3), y.narrow(0, 0, 3), Loss(network));
            Same(ByHand(network, x.narrow(0, 0, 3), y.narrow(0, 0, 3), [1, 1, 1]), monitor.Latest, 1e-10, "fewer examples than micro-batches");

            // what stood in .grad before does not matter
            monitor.Backward(x, y, Loss(network));
            Same(ByHand(network, x, y, [4, 4, 3, 3]), monitor.Latest, 1e-9, "on top of another gradient");

            // a summed loss, the same measurement
            network.zero_grad();
            var summed = new GradientNoiseMonitor(network.parameters(), new GradientNoiseOptions { Every = 1, MicroBatches = 4, Reduction = LossReduction.Sum });
            summed.Backward(x, y, Loss(network, nn.Reduction.Sum));
            Same(ByHand(network, x, y, [4, 4, 3, 3]), summed.Latest, 1e-10, "summed");
        })),
        Runner.TestCase("a loop that accumulates by itself, and GradientAccumulation, measure the same", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(), Batch(14));
            var expected = ByHand(network, x, y, [5, 5, 4]);
            var gradient = GradientOf(network, x, y);

            var monitor = new GradientNoiseMonitor(network.parameters(), every: 1);
            var loss = new GradientAccumulation(5).Backward([x, y], b => Loss(network)(b[0], b[1]), monitor);
            Same(expected, monitor.Latest, 1e-10, "GradientAccumulation");
            Check.True(Difference(gradient, Gradient(network)) < 1e-12, "its gradient");
            Check.Close(Loss(network)(x, y).item<double>(), loss, 1e-12, "its loss");

            // not zeroed before: BeginUpdate knows what stands there
            monitor.BeginUpdate();
            foreach (var (offset, count) in new[] { (0, 5), (5, 5), (10, 4) })
            {
                (Loss(network)(x.narrow(0, offset, count), y.narrow(0, offset, count)) * (count / 14.0)).backward();
                monitor.AfterMicroBatch(count);
            }

            monitor.EndUpdate();
            Same(expected, monitor.Latest, 1e-9, "by hand");
            Check.Equal(2L, monitor.Updates, "updates");

            // one more that is not due costs and measures nothing
            var seldom = new GradientNoiseMonitor(network.parameters(), every: 2);
            new GradientAccumulation(5).Backward([x, y], b => Loss(network)(b[0], b[1]), seldom);
            Check.True(seldom.Latest is null && seldom.Updates == 1 && !seldom.MeasuredLastUpdate && seldom.IsDue, "not due");
        })),
        Runner.TestCase("it measures every k-th update, and calls the loss once on the others", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(), Batch(8));
            var monitor = new GradientNoiseMonitor(network.parameters(), new GradientNoiseOptions { Every = 3, MicroBatches = 4, Window = 2 });
            var calls = new List<int>();
            for (var update = 0; update < 9; update++)
            {
                var count = 0;
                monitor.Backward(x, y, (x, y) =>
                {
                    count++;
                    return Loss(network)(x, y);
                });
                calls.Add(count);
                Check.Equal(update % 3 == 2, monitor.MeasuredLastUpdate, $"update {update}");
                Check.Equal(update < 5, monitor.Estimate is null, $"an estimate after update {update}");
            }

            Check.SequenceEqual([1, 1, 4, 1, 1, 4, 1, 1, 4], calls, "calls of the loss");
            Check.Equal(2, monitor.Measurements.Count, "the window");
            Check.Equal(monitor.Latest!.Value, monitor.Measurements[^1], "the latest");
        })),
        Runner.TestCase("linear regression, whose tr Σ and ‖G‖² are known: the interval holds B_simple, at several batch sizes", () => InScope(() =>
        {
            // x normal, y = xᵀw* + η: at w the gradient x(xᵀe − η), e = w − w*, has mean e and tr Σ = (d + 1)‖e‖² + d·σ²
            const int d = 20;
            const double sigma = 1.5;
            var error = Enumerable.Range(0, d).Select(i => 0.4 * Math.Cos(i)).ToArray();
            var signal = Square(error);
            var trace = (d + 1) * signal + d * sigma * sigma;
            foreach (var (batch, microBatches, seed) in new[] { (64, 4, 5UL), (30, 8, 6UL), (256, 2, 7UL) })
            {
                using var generator = new Generator(seed);
                var w = tensor(error, requires_grad: true);
                var monitor = new GradientNoiseMonitor([w], new GradientNoiseOptions { Every = 1, MicroBatches = microBatches, Window = 400 });
                for (var i = 0; i < 400; i++)
                {
                    using var scope = NewDisposeScope();
                    var x = randn([batch, d], dtype: ScalarType.Float64, generator: generator);
                    var eta = randn([batch], dtype: ScalarType.Float64, generator: generator) * sigma;
                    monitor.Backward(x, eta, (x, eta) => (x.mv(w) - eta).pow(2).mean() / 2);
                }

                var estimate = monitor.Estimate!;
                Check.True(estimate.Low < trace / signal && trace / signal < estimate.High, $"{estimate}, truth {trace / signal}");
                Check.Close(trace, estimate.TraceOfCovariance, 0.05, "tr Σ");
                Check.True(Math.Abs(estimate.SquaredGradientNorm - signal) < 4 * estimate.NormStandardError, "‖G‖²");
                Check.True(estimate.High / estimate.Low < 1.35, $"the interval is narrow: {estimate}");
            }
        })),
        Runner.TestCase("what overflowed is skipped and counted; so is a batch of one example", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(), Batch(8));
            var monitor = new GradientNoiseMonitor(network.parameters(), every: 1, microBatches: 4);
            var broken = x.clone();
            broken[0, 0] = double.NaN;
            monitor.Backward(broken, y, Loss(network));
            Check.True(monitor.Latest is null && monitor.Skipped == 1 && !monitor.MeasuredLastUpdate, "NaN");
            network.zero_grad();
            monitor.Backward(x.narrow(0, 0, 1), y.narrow(0, 0, 1), Loss(network));
            Check.True(monitor.Latest is null && monitor.Skipped == 2, "one example");
            Check.True(Difference(GradientOf(network, x.narrow(0, 0, 1), y.narrow(0, 0, 1)), GradientOf(network, x.narrow(0, 0, 1), y.narrow(0, 0, 1))) == 0, "plain");
            network.zero_grad();
            monitor.Backward(x, y, Loss(network));
            Check.True(monitor.MeasuredLastUpdate && monitor.Skipped == 2, "and then it goes on");
        })),
        Runner.TestCase("frozen and unused parameters are left out", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(), Batch(8));
            Tensor[] parameters = [.. network.parameters()];
            parameters[0].requires_grad = false;
            var unused = ones(4, dtype: ScalarType.Float64, requires_grad: true);
            var monitor = new GradientNoiseMonitor([.. parameters, unused], every: 1, microBatches: 2);
            monitor.Backward(x, y, Loss(network));
            var norms = new[] { (0, 4), (4, 4) }.Select(piece =>
            {
                network.zero_grad();
                Loss(network)(x.narrow(0, piece.Item1, piece.Item2), y.narrow(0, piece.Item1, piece.Item2)).backward();
                return parameters.Skip(1).Sum(p => Square(p.grad!.data<double>().ToArray()));
            }).ToArray();
            network.zero_grad();
            Loss(network)(x, y).backward();
            var mean = parameters.Skip(1).Sum(p => Square(p.grad!.data<double>().ToArray()));
            Same(GradientNoiseMeasurement.OfMicroBatches([4, 4], norms, mean), monitor.Latest, 1e-10, "three parameters");
            Check.True(unused.grad is null, "no gradient of what is not used");
        })),
        Runner.TestCase("measurements made elsewhere count; equal and zero gradients are named", () => InScope(() =>
        {
            var monitor = new GradientNoiseMonitor([ones(2, requires_grad: true)], every: 5);
            Check.Equal(null, monitor.Estimate, "nothing yet");
            monitor.Observe(new GradientNoiseMeasurement(0, 0));
            monitor.Observe(new GradientNoiseMeasurement(0, 0));
            Check.Equal(null, monitor.Estimate, "all gradients are 0");
            monitor.Observe(new GradientNoiseMeasurement(0, 2));
            Check.Equal(3, monitor.Measurements.Count, "measurements");
            Check.Equal(0L, monitor.Updates, "no update");
            var equal = new GradientNoiseMonitor([ones(2, requires_grad: true)], every: 5);
            equal.Observe(new GradientNoiseMeasurement(0, 2));
            equal.Observe(new GradientNoiseMeasurement(0, 2));
            Check.Equal(EstimateKind.NoNoise, equal.Estimate!.Kind, "no noise");
        })),
        Runner.TestCase("no tensor is left behind, measured or not, nor by a loss that fails half way", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(), Batch(14));
            var monitor = new GradientNoiseMonitor(network.parameters(), every: 2, microBatches: 4);
            void Update() => InScope(() =>
            {
                monitor.Backward(x, y, Loss(network));
                network.zero_grad();
            });
            Live.NothingLeftBy(
                () =>
                {
                    Update();
                    Update();
                },
                "two updates");
            Live.NothingLeftBy(
                () => InScope(() =>
                {
                    new GradientAccumulation(5).Backward([x, y], b => Loss(network)(b[0], b[1]), monitor);
                    new GradientAccumulation(5).Backward([x, y], b => Loss(network)(b[0], b[1]), monitor);
                    network.zero_grad();
                }),
                "accumulation");

            var always = new GradientNoiseMonitor(network.parameters(), every: 1, microBatches: 4);
            void Fail()
            {
                var before = Live.Tensors;
                var calls = 0;
                Check.Throws<NotSupportedException>(
                    () => InScope(() => always.Backward(x, y, (x, y) => ++calls == 3 ? throw new NotSupportedException() : Loss(network)(x, y))), "fails");
                network.zero_grad();
                Check.Equal(before, Live.Tensors, "tensors alive after a failure");
                Check.Equal(0L, always.Updates, "no update");
            }

            Live.NothingLeftBy(Fail, "a loss that fails");
        })),
        Runner.TestCase("bad input is refused", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(), Batch(8));
            Tensor[] parameters = [.. network.parameters()];
            Check.Throws<ArgumentException>(() => new GradientNoiseMonitor([]), "no parameter");
            Check.Throws<ArgumentException>(() => new GradientNoiseMonitor([ones(2)]), "none that trains");
            Check.Throws<ArgumentOutOfRangeException>(() => new GradientNoiseMonitor(parameters, every: 0), "every 0");
            Check.Throws<ArgumentOutOfRangeException>(() => new GradientNoiseMonitor(parameters, every: 1, microBatches: 1), "one micro-batch");
            foreach (var options in new GradientNoiseOptions[]
            {
                new() { Window = 1 }, new() { ConfidenceLevel = 1 }, new() { ConfidenceLevel = double.NaN }, new() { TrainingSetSize = 1 },
                new() { Policy = (DenominatorPolicy)9 }, new() { Reduction = (LossReduction)9 },
            })
            {
                Check.Throws<ArgumentOutOfRangeException>(() => new GradientNoiseMonitor(parameters, options), $"{options}");
            }

            var monitor = new GradientNoiseMonitor(parameters, every: 1, microBatches: 2);
            Check.Throws<ArgumentException>(() => monitor.Backward(x, y.narrow(0, 0, 3), Loss(network)), "unequal rows");
            Check.Throws<InvalidOperationException>(() => monitor.Backward(x, y, (x, _) => network.call(x)), "a loss of many numbers");
            Check.Throws<InvalidOperationException>(() => monitor.Backward(x, y, (x, _) => x.sum()), "a loss of no parameters");
            Check.Throws<ArgumentNullException>(() => monitor.Backward(x, y, null!), "no loss");
            Check.Throws<ArgumentException>(() => monitor.Observe(new GradientNoiseMeasurement(double.NaN, 1)), "NaN");
            Check.Throws<ArgumentOutOfRangeException>(() => monitor.AfterMicroBatch(0), "no example");
        })),
    ]);
}
