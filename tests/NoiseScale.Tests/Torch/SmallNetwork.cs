using TorchSharp;
using static TorchSharp.torch;

namespace NoiseScale.Tests.Torch;

/// <summary>A small network of fixed numbers, a batch of fixed examples of three classes, and gradients read off: the same for every test that asks.</summary>
internal static class SmallNetwork
{
    public static nn.Module<Tensor, Tensor> Network(ScalarType dtype = ScalarType.Float64)
    {
        using var generator = new Generator(1);
        var network = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 3)).to(dtype);
        using var noGrad = no_grad();
        foreach (var parameter in network.parameters())
            parameter.copy_(randn(parameter.shape, dtype: ScalarType.Float64, generator: generator) / 2);
        return network;
    }

    public static (Tensor Inputs, Tensor Labels) Batch(int rows, ScalarType dtype = ScalarType.Float64)
    {
        using var generator = new Generator(2);
        return (randn([rows, 5], dtype: ScalarType.Float64, generator: generator).to(dtype), randint(0, 3, [rows], dtype: ScalarType.Int64, generator: generator));
    }

    public static double[] Gradient(nn.Module network) =>
        [.. network.parameters().SelectMany(p => p.grad!.to(ScalarType.Float64).data<double>().ToArray())];

    public static void InScope(Action body)
    {
        using var scope = NewDisposeScope();
        body();
    }
}
