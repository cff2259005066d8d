using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class ImageDataSetTests
{
    private static readonly Normalisation Grey = new([0], [1]);

    public static Test All => TestList("image data set",
    [
        TestCase("take keeps a random subset, the same for the same seed, nested in a larger one", () =>
        {
            using var whole = Numbered(1000);
            using var hundred = whole.Take(100, 7);
            using var again = whole.Take(100, 7);
            using var other = whole.Take(100, 8);
            using var more = whole.Take(200, 7);
            var kept = Numbers(hundred);
            Check.Equal(100, kept.Distinct().Count());
            Check.Sequence(kept.Order(), kept);
            Check.Sequence(kept, Numbers(again));
            Check.True(!kept.SequenceEqual(Numbers(other)));
            Check.True(kept.All(new HashSet<float>(Numbers(more)).Contains));

            // the mean of 100 of 0 … 999 without replacement: 499.5 ± 4 standard deviations of 27.4
            Check.Close(499.5, kept.Average(), 110);
            Check.Equal(hundred.Hash, again.Hash);
            Check.Equal(4, new[] { whole.Hash, hundred.Hash, other.Hash, more.Hash }.Distinct().Count());
        }),
        TestCase("labels stay with their images, and the test set stays whole", () =>
        {
            using var whole = Numbered(50);
            using var some = whole.Take(20, 1);
            Check.Sequence(Numbers(some).Select(number => (long)number % 10), some.Train.Labels.data<long>().ToArray());
            Check.Equal(whole.Test.Count, some.Test.Count);
        }),
        TestCase("first keeps the first of both sets, or all where there are no more, under a hash of its own", () =>
        {
            using var whole = Numbered(50);
            using var some = whole.First(20, 3);
            using var all = whole.First(1000, 1000);
            Check.Sequence(Numbers(whole).Take(20), Numbers(some));
            Check.Equal((20, Math.Min(3, whole.Test.Count)), (some.Train.Count, some.Test.Count));
            Check.Equal((50, whole.Test.Count), (all.Train.Count, all.Test.Count));
            Check.Equal(3, new[] { whole.Hash, some.Hash, all.Hash }.Distinct().Count());
            Check.Throws<ArgumentOutOfRangeException>(() => whole.First(0, 1), "trainCount");
            Check.Throws<ArgumentOutOfRangeException>(() => whole.First(1, 0), "testCount");
        }),
        TestCase("of some classes: their examples alone, numbered as they were given", () =>
        {
            using var whole = Numbered(50);
            using var some = whole.OfClasses(7, 2);
            Check.Equal(2, some.ClassCount);
            Check.Sequence(Enumerable.Range(0, 50).Where(i => i % 10 is 7 or 2).Select(i => (float)i), Numbers(some));
            Check.Sequence(Numbers(some).Select(number => number % 10 == 7 ? 0L : 1L), some.Train.Labels.data<long>().ToArray());
            Check.Equal(whole.Test.Labels.data<long>().ToArray().Count(label => label is 7 or 2), some.Test.Count);
            Check.True(whole.Hash != some.Hash);
            foreach (var wrong in new int[][] { [1], [1, 1], [1, 10], [-1, 2] })
                Check.Throws<ArgumentException>(() => whole.OfClasses(wrong), "classes");
        }),
        TestCase("balanced: as many of every class, no test example among those of training, the test set from both parts", () =>
        {
            using var whole = Numbered(200);
            using var drawn = whole.Balanced(5, 12, 3);
            using var again = whole.Balanced(5, 12, 3);
            using var other = whole.Balanced(5, 12, 4);
            Check.Sequence(Enumerable.Repeat(5, 10), drawn.Train.Labels.data<long>().ToArray().GroupBy(c => c).OrderBy(g => g.Key).Select(g => g.Count()));
            Check.Sequence(Enumerable.Repeat(12, 10), drawn.Test.Labels.data<long>().ToArray().GroupBy(c => c).OrderBy(g => g.Key).Select(g => g.Count()));
            Check.Sequence(Numbers(drawn), Numbers(again));
            Check.True(!Numbers(drawn).SequenceEqual(Numbers(other)));
            Check.Sequence(Numbers(drawn).Select(number => (long)number % 10), drawn.Train.Labels.data<long>().ToArray());
            Check.Equal(170, Numbers(drawn).Concat(NumbersOf(drawn.Test)).Distinct().Count());
            Check.Throws<ArgumentException>(() => whole.Balanced(100, 100, 0), "testPerClass");
        }),
        TestCase("random labels: the same images, every class about as often, no label tied to its image", () =>
        {
            using var whole = Numbered(1000);
            using var random = whole.WithRandomLabels(5);
            using var again = whole.WithRandomLabels(5);
            Check.Sequence(Numbers(whole), Numbers(random));
            var labels = random.Train.Labels.data<long>().ToArray();
            Check.Sequence(labels, again.Train.Labels.data<long>().ToArray());

            // 1000 draws of probability 1/10: 100 ± 5 standard deviations of 9.5, for each class and for the labels that are right by chance
            foreach (var count in labels.GroupBy(c => c).Select(g => g.Count()).Append(labels.Zip(whole.Train.Labels.data<long>().ToArray()).Count(pair => pair.First == pair.Second)))
                Check.Close(100, count, 48);

            Check.Equal(10, labels.Distinct().Count());
        }),
        TestCase("in unit range: the grey levels, from 0 to 1", () =>
        {
            using var digits = SyntheticDigits.Generate(new SyntheticDigitsSettings { TrainCount = 20, TestCount = 5 });
            using var unit = digits.InUnitRange();
            foreach (var (set, before) in new[] { (unit.Train, digits.Train), (unit.Test, digits.Test) })
            {
                using var scope = torch.NewDisposeScope();
                var grey = set.Images.data<float>().ToArray();
                Check.Close(0, grey.Min(), 1e-6);
                Check.True(grey.Max() is > 0.9f and <= 1.000001f);
                var expected = before.Images.data<float>().ToArray().Select(x => (x * digits.Normalisation.Scale[0]) + digits.Normalisation.Mean[0]);
                Check.True(grey.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) < 1e-6));
            }
        }),
        TestCase("a subset outlives the whole, and disposal frees everything", () =>
        {
            using var guard = torch.NewDisposeScope();
            var live = LiveTensors();
            var whole = Numbered(50);
            var some = whole.Take(20, 1);
            var moved = some.To(torch.CPU);
            whole.Dispose();
            some.Dispose();
            using (torch.NewDisposeScope())
                Check.True(moved.Test.Images.sum().item<float>() > 0 && moved.Train.Images.sum().item<float>() > 0);

            moved.Dispose();
            Check.Equal(live, LiveTensors());
        }),
        TestCase("take refuses more than there is", () =>
        {
            using var whole = Numbered(5);
            Check.Throws<ArgumentOutOfRangeException>(() => whole.Take(6, 0), "count");
            Check.Throws<ArgumentOutOfRangeException>(() => whole.Take(0, 0), "count");
        }),
        TestCase("slices are views, and stay inside", () =>
        {
            using var whole = Numbered(5);
            using var scope = torch.NewDisposeScope();
            var (images, labels) = whole.Train.Slice(3, 2);
            Check.Sequence([3f, 4f], images.flatten().data<float>().ToArray());
            Check.Sequence([3L, 4L], labels.data<long>().ToArray());
            Check.Throws<ArgumentOutOfRangeException>(() => whole.Train.Slice(3, 3), "count", "2 of 5");
            Check.Throws<ArgumentOutOfRangeException>(() => whole.Train.Slice(-1, 1), "first");
        }),
        TestCase("parts that do not belong together are refused", () =>
        {
            using var scope = torch.NewDisposeScope();
            var images = torch.zeros(2, 1, 3, 3);
            var labels = torch.zeros(2, torch.ScalarType.Int64);
            Check.Throws<ArgumentException>(() => new ImageSet(images.squeeze(1), labels), "images", "[2, 3, 3]");
            Check.Throws<ArgumentException>(() => new ImageSet(images.to(torch.ScalarType.Float64), labels), "Float64");
            Check.Throws<ArgumentException>(() => new ImageSet(images, labels.narrow(0, 0, 1)), "labels", "[1]", "for 2 images");
            Check.Throws<ArgumentException>(() => new ImageSet(images, labels.to(torch.ScalarType.Int32)), "Int32");
            using var set = new ImageSet(images.alias(), labels.alias());
            using var larger = new ImageSet(torch.zeros(2, 1, 4, 4), torch.full([2], 3, torch.ScalarType.Int64));
            Check.Throws<ArgumentException>(() => new ImageDataSet("x", set, larger, 10, Grey, "h"), "1 × 4 × 4", "1 × 3 × 3");
            Check.Throws<ArgumentException>(() => new ImageDataSet("x", larger, larger, 3, Grey, "h"), "from 3 to 3", "3 classes");
            Check.Throws<ArgumentOutOfRangeException>(() => new ImageDataSet("x", set, set, 1, Grey, "h"), "classCount");
            Check.Throws<ArgumentException>(() => new ImageDataSet("x", set, set, 2, new Normalisation([0, 0], [1, 1]), "h"), "2 channels");
            Check.Throws<ArgumentException>(() => new Normalisation([0], []), "1 means and 0 scales");
            Check.Throws<ArgumentOutOfRangeException>(() => new Normalisation([0], [0]), "positive");
            Check.Throws<ArgumentOutOfRangeException>(() => new Normalisation([double.NaN], [1]), "finite");
        }),
        TestCase("the normalisation of bytes is their mean and standard deviation, channel by channel", () =>
        {
            // two images of two channels of two pixels; the second channel is constant
            var normalisation = Normalisation.Of([0, 255, 51, 51, 255, 0, 51, 51], 2, 2);
            Check.Sequence([0.5, 0.2], normalisation.Mean);
            Check.Sequence([0.5, 1], normalisation.Scale);
            Check.Throws<ArgumentException>(() => Normalisation.Of([1, 2, 3], 2, 2), "3 bytes");
        }),
    ]);

    /// <summary>A data set whose image i is the single pixel i, with label i mod 10; test images go on where those of training end.</summary>
    public static ImageDataSet Numbered(int count)
    {
        ImageSet Set(int first)
        {
            var numbers = torch.arange(first, first + count, torch.ScalarType.Int64);
            var labels = numbers.remainder(10);
            var images = numbers.to(torch.ScalarType.Float32).view(count, 1, 1, 1);
            numbers.Dispose();
            return new ImageSet(images, labels);
        }

        using var scope = torch.NewDisposeScope();
        return new ImageDataSet("numbers", Set(0), Set(count), 10, Grey, $"numbers {count}");
    }

    /// <summary>Tensors made on this thread and not yet disposed.</summary>
    public static long LiveTensors() => DisposeScopeManager.Statistics.ThreadTotalLiveCount;

    private static float[] Numbers(ImageDataSet set) => NumbersOf(set.Train);

    private static float[] NumbersOf(ImageSet set)
    {
        using var scope = torch.NewDisposeScope();
        return set.Images.flatten().data<float>().ToArray();
    }
}
