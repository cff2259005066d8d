using System.Globalization;

namespace NoiseScale.Training.Sweeps;

/// <summary>How long a cell of a sweep trains; what it means in epochs depends on the cell's other choices.</summary>
public abstract record TrainingLength
{
    private TrainingLength()
    {
    }

    /// <summary>Epochs of training for a cell: for a number U of updates, U·B/N, which the plan turns into exactly U updates.</summary>
    /// <param name="learningRate">ε, per update.</param>
    /// <param name="batchSize">B, examples.</param>
    /// <param name="trainingSetSize">N, examples.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not greater than 0, or comes to less than one update.</exception>
    public double EpochsOf(double learningRate, int batchSize, int trainingSetSize)
    {
        var length = this switch
        {
            OfEpochs(var epochs) => epochs,
            OfUpdates(var updates) => (double)updates * batchSize / trainingSetSize,
            OfUpdatesTimesLearningRate(var product) => Math.Round(product / learningRate) * batchSize / trainingSetSize,
            _ => throw new InvalidOperationException($"no such length: {this}"),
        };

        // written so that NaN is refused too
        return length > 0 && double.IsFinite(length)
            ? length
            : throw new ArgumentOutOfRangeException(nameof(learningRate), this, $"the length comes to {length} epochs; it must be finite and greater than 0");
    }

    /// <summary>A number of epochs, whatever the cell: small batches take more updates.</summary>
    /// <param name="Epochs">Epochs of data seen, greater than 0.</param>
    public sealed record OfEpochs(double Epochs) : TrainingLength
    {
        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epochs} epochs");
    }

    /// <summary>A number of updates, whatever the cell: large batches see more data.</summary>
    /// <param name="Updates">Updates, at least 1.</param>
    public sealed record OfUpdates(long Updates) : TrainingLength
    {
        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Updates} updates");
    }

    /// <summary>k/ε updates, rounded, so that every learning rate integrates for the same time ε·updates. (P2 section 4 takes k = 10 000)</summary>
    /// <param name="Product">k, greater than 0.</param>
    public sealed record OfUpdatesTimesLearningRate(double Product) : TrainingLength
    {
        /// <inheritdoc/>
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Product}/ε updates");
    }
}
