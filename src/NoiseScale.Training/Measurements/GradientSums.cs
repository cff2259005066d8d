using DiffSharp;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>What is summed over the minibatches of an epoch.</summary>
/// <param name="Loss">C, the mean over all examples.</param>
/// <param name="SquaredNormOfMean">‖∇C‖², ∇C the mean over all examples.</param>
/// <param name="MeanSquaredNorm">The mean of ‖∇Ĉₖ‖² over the full minibatches.</param>
/// <param name="MeanSquaredDeviation">The mean of ‖∇Ĉₖ − ∇C‖² over the full minibatches.</param>
internal readonly record struct EpochSums(double Loss, double SquaredNormOfMean, double MeanSquaredNorm, double MeanSquaredDeviation);

/// <summary>Passes through the examples once in a fixed shuffled order, minibatch by minibatch, and sums gradients in double precision.</summary>
internal sealed class GradientSums : IDisposable
{
    private static readonly Scalar One = 1.0.ToScalar();

    private readonly Network _network;
    private readonly IReadOnlyList<Tensor> _parameters;
    private readonly ImageSet _examples;
    private readonly Tensor _order;

    public GradientSums(Network network, IReadOnlyList<Tensor> parameters, ImageSet examples, long seed)
    {
        (_network, _parameters, _examples) = (network, parameters, examples);
        var order = new long[examples.Count];
        DataOrder.FillEpoch(seed, 0, order);
        _order = torch.tensor(order, device: examples.Device).DetachFromDisposeScope();
    }

    public EpochSums Over(int batchSize)
    {
        using var scope = torch.NewDisposeScope();
        var full = _examples.Count / batchSize;
        var sum = ZerosLike(); // Σ bₖ∇Ĉₖ
        var ofFull = sum;
        var (loss, squares) = (0.0, 0.0);
        for (var first = 0; first < _examples.Count; first += batchSize)
        {
            if (first == full * batchSize)
                ofFull = Array.ConvertAll(sum, tensor => tensor.clone()); // what is left over is no minibatch

            using var inner = torch.NewDisposeScope();
            var count = Math.Min(batchSize, _examples.Count - first);
            var (mean, gradients) = GradientsOf(first, count);
            loss += mean * count;
            using var weight = ((double)count).ToScalar();
            using var noGrad = torch.no_grad();
            for (var i = 0; i < sum.Length; i++)
                sum[i].add_(gradients[i], weight);

            if (count == batchSize)
                squares += Dot(gradients, gradients);
        }

        // the mean of ‖gₖ − g‖² = mean ‖gₖ‖² − 2g·mean gₖ + ‖g‖²
        double n = _examples.Count;
        var (meanSquare, squareOfMean) = (squares / full, Dot(sum, sum) / (n * n));
        var cross = Dot(sum, ofFull) / (n * full * batchSize);
        return new EpochSums(loss / n, squareOfMean, meanSquare, Math.Max(0, meanSquare - (2 * cross) + squareOfMean));
    }

    public void Dispose() => _order.Dispose();

    private (double Loss, Tensor[] Gradients) GradientsOf(int first, int count)
    {
        var (images, labels) = _examples.Select(_order.narrow(0, first, count));
        var loss = torch.nn.functional.cross_entropy(_network.Apply(_parameters, images.to(_parameters[0].dtype)), labels);
        var gradients = Gradient.Of(loss, _parameters);
        return (loss.to(torch.ScalarType.Float64).item<double>(), Array.ConvertAll(gradients, gradient => gradient.to(torch.ScalarType.Float64)));
    }

    private Tensor[] ZerosLike()
    {
        using var noGrad = torch.no_grad();
        return [.. _parameters.Select(parameter => torch.zeros_like(parameter, dtype: torch.ScalarType.Float64))];
    }

    private static double Dot(Tensor[] left, Tensor[] right)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var sum = torch.zeros(1, torch.ScalarType.Float64, device: left[0].device);
        for (var i = 0; i < left.Length; i++)
            sum.add_(torch.mul(left[i], right[i]).sum(), One);

        return sum.item<double>();
    }
}
