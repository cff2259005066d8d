using System.Security.Cryptography;
using System.Text;

namespace NoiseScale.Training.Data;

/// <content>Data sets made from this one. Each has memory of its own, is disposed independently, and has a hash of its own.</content>
public sealed partial class ImageDataSet
{
    /// <summary>
    /// This data set with only <paramref name="count"/> training examples, drawn uniformly without replacement (not balanced by class);
    /// the test set and the normalisation stay those of the whole.
    /// </summary>
    /// <param name="count">How many training examples to keep, from 1 to the size of the training set.</param>
    /// <param name="seed">Chooses the subset, a function of (seed, size of the whole) that holds the smaller subsets; it keeps the order of the whole.</param>
    /// <returns>A data set with memory of its own for its training set, disposed independently of this one.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is out of range.</exception>
    public ImageDataSet Take(int count, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Train.Count);
        var order = new long[Train.Count];
        var random = new CounterRandom(seed, RandomPurpose.Subset, 0);
        DataOrder.Shuffle(ref random, order);
        Array.Sort(order, 0, count);

        using var scope = torch.NewDisposeScope();
        var indices = torch.tensor(order.AsSpan(0, count).ToArray(), device: Train.Device);
        var (images, labels) = Train.Select(indices);
        return new ImageDataSet(
            Name, new ImageSet(images, labels), Test.To(Test.Device), ClassCount, Normalisation,
            Digest($"take {count} of {Train.Count} seed {seed} from {Hash}"), Warnings);
    }

    /// <summary>This data set with only its first examples, of both sets: to try a computation out, not to measure anything.</summary>
    /// <param name="trainCount">How many training examples to keep; all of them if there are no more.</param>
    /// <param name="testCount">How many test examples to keep; all of them if there are no more.</param>
    /// <returns>A data set with memory of its own, disposed independently of this one, under a hash of its own.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A count is below 1.</exception>
    public ImageDataSet First(int trainCount, int testCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trainCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(testCount, 1);
        (trainCount, testCount) = (Math.Min(trainCount, Train.Count), Math.Min(testCount, Test.Count));
        return new ImageDataSet(
            Name, FirstOf(Train, trainCount), FirstOf(Test, testCount), ClassCount, Normalisation,
            Digest($"first {trainCount} of {Train.Count} and {testCount} of {Test.Count} from {Hash}"), Warnings);
    }

    /// <summary>Only the examples of some classes, relabelled 0, 1, … in the order given; the normalisation stays that of the whole.</summary>
    /// <param name="classes">At least two classes of this set, each once, with examples in both parts.</param>
    /// <returns>A data set of as many classes as were given.</returns>
    /// <exception cref="ArgumentException">There are fewer than two classes, one is out of range or repeated, or has no examples.</exception>
    public ImageDataSet OfClasses(params IReadOnlyList<int> classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count < 2 || classes.Distinct().Count() < classes.Count || classes.Any(c => c < 0 || c >= ClassCount))
        {
            throw new ArgumentException(
                $"[{string.Join(", ", classes)}] must be two or more classes from 0 to {ClassCount - 1}, each once", nameof(classes));
        }

        using var scope = torch.NewDisposeScope();
        return new ImageDataSet(
            $"{Name}, classes {string.Join('/', classes)}", OfClasses(Train, classes), OfClasses(Test, classes), classes.Count, Normalisation,
            Digest($"classes {string.Join(',', classes)} of {Hash}"), Warnings);
    }

    /// <summary>
    /// As many examples of every class for training and for testing, drawn at random without replacement from both parts together: a test set may so
    /// be larger than this set's own. (P2 section 3: 800 and 10 000 of MNIST's zeros and ones)
    /// </summary>
    /// <param name="trainPerClass">Training examples of each class, at least 1.</param>
    /// <param name="testPerClass">Test examples of each class, at least 1, none of them among the training examples.</param>
    /// <param name="seed">Chooses them.</param>
    /// <returns>Training and test examples in random order.</returns>
    /// <exception cref="ArgumentException">A class has fewer examples; says how many there are.</exception>
    public ImageDataSet Balanced(int trainPerClass, int testPerClass, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trainPerClass, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(testPerClass, 1);
        var labels = LabelsOf(Train).Concat(LabelsOf(Test)).ToArray();
        var (train, test) = (new List<long>(), new List<long>());
        for (var c = 0; c < ClassCount; c++)
        {
            long[] members = [.. Enumerable.Range(0, labels.Length).Where(i => labels[i] == c).Select(i => (long)i)];
            if (members.Length < trainPerClass + testPerClass)
            {
                throw new ArgumentException(
                    $"{Name} has {members.Length} examples of class {c}; {trainPerClass} and {testPerClass} were asked for", nameof(testPerClass));
            }

            members = Shuffled(members, seed, c + 1);
            train.AddRange(members[..trainPerClass]);
            test.AddRange(members[trainPerClass..(trainPerClass + testPerClass)]);
        }

        using var scope = torch.NewDisposeScope();
        var (images, classes) = (torch.cat([Train.Images, Test.Images]), torch.cat([Train.Labels, Test.Labels]));
        ImageSet Select(List<long> chosen, int part)
        {
            var indices = torch.tensor(Shuffled(chosen, seed, -part), device: Train.Device);
            return new ImageSet(images.index_select(0, indices), classes.index_select(0, indices));
        }

        return new ImageDataSet(
            Name, Select(train, 1), Select(test, 2), ClassCount, Normalisation,
            Digest($"balanced {trainPerClass} and {testPerClass} seed {seed} from {Hash}"), Warnings);
    }

    /// <summary>The same images, of training and test, with labels drawn uniformly at random: there is nothing to learn. (P2 section 3)</summary>
    /// <param name="seed">Draws the labels.</param>
    public ImageDataSet WithRandomLabels(long seed)
    {
        using var scope = torch.NewDisposeScope();
        ImageSet Relabel(ImageSet set, int part)
        {
            var random = new CounterRandom(seed, RandomPurpose.RandomLabels, part);
            var labels = new long[set.Count];
            for (var i = 0; i < labels.Length; i++)
                labels[i] = random.NextBelow(ClassCount);

            return new ImageSet(set.Images.clone(), torch.tensor(labels, device: set.Device));
        }

        return new ImageDataSet(
            $"{Name}, random labels", Relabel(Train, 1), Relabel(Test, 2), ClassCount, Normalisation, Digest($"random labels seed {seed} of {Hash}"), Warnings);
    }

    /// <summary>The same images with grey levels from 0 (black) to 1 (white) as inputs, instead of mean 0 and variance 1.</summary>
    public ImageDataSet InUnitRange()
    {
        using var scope = torch.NewDisposeScope();
        ImageSet Rescaled(ImageSet set)
        {
            var images = set.Images.clone();
            for (var channel = 0; channel < set.Shape.Channels; channel++)
                images.select(1, channel).Rescale(Normalisation.Scale[channel], Normalisation.Mean[channel]);

            return new ImageSet(images, set.Labels.clone());
        }

        double[] zeros = [.. Normalisation.Mean.Select(_ => 0.0)];
        double[] ones = [.. Normalisation.Mean.Select(_ => 1.0)];
        return new ImageDataSet(
            Name, Rescaled(Train), Rescaled(Test), ClassCount, new Normalisation(zeros, ones), Digest($"in unit range {Hash}"), Warnings);
    }

    /// <summary>Smaller images: every pixel the mean over a square of pixels, standardised again, so that a network has fewer inputs than hidden units.</summary>
    /// <param name="factor">Side of the square, at least 1, a divisor of height and width.</param>
    /// <returns>A data set whose training inputs have mean 0 and variance 1 in each channel.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="factor"/> does not divide height and width.</exception>
    public ImageDataSet Pooled(int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        if (Train.Shape.Height % factor != 0 || Train.Shape.Width % factor != 0)
            throw new ArgumentOutOfRangeException(nameof(factor), factor, $"it must divide height and width of images of {Train.Shape}");

        using var scope = torch.NewDisposeScope();
        Tensor Means(ImageSet set) => torch.nn.functional.avg_pool2d(set.Images, [factor, factor], [factor, factor]);
        var (train, test) = (Means(Train), Means(Test));
        var means = new double[Train.Shape.Channels];
        var scales = new double[Train.Shape.Channels];
        for (var channel = 0; channel < means.Length; channel++)
        {
            using var pixels = train.select(1, channel).to(torch.ScalarType.Float64);
            var (mean, scale) = (pixels.mean().item<double>(), pixels.std(false).item<double>());
            foreach (var images in (Tensor[])[train, test])
                images.select(1, channel).Rescale(1 / scale, -mean / scale);

            // what was subtracted and divided by, in units of the pixels themselves
            (means[channel], scales[channel]) = (Normalisation.Mean[channel] + (mean * Normalisation.Scale[channel]), scale * Normalisation.Scale[channel]);
        }

        return new ImageDataSet(
            $"{Name}, pooled {factor} × {factor}", new ImageSet(train, Train.Labels.clone()), new ImageSet(test, Test.Labels.clone()), ClassCount,
            new Normalisation(means, scales), Digest($"pooled {factor} of {Hash}"), Warnings);
    }

    private static long[] Shuffled(IReadOnlyList<long> items, long seed, long stream)
    {
        var order = new long[items.Count];
        var random = new CounterRandom(seed, RandomPurpose.Subset, stream);
        DataOrder.Shuffle(ref random, order);
        return Array.ConvertAll(order, i => items[(int)i]);
    }

    private static long[] LabelsOf(ImageSet set)
    {
        using var labels = set.Labels.cpu();
        return labels.data<long>().ToArray();
    }

    private ImageSet OfClasses(ImageSet set, IReadOnlyList<int> classes)
    {
        var labels = LabelsOf(set);
        var place = Enumerable.Repeat(-1L, ClassCount).ToArray();
        for (var i = 0; i < classes.Count; i++)
            place[classes[i]] = i;

        long[] kept = [.. Enumerable.Range(0, labels.Length).Where(i => place[labels[i]] >= 0).Select(i => (long)i)];
        foreach (var missing in classes.Where(c => !labels.Contains(c)))
            throw new ArgumentException($"a part of {Name} has no example of class {missing}", nameof(classes));

        var relabelled = torch.tensor(Array.ConvertAll(kept, i => place[labels[i]]), device: set.Device);
        return new ImageSet(set.Images.index_select(0, torch.tensor(kept, device: set.Device)), relabelled);
    }

    private static ImageSet FirstOf(ImageSet set, int count)
    {
        using var scope = torch.NewDisposeScope();
        var (images, labels) = set.Slice(0, count);
        return new ImageSet(images.clone(), labels.clone());
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
