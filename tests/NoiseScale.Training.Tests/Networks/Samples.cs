using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests.Networks;

/// <summary>Small networks, images and labels to try them on, all from fixed seeds.</summary>
internal static class Samples
{
    public static readonly ResidualNormalisation SkipInit = new ResidualNormalisation.SkipInit();

    public static ResidualNormalisation Ghost(int size) => new ResidualNormalisation.GhostBatchNorm(size);

    public static IReadOnlyList<(Network Network, int BatchSize)> Tiny { get; } =
    [
        (new MultilayerPerceptron(new ImageShape(1, 3, 2), 3), 4),
        (new MultilayerPerceptron(new ImageShape(2, 3, 2), 3, 5, 4), 4),
        (new ConvolutionalNetwork(new ImageShape(2, 7, 6), 3, 2, 3), 4),
        (new WideResNet(new ImageShape(2, 6, 5), 3, 10, 1, SkipInit), 3),
        (new WideResNet(new ImageShape(1, 6, 5), 3, 10, 1, Ghost(2)), 5),
    ];

    /// <summary>Parameters away from the special values at which networks start (gains and biases of exactly 0).</summary>
    public static Tensor[] Perturbed(Network network, long seed, torch.ScalarType type = torch.ScalarType.Float64)
    {
        var parameters = network.Initialise(seed, elementType: type);
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator((ulong)seed + 1000, torch.CPU);
        foreach (var parameter in parameters)
            parameter.add_(torch.randn(parameter.shape, type, generator: generator), 0.3);

        return parameters;
    }

    public static Tensor Images(Network network, int count, long seed, torch.ScalarType type = torch.ScalarType.Float64)
    {
        using var generator = new torch.Generator((ulong)seed, torch.CPU);
        return torch.randn([count, network.Input.Channels, network.Input.Height, network.Input.Width], type, generator: generator);
    }

    public static Tensor Labels(Network network, int count) => torch.arange(count, torch.ScalarType.Int64).remainder(network.ClassCount);
}
