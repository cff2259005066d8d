using TorchSharp.Modules;

namespace NoiseScale.Torch;

/// <summary>The momentum buffers of a TorchSharp optimizer, read anew at every use: loading a checkpoint replaces them.</summary>
internal sealed class MomentumBuffers(torch.optim.Optimizer optimizer)
{
    /// <summary>Multiplies every buffer.</summary>
    internal void Scale(double factor)
    {
        using var noGrad = torch.no_grad();
        using var scalar = factor.ToScalar();
        foreach (var state in States())
        {
            state.momentum_buffer?.mul_(scalar);
        }
    }

    /// <summary>
    /// Gives every parameter without a buffer a buffer of zeros. TorchSharp, as PyTorch, starts it at the first gradient instead, undamped:
    /// the same for dampening 0, and 1/(1−m) too much for dampening m.
    /// </summary>
    internal void StartAtZero()
    {
        using var noGrad = torch.no_grad();
        foreach (var (parameter, state) in optimizer.parameters().Zip(States()))
        {
            state.momentum_buffer ??= torch.zeros_like(parameter).DetachFromDisposeScope();
        }
    }

    private IEnumerable<SGD.State> States() => ((OptimizerHelper)optimizer).state_dict().State.Cast<SGD.State>();
}
