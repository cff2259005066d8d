using FsCheck;
using FsCheck.Fluent;
using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class DataOrderTests
{
    private const Sampling Epochs = Sampling.ReshuffledEpochs;
    private const Sampling Independent = Sampling.IndependentWithoutReplacement;
    private const Sampling Replaced = Sampling.WithReplacement;

    /// <summary>A set size, a seed and a stretch of the stream that may span several epochs.</summary>
    private sealed record Stretch(int Size, long Seed, long Position, int Count)
    {
        public static Arbitrary<Stretch> Any { get; } = Arb.From(
            from size in Gen.Choose(1, 40)
            from seed in Gen.Choose(int.MinValue, int.MaxValue)
            from position in Gen.OneOf(Gen.Choose(0, 200).Select(p => (long)p), Gen.Choose(0, 1000).Select(p => (1L << 40) + p))
            from count in Gen.Choose(0, 130)
            select new Stretch(size, seed, position, count));
    }

    public static Test All => TestList("data order",
    [
        Property("every epoch is a permutation", stretch =>
        {
            var permutation = new long[stretch.Size];
            DataOrder.FillEpoch(stretch.Seed, stretch.Position, permutation);
            Check.Sequence(Enumerable.Range(0, stretch.Size).Select(i => (long)i), permutation.Order());
        }),
        Property("a stretch of reshuffled epochs is the epochs one after the other", stretch =>
        {
            var expected = new long[stretch.Count];
            var permutation = new long[stretch.Size];
            for (var i = 0; i < stretch.Count; i++)
            {
                DataOrder.FillEpoch(stretch.Seed, (stretch.Position + i) / stretch.Size, permutation);
                expected[i] = permutation[(stretch.Position + i) % stretch.Size];
            }

            Check.Sequence(expected, Read(stretch, Epochs));
        }),
        Property("a stretch is the same at once, in pieces, and after anything else was read", stretch =>
        {
            foreach (var sampling in new[] { Epochs, Independent, Replaced })
            {
                var count = sampling == Independent ? Math.Min(stretch.Count, stretch.Size) : stretch.Count;
                var whole = Read(stretch with { Count = count }, sampling);
                var order = new DataOrder(stretch.Size, stretch.Seed, sampling);
                order.Fill(17, new long[1]);
                var pieces = new long[count];
                for (var first = 0; first < count; first += 3)
                    order.Fill(stretch.Position, pieces.AsSpan(first, Math.Min(3, count - first)), first);

                Check.Sequence(whole, pieces);
            }
        }),
        Property("position p + 1 of one stretch is position p of the next, except for independent batches", stretch =>
        {
            foreach (var sampling in new[] { Epochs, Replaced })
            {
                var here = Read(stretch with { Count = stretch.Count + 1 }, sampling);
                var next = Read(stretch with { Position = stretch.Position + 1 }, sampling);
                Check.Sequence(here.Skip(1), next);
            }
        }),
        Property("an independent batch holds no example twice; with replacement all stay in range", stretch =>
        {
            var batch = Read(stretch with { Count = Math.Min(stretch.Count, stretch.Size) }, Independent);
            Check.Equal(batch.Length, batch.Distinct().Count());
            Check.True(batch.Concat(Read(stretch, Replaced)).All(index => index >= 0 && index < stretch.Size));
        }),
        TestCase("epochs, seeds and set sizes have orders of their own", () =>
        {
            long[] Order(long seed, long epoch)
            {
                var order = new long[100];
                DataOrder.FillEpoch(seed, epoch, order);
                return order;
            }

            Check.Sequence(Order(1, 0), Order(1, 0));
            Check.Equal(3, new[] { Order(1, 0), Order(1, 1), Order(2, 0) }.Select(order => string.Join(' ', order)).Distinct().Count());
        }),
        TestCase("all orders of four examples are equally likely", () =>
        {
            // 24 orders, 24 000 epochs: χ² with 23 degrees of freedom exceeds 49.7 with probability 0.001; the seed is fixed
            var counts = new Dictionary<string, int>();
            var order = new long[4];
            for (var epoch = 0; epoch < 24_000; epoch++)
            {
                DataOrder.FillEpoch(11, epoch, order);
                var key = string.Join("", order);
                counts[key] = counts.GetValueOrDefault(key) + 1;
            }

            Check.Equal(24, counts.Count);
            Check.True(counts.Values.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000) < 49.7);
        }),
        TestCase("independent batches and draws with replacement are uniform", () =>
        {
            foreach (var (sampling, pairs) in new[] { (Independent, 12), (Replaced, 16) })
            {
                // pairs of four examples: 12 without replacement, 16 with; bounds at probability 0.001 for 11 and 15 degrees of freedom
                var order = new DataOrder(4, 3, sampling);
                var counts = new Dictionary<(long, long), int>();
                var batch = new long[2];
                for (var i = 0; i < 1000 * pairs; i++)
                {
                    order.Fill(2 * i, batch);
                    counts[(batch[0], batch[1])] = counts.GetValueOrDefault((batch[0], batch[1])) + 1;
                }

                Check.Equal(pairs, counts.Count);
                Check.True(counts.Values.Sum(count => (count - 1000.0) * (count - 1000.0) / 1000) < (pairs == 12 ? 31.3 : 37.7));
            }
        }),
        TestCase("filling allocates nothing once the buffers are there", () =>
        {
            var indices = new long[64];
            foreach (var sampling in new[] { Epochs, Independent, Replaced })
            {
                var order = new DataOrder(1000, 1, sampling);
                order.Fill(0, indices);
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var i = 0; i < 100; i++)
                    order.Fill(i * 64, indices);

                Check.Equal(0L, GC.GetAllocatedBytesForCurrentThread() - before);
            }
        }),
        TestCase("arguments out of range are refused by name", () =>
        {
            Check.Throws<ArgumentOutOfRangeException>(() => new DataOrder(0, 0), "trainingSetSize");
            Check.Throws<ArgumentOutOfRangeException>(() => new DataOrder(1, 0, (Sampling)9), "sampling");
            var order = new DataOrder(5, 0, Independent);
            Check.Throws<ArgumentOutOfRangeException>(() => order.Fill(-1, new long[1]), "batchPosition");
            Check.Throws<ArgumentOutOfRangeException>(() => order.Fill(long.MaxValue, new long[1]), "batchPosition");
            Check.Throws<ArgumentOutOfRangeException>(() => order.Fill(0, new long[1], -1), "offset");
            Check.Throws<ArgumentOutOfRangeException>(() => order.Fill(0, new long[6]), "at most N = 5");
            Check.Throws<ArgumentOutOfRangeException>(() => order.Fill(0, new long[3], 3), "at most N = 5");
            Check.Throws<ArgumentOutOfRangeException>(() => DataOrder.FillEpoch(0, -1, new long[1]), "epoch");
            Check.Throws<ArgumentOutOfRangeException>(() => order.Locate(-1), "position");
            Check.Equal((3L, 2), order.Locate(17));
        }),
    ]);

    private static Test Property(string name, Action<Stretch> law) =>
        TestCase(name, () => FsCheck.Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true), Prop.ForAll(Stretch.Any, law)));

    private static long[] Read(Stretch stretch, Sampling sampling)
    {
        var indices = new long[stretch.Count];
        new DataOrder(stretch.Size, stretch.Seed, sampling).Fill(stretch.Position, indices);
        return indices;
    }
}
