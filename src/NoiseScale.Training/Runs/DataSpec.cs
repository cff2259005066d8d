using NoiseScale.Training.Data;

namespace NoiseScale.Training.Runs;

/// <summary>Which examples a run trains on: a data set by its content, and perhaps a random subset of its training examples.</summary>
/// <param name="Name">What to call the data set in results.</param>
/// <param name="Hash">SHA-256 of its content and preparation; see <see cref="ImageDataSet.Hash"/>.</param>
/// <param name="TrainingSetSize">N, the training examples of the run: those of the subset where there is one.</param>
public sealed record DataSpec(string Name, string Hash, int TrainingSetSize)
{
    /// <summary>Chooses the subset; null for the whole training set.</summary>
    public long? SubsetSeed { get; private init; }

    /// <summary>The whole of a data set.</summary>
    /// <param name="data">The data set.</param>
    public static DataSpec Of(ImageDataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return new DataSpec(data.Name, data.Hash, data.Train.Count);
    }

    /// <summary>A random subset of the training examples of a data set; its test examples stay.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="trainingSetSize">How many training examples, from 1 to all.</param>
    /// <param name="subsetSeed">Chooses them; see <see cref="ImageDataSet.Take"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="trainingSetSize"/> is out of range.</exception>
    public static DataSpec Of(ImageDataSet data, int trainingSetSize, long subsetSeed)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(trainingSetSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(trainingSetSize, data.Train.Count);
        return new DataSpec(data.Name, data.Hash, trainingSetSize) { SubsetSeed = subsetSeed };
    }
}

/// <summary>The augmentation of P1's CIFAR-10: a shifted crop and a mirror image, drawn from the run's seed; see <see cref="CropAndFlip"/>.</summary>
/// <param name="Padding">Pixels added on each side before cropping, at least 0.</param>
/// <param name="Flip">Whether to mirror with probability 1/2.</param>
public sealed record AugmentationSpec(int Padding = 4, bool Flip = true);
