using System.Security.Cryptography;
using System.Text;

namespace NoiseScale.Training.Data;

/// <summary>A classification problem: training and test images of one size, normalised alike, with their provenance.</summary>
/// <remarks>Immutable; owns both sets and frees them when it is disposed.</remarks>
public sealed class ImageDataSet : IDisposable
{
    /// <summary>Puts a data set together from its parts and takes over both sets.</summary>
    /// <param name="name">What to call it in results.</param>
    /// <param name="train">The training examples.</param>
    /// <param name="test">The test examples, of the same image size and on the same device.</param>
    /// <param name="classCount">Number of classes, at least 2; every label is from 0 to it less 1.</param>
    /// <param name="normalisation">How the pixels became inputs.</param>
    /// <param name="hash">What identifies the content: equal hashes mean equal examples.</param>
    /// <param name="warnings">What a reader of results should know about the source.</param>
    /// <exception cref="ArgumentException">The parts do not belong together; says which rule is broken.</exception>
    public ImageDataSet(
        string name,
        ImageSet train,
        ImageSet test,
        int classCount,
        Normalisation normalisation,
        string hash,
        IReadOnlyList<string>? warnings = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(hash);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        ArgumentNullException.ThrowIfNull(normalisation);
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        if (train.Shape != test.Shape)
        {
            {
                throw new ArgumentException(
                    $"test images are {test.Shape} and training images {train.Shape}; they must be of one size", nameof(test));
            }
        }

        if (normalisation.Mean.Count != train.Shape.Channels)
        {
            throw new ArgumentException(
                $"normalises {normalisation.Mean.Count} channels; the images have {train.Shape.Channels}", nameof(normalisation));
        }

        RequireLabels(train, classCount, nameof(train));
        RequireLabels(test, classCount, nameof(test));
        (Name, Train, Test, ClassCount, Normalisation, Hash) = (name, train, test, classCount, normalisation, hash);
        Warnings = warnings ?? [];
    }

    /// <summary>What to call it in results.</summary>
    public string Name { get; }

    /// <summary>The training examples.</summary>
    public ImageSet Train { get; }

    /// <summary>The test examples.</summary>
    public ImageSet Test { get; }

    /// <summary>Number of classes; labels run from 0 to it less 1.</summary>
    public int ClassCount { get; }

    /// <summary>How the pixels became inputs.</summary>
    public Normalisation Normalisation { get; }

    /// <summary>SHA-256, in lower-case hexadecimal, of the source data and of the settings that made the examples from it.</summary>
    public string Hash { get; }

    /// <summary>What a reader of results should know about the source, such as that it is not the canonical MNIST; usually empty.</summary>
    public IReadOnlyList<string> Warnings { get; }

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

    /// <summary>This data set on another device; disposed independently of this one.</summary>
    /// <param name="device">Where to.</param>
    public ImageDataSet To(Device device) =>
        new(Name, Train.To(device), Test.To(device), ClassCount, Normalisation, Hash, Warnings);

    /// <summary>Frees both sets.</summary>
    public void Dispose()
    {
        Train.Dispose();
        Test.Dispose();
    }

    private static ImageSet FirstOf(ImageSet set, int count)
    {
        using var scope = torch.NewDisposeScope();
        var (images, labels) = set.Slice(0, count);
        return new ImageSet(images.clone(), labels.clone());
    }

    private static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static void RequireLabels(ImageSet set, int classCount, string parameter)
    {
        using var scope = torch.NewDisposeScope();
        var (lowest, highest) = (set.Labels.min().item<long>(), set.Labels.max().item<long>());
        if (lowest < 0 || highest >= classCount)
        {
            {
                throw new ArgumentException(
                    $"labels run from {lowest} to {highest}; with {classCount} classes they must be from 0 to {classCount - 1}", parameter);
            }
        }
    }
}
