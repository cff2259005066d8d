using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Widths;

/// <summary>Networks that differ in a widening factor alone: the same layers, the width w the size of all hidden ones.</summary>
public abstract record WidthFamily
{
    private WidthFamily(int baseWidth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(baseWidth, 1);
        BaseWidth = baseWidth;
    }

    /// <summary>w₀, the width at which the maximal update is the standard network.</summary>
    public int BaseWidth { get; init; }

    /// <summary>The network of a width, under a parameterisation.</summary>
    /// <param name="input">Size of one image.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="width">w, at least 1.</param>
    /// <param name="parameterisation">Which.</param>
    /// <param name="family">Which optimizers are to train it with one learning rate.</param>
    /// <returns>A network of the family.</returns>
    /// <exception cref="ArgumentException">An argument breaks its rule.</exception>
    public Network At(
        ImageShape input, int classCount, int width, Parameterisation parameterisation = Parameterisation.Standard, RateFamily family = RateFamily.Sgd)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        return ParameterisedNetwork.Of(Standard(input, classCount, width), parameterisation, (double)width / BaseWidth, family);
    }

    /// <summary>σ of P4's ḡ = ε/(B(1−m)σ²): the standard deviation at the start of a weight between hidden layers, or of the last layer where there is one hidden layer.</summary>
    /// <param name="network">A network of the family.</param>
    /// <returns>σ, of θ where weights are written W = s·θ.</returns>
    /// <exception cref="ArgumentException">The network has no hidden layer.</exception>
    public static double DeviationOf(Network network)
    {
        ArgumentNullException.ThrowIfNull(network);
        var weights = network.ParameterShapes.Where(shape => shape.IsWeight).ToList();
        return (weights.Find(shape => shape.Role == LayerRole.Hidden) ?? weights.Find(shape => shape.Role == LayerRole.Output)
            ?? throw new ArgumentException($"{network.Name} has no hidden layer", nameof(network))).InitialDeviation;
    }

    private Network Standard(ImageShape input, int classCount, int width) => this switch
    {
        Perceptron(var layers) => new MultilayerPerceptron(input, classCount, [.. Enumerable.Repeat(width, layers)]),
        Convolutional(var ghostBatch) => new ConvolutionalNetwork(input, classCount, width, checked(2 * width), ghostBatch),
        Residual(var depth, var normalisation) => new WideResNet(input, classCount, depth, width, normalisation),
        _ => throw new InvalidOperationException($"no such family: {this}"),
    };

    /// <summary>A perceptron with hidden layers of w units each. (P4's MLPs)</summary>
    /// <param name="HiddenLayers">How many, at least 1.</param>
    public sealed record Perceptron(int HiddenLayers = 1) : WidthFamily(64)
    {
        /// <summary>How many hidden layers.</summary>
        public int HiddenLayers { get; } = HiddenLayers >= 1
            ? HiddenLayers
            : throw new ArgumentOutOfRangeException(nameof(HiddenLayers), HiddenLayers, "a width needs at least 1 hidden layer");

        /// <inheritdoc/>
        public override string ToString() => $"perceptron of {HiddenLayers} hidden layer{(HiddenLayers == 1 ? "" : "s")}";
    }

    /// <summary>The small convolutional network with w and 2w channels, without normalisation or with batch normalisation. (P4's CNNs)</summary>
    /// <param name="GhostBatch">Images in a ghost batch of batch normalisation; null for no normalisation.</param>
    public sealed record Convolutional(int? GhostBatch = null) : WidthFamily(8)
    {
        /// <inheritdoc/>
        public override string ToString() => GhostBatch is { } size ? $"convolutional, batch norm over {size}" : "convolutional";
    }

    /// <summary>A Wide-ResNet of widening factor w, with SkipInit or with batch normalisation. (P4's WRNs)</summary>
    /// <param name="Depth">6n + 4.</param>
    /// <param name="Normalisation">What keeps its activations in range.</param>
    public sealed record Residual(int Depth, ResidualNormalisation Normalisation) : WidthFamily(1)
    {
        /// <inheritdoc/>
        public override string ToString() =>
            $"Wide-ResNet-{Depth}, {(Normalisation is ResidualNormalisation.GhostBatchNorm(var size) ? $"batch norm over {size}" : "SkipInit")}";
    }
}
