using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NoiseScale.Tests.Torch;

/// <summary>The largest batch of P1, 65 536, in the memory of a micro-batch. Sequenced: it measures the memory of the process.</summary>
internal static class BigBatchTests
{
    private const int Width = 784;
    private const int Hidden = 800;
    private const int MicroBatch = 512;

    /// <summary>Examples that exist only while they are looked at, as those of a data set on disk; watches memory at every look.</summary>
    private sealed class Watched(long count) : IExampleSource
    {
        private readonly Tensor _columns = arange(Width, dtype: ScalarType.Float32) / Width;

        public long Count => count;

        public long PeakBytes { get; private set; }

        public long PeakTensors { get; private set; }

        public int Looks { get; private set; }

        public void Watch() =>
            (PeakBytes, PeakTensors) = (Math.Max(PeakBytes, Memory.InUse), Math.Max(PeakTensors, Live.Tensors));

        public Tensor[] Gather(ReadOnlySpan<long> indices)
        {
            Looks++;
            Watch();
            using var scope = NewDisposeScope();
            var rows = tensor(indices.ToArray());
            var inputs = (rows.to(ScalarType.Float32).unsqueeze(1) * _columns).sin();
            var targets = inputs.narrow(1, 0, 10).argmax(1);
            return [inputs.MoveToOuterDisposeScope(), targets.MoveToOuterDisposeScope()];
        }
    }

    internal static Test All => Runner.TestSequenced(Runner.TestList("big batches", [
        Runner.TestCase("a batch of 65 536 runs in the memory of a micro-batch", () =>
        {
            using var scope = NewDisposeScope();
            var plan = Schedule.Constant(0.1, 65_536, 2, 65_536, momentum: 0.9).Plan();
            var examples = new Watched(65_536);
            var source = new BatchSource(plan, examples, seed: 1);
            var network = nn.Sequential(nn.Linear(Width, Hidden), nn.ReLU(), nn.Linear(Hidden, 10));
            using var optimizer = optim.SGD(network.parameters(), 0.1, momentum: 0.9);
            var following = optimizer.Follow(plan);
            var accumulation = new GradientAccumulation(MicroBatch);
            double Step(PlannedUpdate update)
            {
                using var step = NewDisposeScope(); // TorchSharp's zero_grad leaves handles behind outside one
                optimizer.zero_grad();
                var loss = accumulation.Backward(source, update, b =>
                {
                    var mean = nn.functional.cross_entropy(network.call(b[0]), b[1]);
                    examples.Watch(); // with the whole graph of a micro-batch in memory
                    return mean;
                });
                following.Step(update);
                return loss;
            }

            // the measure: an eighth of the batch, with .grad, momentum buffers and the memory that libtorch keeps for itself
            Step(plan[0] with { BatchSize = 8192 });
            var (bytes, tensors) = (examples.PeakBytes, Live.Tensors);

            var loss = Step(plan[0]);
            // at once: inputs, hidden layer before and after its non-linearity, and its gradient, in float32
            const long atOnce = 65_536L * (Width + 3 * Hidden) * sizeof(float);
            var growth = examples.PeakBytes - bytes;
            Console.WriteLine(
                $"batch of 65 536 in micro-batches of {MicroBatch}: {growth >> 20} MiB more than a batch of 8192; at once it takes {atOnce >> 20} MiB");
            Check.Equal((8192 + 65_536) / MicroBatch, examples.Looks, "micro-batches");
            // memory in proportion to the batch would take another 7/8 of what it takes at once
            Check.True(growth < 64 << 20, $"the peak rose by {growth >> 20} MiB");
            Check.True(examples.PeakTensors - tensors < 32, $"{examples.PeakTensors - tensors} tensors more than before, at the peak");
            Check.Equal(tensors, Live.Tensors, "tensors alive afterwards");
            Check.True(double.IsFinite(loss) && loss is > 1 and < 10, $"a loss of ten classes, {loss}");
        }),
    ]));
}
