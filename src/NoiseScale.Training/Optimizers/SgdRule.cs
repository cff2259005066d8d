namespace NoiseScale.Training;

/// <summary>Plain stochastic gradient descent: w ← w − ε(ĝ + λw). Has no state.</summary>
public sealed class SgdRule : UpdateRule
{
    private readonly UpdateKernel _kernel;

    /// <summary>Descends on <paramref name="parameters"/>.</summary>
    /// <param name="parameters">Leaf tensors of one floating-point type on one device; changed in place by every update.</param>
    /// <param name="weightDecay">λ, added to the gradient as λw; finite, at least 0.</param>
    /// <exception cref="ArgumentException">An argument breaks its rule.</exception>
    public SgdRule(IReadOnlyList<Tensor> parameters, double weightDecay = 0)
        : base(parameters, weightDecay) => _kernel = UpdateKernel.Sgd([.. Parameters]);

    private protected override void Apply(Tensor[] gradients, double learningRate, double momentum, long count) =>
        _kernel.Invoke(gradients, learningRate, WeightDecay);

    private protected override void DisposeOwn() => _kernel.Dispose();
}
