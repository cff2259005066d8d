namespace NoiseScale.Training.Networks;

/// <summary>What several networks are built of.</summary>
internal static class Layers
{
    /// <summary>A convolution with an odd square window, padded so that a step of 1 keeps height and width.</summary>
    public static Tensor Convolution(Tensor images, Tensor weight, Tensor? bias, int stride)
    {
        var padding = (weight.shape[^1] - 1) / 2;
        return torch.nn.functional.conv2d(images, weight, bias, strides: [stride, stride], padding: [padding, padding]);
    }

    /// <summary>
    /// The same images with the channels of a pixel side by side in memory, on the processor: every later layer keeps that layout, and its
    /// convolutions of many channels are a sixth faster. A GPU chooses for itself.
    /// </summary>
    public static Tensor ChannelsLast(Tensor images) =>
        images.device_type == DeviceType.CPU ? images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : images;
}
