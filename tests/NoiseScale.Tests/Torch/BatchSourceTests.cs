using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NoiseScale.Tests.Torch;

internal static class BatchSourceTests
{
    private const int Size = 50;

    private static Plan Growing(PartialBatch partialBatch = PartialBatch.CarryOver) =>
        Schedule.StepDecay(0.1, 3, [2, 3], batchSize: 4, epochs: 4, trainingSetSize: Size, momentum: 0.9)
            .TradeDecayForBatch(BatchCap.None, form: NoiseScaleForm.Linear).Plan(partialBatch);

    // example i has input (i, −i) and target i
    private static TensorExamples Numbers()
    {
        var index = arange(Size, dtype: ScalarType.Int64);
        return new(stack([index.to(ScalarType.Float32), -index.to(ScalarType.Float32)], 1), index);
    }

    private static long[] Targets(Tensor[] batch) => batch[1].data<long>().ToArray();

    private static void InScope(Action body)
    {
        using var scope = NewDisposeScope();
        body();
    }

    internal static Test All => Runner.TestList("batches", [
        Runner.TestCase("sizes follow the plan, and rows are the examples of the order", () => InScope(() =>
        {
            var plan = Growing();
            var source = new BatchSource(plan, Numbers(), seed: 7);
            var order = new DataOrder(Size, 7);
            long updates = 0;
            foreach (var (update, tensors) in source.From(0))
            {
                Check.Equal(plan[updates++], update, "update");
                var expected = new long[update.BatchSize];
                order.Fill(update.FirstExample, expected);
                Check.SequenceEqual(expected, Targets(tensors), $"examples of update {update.Index}");
                Check.SequenceEqual([update.BatchSize, 2], tensors[0].shape, "shape");
                Check.SequenceEqual(expected.SelectMany(i => new float[] { i, -i }), tensors[0].data<float>(), "inputs go with targets");
            }

            Check.Equal(plan.Updates, updates, "updates");
            Check.SequenceEqual([4, 12, 36], plan.Phases.Select(phase => phase.BatchSize), "the batch grew on the way");
        })),
        Runner.TestCase("every epoch shows every example once, whatever the policy keeps", () => InScope(() =>
        {
            foreach (var policy in new[] { PartialBatch.CarryOver, PartialBatch.Keep })
            {
                var source = new BatchSource(Growing(policy), Numbers(), seed: 3);
                var seen = source.From(0).SelectMany(batch => Targets(batch.Tensors)).ToArray();
                for (var epoch = 0; (epoch + 1) * Size <= seen.Length; epoch++)
                {
                    Check.SequenceEqual(
                        Enumerable.Range(0, Size).Select(i => (long)i), seen.Skip(epoch * Size).Take(Size).Order(), $"{policy}, epoch {epoch}");
                }
            }
        })),
        Runner.TestCase("a resumed run sees what the uninterrupted one would have seen, for every way of sampling", () => InScope(() =>
        {
            foreach (var sampling in Enum.GetValues<Sampling>())
            {
                var source = new BatchSource(Growing(), Numbers(), seed: 11, sampling);
                var whole = source.From(0).Select(batch => string.Join(' ', Targets(batch.Tensors))).ToList();
                for (var from = whole.Count; from >= 0; from -= 5)
                {
                    var resumed = new BatchSource(Growing(), Numbers(), seed: 11, sampling).From(from);
                    Check.SequenceEqual(
                        whole.Skip(from), resumed.Select(batch => string.Join(' ', Targets(batch.Tensors))), $"{sampling}, from update {from}");
                }

                var other = new BatchSource(Growing(), Numbers(), seed: 12, sampling).Read(Growing()[0]);
                Check.True(!Targets(source.Read(Growing()[0])).SequenceEqual(Targets(other)), $"{sampling}, another seed, another order");
            }
        })),
        Runner.TestCase("pieces of a batch are the batch", () => InScope(() =>
        {
            foreach (var sampling in Enum.GetValues<Sampling>())
            {
                var source = new BatchSource(Growing(), Numbers(), seed: 5, sampling);
                var update = Growing()[Growing().Updates - 1];
                var pieces = new List<long>();
                for (var offset = 0; offset < update.BatchSize; offset += 7)
                    pieces.AddRange(Targets(source.Read(update, offset, Math.Min(7, update.BatchSize - offset))));

                Check.SequenceEqual(Targets(source.Read(update)), pieces, $"{sampling}");
            }
        })),
        Runner.TestCase("data sets of TorchSharp are sources", () => InScope(() =>
        {
            var index = arange(Size, dtype: ScalarType.Int64);
            var dataset = utils.data.TensorDataset(index.to(ScalarType.Float32), index);
            Check.SequenceEqual([3, 3, 1], Targets(new DatasetExamples(dataset).Gather([3, 3, 1])), "lists of tensors");

            var named = new DatasetExamples(new NamedDigits(Size), ["label", "image"]);
            var batch = named.Gather([41, 7]);
            Check.SequenceEqual([1, 7], batch[0].data<long>(), "labels, in the order asked for");
            Check.SequenceEqual([2, 2, 3], batch[1].shape, "images, stacked");
            Check.Equal(Size, named.Count, "count");
            Check.Throws<InvalidOperationException>(() => new DatasetExamples(new NamedDigits(9), ["mask"]).Gather([0]), "no such tensor");
        })),
        Runner.TestCase("what does not fit is refused by name", () => InScope(() =>
        {
            var few = new DatasetExamples(new NamedDigits(49), ["label"]);
            var error = Check.Throws<ArgumentException>(() => new BatchSource(Growing(), few, 1), "49 of 50");
            Check.True(error.ParamName == "examples" && error.Message.Contains("49", StringComparison.Ordinal), error.Message);
            Check.Throws<ArgumentOutOfRangeException>(() => Numbers().Gather([0, Size]), "index N");
            Check.Throws<ArgumentOutOfRangeException>(() => Numbers().Gather([-1]), "index −1");
            Check.Throws<ArgumentException>(() => Numbers().Gather([]), "no index");
            Check.Throws<ArgumentException>(() => new TensorExamples(), "no tensor");
            Check.Throws<ArgumentException>(() => new TensorExamples(ones(3), ones(4)), "unequal rows");
            Check.Throws<ArgumentException>(() => new TensorExamples(ones(3), tensor(1.0)), "a tensor without rows");
            Check.Throws<ArgumentException>(() => new DatasetExamples(new NamedDigits(0), ["label"]), "an empty data set");
            Check.Throws<ArgumentException>(() => new DatasetExamples(new NamedDigits(5), []), "no names");
            var source = new BatchSource(Growing(), Numbers(), 1);
            Check.Throws<ArgumentOutOfRangeException>(() => source.Read(Growing()[0], 2, 3), "a piece beyond the batch");
            Check.Throws<ArgumentOutOfRangeException>(() => source.Read(Growing()[0], 0, 0), "an empty piece");
            Check.Throws<ArgumentOutOfRangeException>(() => source.From(-1), "update −1");
        })),
        Runner.TestCase("examples of different shapes are named", () => InScope(() =>
        {
            var error = Check.Throws<InvalidOperationException>(() => new DatasetExamples(new Ragged()).Gather([1, 2]), "ragged");
            Check.True(error.Message.Contains("Example 2 is Float32[2]", StringComparison.Ordinal), error.Message);
        })),
        Runner.TestCase("reading leaves no tensors behind", () =>
        {
            Live.NothingLeftBy(
                () => InScope(() =>
                {
                    foreach (var batch in new BatchSource(Growing(), Numbers(), 1).From(0))
                        _ = batch.Tensors[0] * 2; // freed with its batch
                }),
                "an epoch of batches");
            using var scope = NewDisposeScope();
            var named = new DatasetExamples(new NamedDigits(Size), ["label"]);
            var before = Live.Tensors;
            var gathered = named.Gather([1, 2, 3]);
            Check.Equal(before + gathered.Length, Live.Tensors, "only the batch is left of what a data set made");
        }),
    ]);

    private sealed class Ragged : utils.data.IterableDataset
    {
        public override long Count => 5;

        public override IList<Tensor> GetTensor(long index) => [ones(index)];
    }
}
