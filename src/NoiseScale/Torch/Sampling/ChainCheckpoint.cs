using DiffSharp;
using Microsoft.FSharp.Core;

namespace NoiseScale.Torch;

/// <summary>Where chains stopped, and all that they need to go on: the same bits as if they had not.</summary>
/// <param name="Update">Updates made.</param>
/// <param name="Chains">The number of chains.</param>
/// <param name="Positions">w, chain after chain.</param>
/// <param name="Momenta">v of samplers that have momenta, chain after chain; else null.</param>
/// <param name="AverageMetric">The moving average of the metric where there is one, chain after chain, row after row; else null.</param>
public sealed record ChainCheckpoint(long Update, int Chains, double[] Positions, double[]? Momenta, double[]? AverageMetric)
{
    internal static ChainCheckpoint Of(Posterior.ChainState state) => new(
        state.Update, state.Positions.shape[0], Numbers(state.Positions), state.Momenta is { } v ? Numbers(v.Value) : null,
        state.AverageMetric is { } metric ? Numbers(metric.Value) : null);

    internal Posterior.ChainState ToCore()
    {
        var parameters = Positions.Length / Chains;
        return new Posterior.ChainState(
            Update, Tensor(Positions, Chains, parameters), Momenta is null ? FSharpOption<DiffSharp.Tensor>.None : FSharpOption<DiffSharp.Tensor>.Some(Tensor(Momenta, Chains, parameters)),
            AverageMetric is null ? FSharpOption<DiffSharp.Tensor>.None : FSharpOption<DiffSharp.Tensor>.Some(Tensor(AverageMetric, Chains, parameters, parameters)));
    }

    private static double[] Numbers(DiffSharp.Tensor tensor)
    {
        using var native = TorchTensors.Unwrap(tensor);
        using var here = native.cpu().contiguous();
        return here.data<double>().ToArray();
    }

    private static DiffSharp.Tensor Tensor(double[] numbers, params long[] shape)
    {
        using var native = torch.tensor(numbers, shape);
        return TorchTensors.Wrap(native);
    }
}
