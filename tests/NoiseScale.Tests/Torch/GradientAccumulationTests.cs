using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NoiseScale.Tests.Torch;

internal static class GradientAccumulationTests
{
    private const int Rows = 60;

    // 60 = divisors and others, one by one, as a whole and more than the whole
    private static readonly int[] MicroBatches = [1, 2, 5, 30, 60, 7, 11, 59, 61, 1000];

    private static nn.Module<Tensor, Tensor> Network()
    {
        using var generator = new Generator(1);
        var network = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)).to(ScalarType.Float64);
        using var noGrad = no_grad();
        foreach (var parameter in network.parameters())
            parameter.copy_(randn(parameter.shape, dtype: ScalarType.Float64, generator: generator) / 2);
        return network;
    }

    private static Tensor[] Batch(int rows = Rows)
    {
        using var generator = new Generator(2);
        return
        [
            randn([rows, 5], dtype: ScalarType.Float64, generator: generator),
            randint(0, 3, [rows], dtype: ScalarType.Int64, generator: generator),
        ];
    }

    private static Func<Tensor[], Tensor> Loss(nn.Module<Tensor, Tensor> network, nn.Reduction reduction = nn.Reduction.Mean) =>
        batch => nn.functional.cross_entropy(network.call(batch[0]), batch[1], reduction: reduction);

    // The same network as a function of its parameters.
    private static Func<Tensor[], Tensor> Loss(Tensor[] p) => batch =>
        nn.functional.cross_entropy(nn.functional.linear(nn.functional.linear(batch[0], p[0], p[1]).tanh(), p[2], p[3]), batch[1]);

    private static double[][] Gradients(nn.Module network) => [.. network.parameters().Select(p => p.grad!.data<double>().ToArray())];

    /// <summary>Largest difference, relative to the largest gradient.</summary>
    private static double Difference(double[][] expected, double[][] actual) =>
        expected.Zip(actual, (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max()).Max() / expected.SelectMany(a => a.Select(Math.Abs)).Max();

    private static (double Loss, double[][] Gradients) WholeBatch(nn.Module<Tensor, Tensor> network, Tensor[] batch)
    {
        network.zero_grad();
        var loss = Loss(network)(batch);
        loss.backward();
        return (loss.item<double>(), Gradients(network));
    }

    private static void InScope(Action body)
    {
        using var scope = NewDisposeScope();
        body();
    }

    internal static Test All => Runner.TestList("gradient accumulation", [
        .. MicroBatches.Select(size => Runner.TestCase($"micro-batches of {size} give the gradient of the batch of {Rows}", () => InScope(() =>
        {
            var (network, batch) = (Network(), Batch());
            var (loss, expected) = WholeBatch(network, batch);

            network.zero_grad();
            Check.Close(loss, new GradientAccumulation(size).Backward(batch, Loss(network)), 1e-14, "mean loss");
            Check.True(Difference(expected, Gradients(network)) < 1e-12, "module, mean loss");

            network.zero_grad();
            var summed = new GradientAccumulation(size, LossReduction.Sum).Backward(batch, Loss(network, nn.Reduction.Sum));
            Check.Close(loss, summed, 1e-14, "mean loss from sums");
            Check.True(Difference(expected, Gradients(network)) < 1e-12, "module, summed loss");

            network.zero_grad();
            Tensor[] parameters = [.. network.parameters()];
            var (gradients, value) = new GradientAccumulation(size).GradientOf(parameters, batch, Loss(parameters));
            Check.Close(loss, value, 1e-14, "mean loss of the function");
            Check.True(Difference(expected, [.. gradients.Select(g => g.data<double>().ToArray())]) < 1e-12, "function of its parameters");
            Check.True(network.parameters().All(p => p.grad is null), "a function's gradient leaves .grad alone");
        }))),
        Runner.TestCase("the tolerance tells the wrong weights apart", () => InScope(() =>
        {
            var (network, batch) = (Network(), Batch());
            var (_, expected) = WholeBatch(network, batch);
            // the usual mistake: the mean of the micro-batches' means, the ragged last one weighing as much as a full one
            network.zero_grad();
            foreach (var offset in new[] { 0, 11, 22, 33, 44, 55 })
            {
                var count = Math.Min(11, Rows - offset);
                (Loss(network)([.. batch.Select(t => t.narrow(0, offset, count))]) / 6).backward();
            }

            Check.True(Difference(expected, Gradients(network)) > 1e-3, "the mean of means is another gradient");
        })),
        Runner.TestCase("gradients add to what stands in .grad, as backward's do", () => InScope(() =>
        {
            var (network, batch) = (Network(), Batch());
            var (_, once) = WholeBatch(network, batch);
            new GradientAccumulation(7).Backward(batch, Loss(network));
            Check.True(Difference([.. once.Select(g => g.Select(x => 2 * x).ToArray())], Gradients(network)) < 1e-12, "twice the gradient");
        })),
        Runner.TestCase("a plan whose batch grows takes the same steps in micro-batches", () => InScope(() =>
        {
            var plan = Schedule.StepDecay(0.5, 3, [2, 3], batchSize: 4, epochs: 4, trainingSetSize: Rows, momentum: 0.9)
                .TradeDecayForBatch(BatchCap.None).Plan();
            var examples = new TensorExamples(Batch());
            double[] Train(int microBatch)
            {
                var network = Network();
                using var optimizer = optim.SGD(network.parameters(), 1, momentum: 0.9);
                var following = optimizer.Follow(plan);
                var source = new BatchSource(plan, examples, seed: 4);
                var accumulation = new GradientAccumulation(microBatch);
                var losses = new List<double>();
                foreach (var update in plan)
                {
                    optimizer.zero_grad();
                    losses.Add(accumulation.Backward(source, update, Loss(network)));
                    following.Step(update);
                }

                return [.. losses, .. network.parameters().SelectMany(p => p.data<double>().ToArray())];
            }

            var whole = Train(1000);
            Check.SequenceEqual([4, 11, 23], plan.Phases.Select(phase => phase.BatchSize), "the batch grew");
            foreach (var size in new[] { 1, 4, 9 })
            {
                foreach (var (expected, actual) in whole.Zip(Train(size)))
                {
                    var allowed = 1e-12 * Math.Max(1, Math.Abs(expected));
                    Check.True(Math.Abs(expected - actual) < allowed, $"micro-batches of {size}: {expected} and {actual}");
                }
            }
        })),
        Runner.TestCase("a function's gradient of a planned batch is the module's", () => InScope(() =>
        {
            var network = Network();
            Tensor[] parameters = [.. network.parameters()];
            var plan = Schedule.Constant(0.1, 17, 2, Rows).Plan();
            var source = new BatchSource(plan, new TensorExamples(Batch()), seed: 9);
            var (gradients, loss) = new GradientAccumulation(4).GradientOf(parameters, source, plan[5], Loss(parameters));
            var (expectedLoss, expected) = WholeBatch(network, source.Read(plan[5]));
            Check.Close(expectedLoss, loss, 1e-14, "loss");
            Check.True(Difference(expected, [.. gradients.Select(g => g.data<double>().ToArray())]) < 1e-12, "gradient");
        })),
        Runner.TestCase("an unused parameter is refused, or has gradient 0 if that is allowed", () => InScope(() =>
        {
            Tensor Parameter(params long[] shape) => ones(shape, dtype: ScalarType.Float64, requires_grad: true);
            Tensor[] parameters = [Parameter(5, 3), Parameter(2)];
            Func<Tensor[], Tensor> loss = batch => nn.functional.cross_entropy(batch[0].mm(parameters[0]), batch[1]);
            Check.Throws<ArgumentException>(() => new GradientAccumulation(9).GradientOf(parameters, Batch(), loss), "unused");
            var (gradients, _) = new GradientAccumulation(9).GradientOf(parameters, Batch(), loss, allowUnused: true);
            Check.SequenceEqual([0, 0], gradients[1].data<double>(), "its gradient");
        })),
        Runner.TestCase("what is no loss of a batch is refused", () => InScope(() =>
        {
            var (network, batch, accumulation) = (Network(), Batch(), new GradientAccumulation(7));
            Check.Throws<ArgumentOutOfRangeException>(() => new GradientAccumulation(0), "micro-batches of 0");
            Check.Throws<ArgumentOutOfRangeException>(() => new GradientAccumulation(1, (LossReduction)5), "no such reduction");
            Check.Throws<ArgumentException>(() => accumulation.Backward([], Loss(network)), "no tensors");
            Check.Throws<ArgumentException>(() => accumulation.Backward([batch[0], ones(3)], Loss(network)), "unequal rows");
            Check.Throws<ArgumentNullException>(() => accumulation.Backward(batch, null!), "no loss");
            Check.Throws<InvalidOperationException>(() => accumulation.Backward(batch, b => network.call(b[0])), "a loss of many numbers");
            Check.Throws<InvalidOperationException>(() => accumulation.Backward(batch, b => b[0].sum()), "a loss of no parameters");
        })),
        Runner.TestCase("accumulation leaves no tensors behind but the gradients", () => InScope(() =>
        {
            var (network, batch) = (Network(), Batch());
            Tensor[] parameters = [.. network.parameters()];
            Live.NothingLeftBy(() => new GradientAccumulation(7).Backward(batch, Loss(network)), "Backward");
            Live.NothingLeftBy(
                () => InScope(() => new GradientAccumulation(7).GradientOf(parameters, batch, Loss(parameters))), "GradientOf in a scope");
            var before = Live.Tensors;
            var (gradients, _) = new GradientAccumulation(7).GradientOf(parameters, batch, Loss(parameters));
            Check.Equal(before + gradients.Length, Live.Tensors, "tensors after GradientOf");
        })),
    ]);
}
