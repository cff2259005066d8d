using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class BatchReaderTests
{
    public static Test All => TestList("batch reader",
    [
        TestCase("reads what the order says, within and across epochs, forwards and backwards", () =>
        {
            using var set = ImageDataSetTests.Numbered(10);
            foreach (var sampling in Enum.GetValues<Sampling>())
            {
                using var reader = new BatchReader(set.Train, new DataOrder(10, 4, sampling));
                (long, int, int)[] reads =
                    [(0, 3, 0), (3, 7, 0), (8, 5, 0), (8, 2, 3), (35, 1, 0), (8, 5, 0), (0, 10, 0), ((1L << 50) + 1, 4, 2)];
                foreach (var (position, count, offset) in reads)
                {
                    var expected = new long[count];
                    new DataOrder(10, 4, sampling).Fill(position, expected, offset);
                    using var scope = torch.NewDisposeScope();
                    var (images, labels) = reader.Read(position, count, offset);
                    Check.Sequence(expected.Select(index => (float)index), images.flatten().data<float>().ToArray());
                    Check.Sequence(expected, labels.data<long>().ToArray());
                }
            }
        }),
        TestCase("reads batches that are larger than an epoch", () =>
        {
            using var set = ImageDataSetTests.Numbered(4);
            using var reader = new BatchReader(set.Train, new DataOrder(4, 1));
            using var scope = torch.NewDisposeScope();
            var labels = reader.Read(2, 12).Labels.data<long>().ToArray();
            Check.Sequence([0L, 1, 2, 3], labels[2..6].Order());
            Check.Sequence([0L, 1, 2, 3], labels[6..10].Order());
        }),
        TestCase("the batch belongs to the caller's scope and nothing else is left", () =>
        {
            using var set = ImageDataSetTests.Numbered(10);
            var live = ImageDataSetTests.LiveTensors();
            foreach (var augmentation in (IAugmentation?[])[null, new CropAndFlip(1), new Unchanged()])
            {
                using var reader = new BatchReader(set.Train, new DataOrder(10, 1), augmentation);
                using var outer = torch.NewDisposeScope();
                for (var position = 0; position < 40; position += 7)
                {
                    using var scope = torch.NewDisposeScope();
                    reader.Read(position, 7);
                    Check.Equal(2, scope.DisposablesCount);
                }

                Check.Equal(0, outer.DisposablesCount);
            }

            Check.Equal(live, ImageDataSetTests.LiveTensors());
        }),
        TestCase("the augmentation is told the positions of what was read", () =>
        {
            using var set = ImageDataSetTests.Numbered(10);
            var spy = new Spy();
            using var reader = new BatchReader(set.Train, new DataOrder(10, 1), spy);
            using var scope = torch.NewDisposeScope();
            reader.Read(25, 3, offset: 2);
            Check.Equal((27L, 10, 3L), spy.Seen);
        }),
        TestCase("arguments that cannot be read are refused by name", () =>
        {
            using var set = ImageDataSetTests.Numbered(10);
            Check.Throws<ArgumentException>(() => new BatchReader(set.Train, new DataOrder(9, 1)), "orders 9", "has 10");
            using var reader = new BatchReader(set.Train, new DataOrder(10, 1, Sampling.IndependentWithoutReplacement));
            Check.Throws<ArgumentOutOfRangeException>(() => reader.Read(-1, 1), "batchPosition");
            Check.Throws<ArgumentOutOfRangeException>(() => reader.Read(0, 0), "count");
            Check.Throws<ArgumentOutOfRangeException>(() => reader.Read(0, 1, -1), "offset");
            Check.Throws<ArgumentOutOfRangeException>(() => reader.Read(0, 11), "at most N = 10");
        }),
    ]);

    private sealed class Unchanged : IAugmentation
    {
        public Tensor Apply(Tensor images, long firstPosition, int trainingSetSize) => images;
    }

    private sealed class Spy : IAugmentation
    {
        public (long FirstPosition, int TrainingSetSize, long Count) Seen { get; private set; }

        public Tensor Apply(Tensor images, long firstPosition, int trainingSetSize)
        {
            Seen = (firstPosition, trainingSetSize, images.shape[0]);
            return images.alias();
        }
    }
}
