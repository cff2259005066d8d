using NoiseScale.Training.Data;

namespace NoiseScale.Training.Networks;

/// <summary>The parameters of a Wide-ResNet, in the order in which its forward pass takes them.</summary>
internal static class WideResNetShapes
{
    public static IReadOnlyList<ParameterShape> Of(
        ImageShape input, int classCount, IReadOnlyList<WideResNet.Block> blocks, ResidualNormalisation normalisation)
    {
        ArgumentNullException.ThrowIfNull(normalisation);
        if (normalisation is ResidualNormalisation.GhostBatchNorm(var size) && size < 1)
            throw new ArgumentOutOfRangeException(nameof(normalisation), size, "a ghost batch has at least 1 image");

        var normalised = normalisation is ResidualNormalisation.GhostBatchNorm;
        var shapes = new List<ParameterShape>();
        AddConvolution(shapes, "stem", input.Channels, blocks[0].ChannelsIn, 3, biased: !normalised);
        foreach (var block in blocks)
        {
            if (normalised)
                AddNormalisation(shapes, block.Name + ".normalisation1", block.ChannelsIn);

            if (block.HasShortcut)
                AddConvolution(shapes, block.Name + ".shortcut", block.ChannelsIn, block.ChannelsOut, 1, biased: !normalised);

            AddConvolution(shapes, block.Name + ".convolution1", block.ChannelsIn, block.ChannelsOut, 3, biased: !normalised);
            if (normalised)
                AddNormalisation(shapes, block.Name + ".normalisation2", block.ChannelsOut);

            AddConvolution(shapes, block.Name + ".convolution2", block.ChannelsOut, block.ChannelsOut, 3, biased: !normalised);
            if (!normalised)
                shapes.Add(ParameterShape.Constant(block.Name + ".gain", 0, 1));
        }

        var channels = blocks[^1].ChannelsOut;
        if (normalised)
            AddNormalisation(shapes, "normalisation", channels);

        shapes.Add(ParameterShape.Linear("logits.weight", classCount, channels));
        shapes.Add(ParameterShape.Constant("logits.bias", 0, channels, classCount));
        return shapes;
    }

    private static void AddConvolution(List<ParameterShape> shapes, string name, int from, int to, int window, bool biased)
    {
        var weight = ParameterShape.BeforeRelu(name + ".weight", to, from, window, window);
        shapes.Add(weight);
        if (biased)
            shapes.Add(ParameterShape.Constant(name + ".bias", 0, weight.FanIn, to));
    }

    private static void AddNormalisation(List<ParameterShape> shapes, string name, int channels)
    {
        shapes.Add(ParameterShape.Constant(name + ".scale", 1, 1, channels));
        shapes.Add(ParameterShape.Constant(name + ".shift", 0, 1, channels));
    }
}
