namespace NoiseScale.Training.Data;

/// <summary>A classification problem: training and test images of one size, normalised alike, with their provenance.</summary>
/// <remarks>Immutable; owns both sets and frees them when it is disposed.</remarks>
public sealed partial class ImageDataSet : IDisposable
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
