using NoiseScale.Training.Data;

namespace NoiseScale.Training.Networks;

/// <summary>
/// The small convolutional network: a 5 × 5 convolution, ReLU, a 3 × 3 convolution, ReLU, one dense layer. Both convolutions move by two
/// pixels, in place of pooling, so each halves height and width (rounded up) and the first already works on a quarter of the places.
/// </summary>
/// <remarks>Weights He-normal, those of the dense layer of variance 1/fan-in, biases 0. For 28 × 28 grey images and 16 and 32 channels:
/// 416 + 4 640 + 15 690 = 20 746 parameters. With ghost batch norm both convolutions are normalised before their ReLU, and have no biases.</remarks>
public sealed class ConvolutionalNetwork : Network
{
    private const int Stride = 2;

    /// <summary>A network with the given numbers of channels.</summary>
    /// <param name="input">Size of one image.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="firstChannels">Channels after the first convolution, at least 1.</param>
    /// <param name="secondChannels">Channels after the second convolution, at least 1.</param>
    /// <param name="ghostBatch">Images in a ghost batch of batch normalisation, at least 1; null for no normalisation.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument breaks its rule.</exception>
    public ConvolutionalNetwork(ImageShape input, int classCount, int firstChannels = 16, int secondChannels = 32, int? ghostBatch = null)
        : base(
            $"conv-{firstChannels}-{secondChannels}{(ghostBatch is { } size ? $"-ghost{size}" : "")}", input, classCount,
            Shapes(input, classCount, firstChannels, secondChannels, ghostBatch)) => GhostBatch = ghostBatch;

    /// <summary>Images in a ghost batch of batch normalisation; null for no normalisation.</summary>
    public int? GhostBatch { get; }

    /// <inheritdoc/>
    public override NetworkStatistics Calibrate(IReadOnlyList<Tensor> parameters, IEnumerable<Tensor> batches) => GhostBatch is { } size
        ? Normaliser.Measuring.Over(size, batches, (images, normaliser) =>
        {
            RequireTensors(parameters, images);
            Normalised(parameters, images, normaliser, null);
        })
        : NetworkStatistics.None;

    /// <inheritdoc/>
    protected override Tensor Forward(IReadOnlyList<Tensor> parameters, Tensor images, Action<string, Tensor>? observe)
    {
        if (GhostBatch is { } size)
            return Normalised(parameters, images, new Normaliser.Ghost(size), observe);

        var outputs = Layers.Convolution(images, parameters[0], parameters[1], Stride);
        observe?.Invoke("convolution1", outputs);
        outputs = Layers.Convolution(outputs.relu(), parameters[2], parameters[3], Stride);
        observe?.Invoke("convolution2", outputs);
        return torch.nn.functional.linear(outputs.relu().flatten(1), parameters[4], parameters[5]);
    }

    /// <inheritdoc/>
    protected override Tensor ForwardWith(IReadOnlyList<Tensor> parameters, NetworkStatistics statistics, Tensor images)
    {
        if (GhostBatch is null)
            return Forward(parameters, images, null);

        statistics.RequireChannels(Name, [ParameterShapes[0].Shape[0], ParameterShapes[3].Shape[0]]);
        return Normalised(parameters, images, new Normaliser.Fixed(statistics), null);
    }

    private static Tensor Normalised(IReadOnlyList<Tensor> parameters, Tensor images, Normaliser normaliser, Action<string, Tensor>? observe)
    {
        var outputs = Layers.Convolution(images, parameters[0], null, Stride);
        observe?.Invoke("convolution1", outputs);
        outputs = Layers.Convolution(normaliser.Apply(outputs, parameters[1], parameters[2]).relu(), parameters[3], null, Stride);
        observe?.Invoke("convolution2", outputs);
        return torch.nn.functional.linear(normaliser.Apply(outputs, parameters[4], parameters[5]).relu().flatten(1), parameters[6], parameters[7]);
    }

    private static List<ParameterShape> Shapes(ImageShape input, int classCount, int firstChannels, int secondChannels, int? ghostBatch)
    {
        RequireProblem(input, classCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(firstChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(secondChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ghostBatch ?? 1, 1, nameof(ghostBatch));
        var places = Halved(Halved(input.Height)) * Halved(Halved(input.Width));
        var first = ParameterShape.BeforeRelu("convolution1.weight", firstChannels, input.Channels, 5, 5) with { Role = LayerRole.Input };
        var second = ParameterShape.BeforeRelu("convolution2.weight", secondChannels, firstChannels, 3, 3) with { Role = LayerRole.Hidden };
        var dense = ParameterShape.Linear("logits.weight", classCount, secondChannels * places) with { Role = LayerRole.Output };
        IEnumerable<ParameterShape> After(string name, ParameterShape weight, int channels) => ghostBatch is null
            ? [ParameterShape.Constant(name + ".bias", 0, weight.FanIn, channels) with { Role = LayerRole.Input }]
            : [
                ParameterShape.Constant(name + ".scale", 1, 1, channels) with { Role = LayerRole.Input },
                ParameterShape.Constant(name + ".shift", 0, 1, channels) with { Role = LayerRole.Input },
            ];
        return
        [
            first, .. After("convolution1", first, firstChannels),
            second, .. After("convolution2", second, secondChannels),
            dense, ParameterShape.Constant("logits.bias", 0, dense.FanIn, classCount),
        ];
    }

    private static int Halved(int length) => (length + 1) / Stride;
}
