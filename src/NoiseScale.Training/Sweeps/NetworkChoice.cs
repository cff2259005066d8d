using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Sweeps;

/// <summary>A network up to the data it is for, which give the size of an image and the number of classes.</summary>
public abstract record NetworkChoice
{
    private NetworkChoice()
    {
    }

    /// <summary>The network for a data set.</summary>
    /// <param name="data">The data set.</param>
    /// <exception cref="ArgumentException">A width is out of range.</exception>
    public Network For(ImageDataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return this switch
        {
            Perceptron perceptron => new MultilayerPerceptron(data.Train.Shape, data.ClassCount, perceptron.HiddenWidths),
            Convolutional(var first, var second) => new ConvolutionalNetwork(data.Train.Shape, data.ClassCount, first, second),
            _ => throw new InvalidOperationException($"no such network: {this}"),
        };
    }

    /// <summary>A <see cref="MultilayerPerceptron"/>.</summary>
    /// <param name="HiddenWidths">Units of each hidden layer; none for logistic regression.</param>
    public sealed record Perceptron(params IReadOnlyList<int> HiddenWidths) : NetworkChoice
    {
        /// <inheritdoc/>
        public override string ToString() => HiddenWidths.Count == 0 ? "logistic" : $"mlp {string.Join(' ', HiddenWidths)}";

        /// <summary>Whether the widths are the same.</summary>
        /// <param name="other">Another choice.</param>
        public bool Equals(Perceptron? other) => other is not null && HiddenWidths.SequenceEqual(other.HiddenWidths);

        /// <inheritdoc/>
        public override int GetHashCode() => HiddenWidths.Aggregate(17, HashCode.Combine);
    }

    /// <summary>A <see cref="ConvolutionalNetwork"/>.</summary>
    /// <param name="FirstChannels">Channels after the first convolution.</param>
    /// <param name="SecondChannels">Channels after the second convolution.</param>
    public sealed record Convolutional(int FirstChannels = 16, int SecondChannels = 32) : NetworkChoice
    {
        /// <inheritdoc/>
        public override string ToString() => $"conv {FirstChannels} {SecondChannels}";
    }
}
