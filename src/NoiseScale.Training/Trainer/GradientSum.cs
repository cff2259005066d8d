namespace NoiseScale.Training;

/// <summary>Buffers for the gradient of a batch that goes through the network in pieces: Σⱼ (bⱼ/B) ∇(mean loss of piece j) is the gradient
/// of the mean over the B examples, whatever the pieces.</summary>
internal sealed class GradientSum : IDisposable
{
    private readonly Tensor[] _sums;

    public GradientSum(IEnumerable<Tensor> parameters)
    {
        using var noGrad = torch.no_grad();
        _sums = [.. parameters.Select(parameter => torch.zeros_like(parameter).DetachFromDisposeScope())];
    }

    /// <summary>The sums, to be read before the next <see cref="Clear"/>.</summary>
    public Tensor[] Sums => _sums;

    public void Clear()
    {
        using var noGrad = torch.no_grad();
        foreach (var sum in _sums)
            sum.zero_();
    }

    /// <summary>Adds the gradients of a piece's mean loss times its share bⱼ/B.</summary>
    public void Add(Tensor[] gradients) => UpdateKernels.Accumulate(_sums, gradients);

    public void Dispose()
    {
        foreach (var sum in _sums)
            sum.Dispose();
    }
}
