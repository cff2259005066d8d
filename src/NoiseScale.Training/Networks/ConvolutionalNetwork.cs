using NoiseScale.Training.Data;

namespace NoiseScale.Training.Networks;

/// <summary>
/// The small convolutional network: a 5 × 5 convolution, ReLU, a 3 × 3 convolution, ReLU, one dense layer. Both convolutions move by two
/// pixels, in place of pooling, so each halves height and width (rounded up) and the first already works on a quarter of the places.
/// </summary>
/// <remarks>Weights He-normal, those of the dense layer of variance 1/fan-in, biases 0. For 28 × 28 grey images and 16 and 32 channels:
/// 416 + 4 640 + 15 690 = 20 746 parameters.</remarks>
public sealed class ConvolutionalNetwork : Network
{
    private const int Stride = 2;

    /// <summary>A network with the given numbers of channels.</summary>
    /// <param name="input">Size of one image.</param>
    /// <param name="classCount">Number of classes, at least 2.</param>
    /// <param name="firstChannels">Channels after the first convolution, at least 1.</param>
    /// <param name="secondChannels">Channels after the second convolution, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument breaks its rule.</exception>
    public ConvolutionalNetwork(ImageShape input, int classCount, int firstChannels = 16, int secondChannels = 32)
        : base($"conv-{firstChannels}-{secondChannels}", input, classCount, Shapes(input, classCount, firstChannels, secondChannels))
    {
    }

    /// <inheritdoc/>
    protected override Tensor Forward(IReadOnlyList<Tensor> parameters, Tensor images)
    {
        var activations = Layers.Convolution(images, parameters[0], parameters[1], Stride).relu();
        activations = Layers.Convolution(activations, parameters[2], parameters[3], Stride).relu();
        return torch.nn.functional.linear(activations.flatten(1), parameters[4], parameters[5]);
    }

    private static List<ParameterShape> Shapes(ImageShape input, int classCount, int firstChannels, int secondChannels)
    {
        RequireProblem(input, classCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(firstChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(secondChannels, 1);
        var places = Halved(Halved(input.Height)) * Halved(Halved(input.Width));
        var first = ParameterShape.BeforeRelu("convolution1.weight", firstChannels, input.Channels, 5, 5);
        var second = ParameterShape.BeforeRelu("convolution2.weight", secondChannels, firstChannels, 3, 3);
        var dense = ParameterShape.Linear("logits.weight", classCount, secondChannels * places);
        return
        [
            first, ParameterShape.Constant("convolution1.bias", 0, first.FanIn, firstChannels),
            second, ParameterShape.Constant("convolution2.bias", 0, second.FanIn, secondChannels),
            dense, ParameterShape.Constant("logits.bias", 0, dense.FanIn, classCount),
        ];
    }

    private static int Halved(int length) => (length + 1) / Stride;
}
