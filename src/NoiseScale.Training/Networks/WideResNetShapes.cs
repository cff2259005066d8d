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
        // the stem has 16 channels whatever the widening: what follows it has a fixed number of inputs
        AddConvolution(shapes, "stem", input.Channels, blocks[0].ChannelsIn, 3, !normalised, LayerRole.Fixed);
        foreach (var block in blocks)
        {
            var isFirst = ReferenceEquals(block, blocks[0]);
            var role = isFirst ? LayerRole.Input : LayerRole.Hidden;
            if (normalised)
                AddNormalisation(shapes, block.Name + ".normalisation1", block.ChannelsIn, isFirst ? LayerRole.Fixed : LayerRole.Input);

            if (block.HasShortcut)
                AddConvolution(shapes, block.Name + ".shortcut", block.ChannelsIn, block.ChannelsOut, 1, !normalised, role);

            AddConvolution(shapes, block.Name + ".convolution1", block.ChannelsIn, block.ChannelsOut, 3, !normalised, role);
            if (normalised)
                AddNormalisation(shapes, block.Name + ".normalisation2", block.ChannelsOut, LayerRole.Input);

            AddConvolution(shapes, block.Name + ".convolution2", block.ChannelsOut, block.ChannelsOut, 3, !normalised, LayerRole.Hidden);
            if (!normalised)
                shapes.Add(ParameterShape.Constant(block.Name + ".gain", 0, 1));
        }

        var channels = blocks[^1].ChannelsOut;
        if (normalised)
            AddNormalisation(shapes, "normalisation", channels, LayerRole.Input);

        shapes.Add(ParameterShape.Linear("logits.weight", classCount, channels) with { Role = LayerRole.Output });
        shapes.Add(ParameterShape.Constant("logits.bias", 0, channels, classCount));
        return shapes;
    }

    private static void AddConvolution(List<ParameterShape> shapes, string name, int from, int to, int window, bool biased, LayerRole role)
    {
        var weight = ParameterShape.BeforeRelu(name + ".weight", to, from, window, window) with { Role = role };
        shapes.Add(weight);
        if (biased)
            shapes.Add(ParameterShape.Constant(name + ".bias", 0, weight.FanIn, to) with { Role = role == LayerRole.Fixed ? role : LayerRole.Input });
    }

    private static void AddNormalisation(List<ParameterShape> shapes, string name, int channels, LayerRole role)
    {
        shapes.Add(ParameterShape.Constant(name + ".scale", 1, 1, channels) with { Role = role });
        shapes.Add(ParameterShape.Constant(name + ".shift", 0, 1, channels) with { Role = role });
    }
}
