namespace NoiseScale.Training;

/// <summary>
/// Adam: μ ← β₁μ + (1−β₁)h, ν ← β₂ν + (1−β₂)h², w ← w − ε·(μ/(1−β₁ᵗ)) / (√(ν/(1−β₂ᵗ)) + ε_Adam), t counting updates from 1.
/// </summary>
/// <remarks>
/// Kingma and Ba, ICLR 2015, Algorithm 1. Coupled weight decay (Adam) makes h = ĝ + λw; decoupled (AdamW; Loshchilov and Hutter, ICLR 2019,
/// Algorithm 2 with the schedule multiplier in ε) leaves h = ĝ and shrinks w by the factor 1 − ελ before the step.
/// </remarks>
public sealed class AdamRule : UpdateRule
{
    private readonly Tensor _count;
    private readonly UpdateKernel _kernel;

    /// <summary>Descends on <paramref name="parameters"/> with moments that start at 0.</summary>
    /// <param name="parameters">Leaf tensors of one floating-point type on one device; changed in place by every update.</param>
    /// <param name="beta1">β₁ of the first moment, in [0, 1).</param>
    /// <param name="beta2">β₂ of the second moment, in [0, 1).</param>
    /// <param name="epsilon">ε_Adam, finite, at least 0.</param>
    /// <param name="weightDecay">λ, finite, at least 0.</param>
    /// <param name="decoupled">Whether weight decay acts on the parameters (AdamW) and not through the gradient (Adam).</param>
    /// <exception cref="ArgumentException">An argument breaks its rule.</exception>
    public AdamRule(
        IReadOnlyList<Tensor> parameters, double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool decoupled = false)
        : base(parameters, weightDecay)
    {
        (Beta1, Beta2) = (RequireBeta(beta1, nameof(beta1)), RequireBeta(beta2, nameof(beta2)));
        if (!double.IsFinite(epsilon) || epsilon < 0)
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "must be finite and at least 0");

        (Epsilon, IsDecoupled) = (epsilon, decoupled);

        // the fused operator wants the number of the update as one float32 a parameter, on their device: exact up to 2²⁴ updates, and
        // the bias corrections are 1 long before
        _count = torch.zeros(1, torch.ScalarType.Float32, parameters[0].device).squeeze(0).DetachFromDisposeScope();
        _kernel = UpdateKernel.Adam([.. Parameters], AddState("first moment"), AddState("second moment"), [.. Parameters.Select(_ => _count)], decoupled);
    }

    /// <summary>β₁ of the first moment.</summary>
    public double Beta1 { get; }

    /// <summary>β₂ of the second moment.</summary>
    public double Beta2 { get; }

    /// <summary>ε_Adam, added to the root of the second moment.</summary>
    public double Epsilon { get; }

    /// <summary>Whether weight decay acts on the parameters (AdamW) and not through the gradient (Adam).</summary>
    public bool IsDecoupled { get; }

    private protected override void Apply(Tensor[] gradients, double learningRate, double momentum, long count)
    {
        using var number = ((float)count).ToScalar(); // named, or the garbage collector could free it before the call has read it
        _count.fill_(number);
        _kernel.Invoke(gradients, learningRate, Beta1, Beta2, Epsilon, WeightDecay);
    }

    private protected override void DisposeOwn()
    {
        _count.Dispose();
        _kernel.Dispose();
    }

    private static double RequireBeta(double beta, string name) =>
        beta is >= 0 and < 1 ? beta : throw new ArgumentOutOfRangeException(name, beta, "must be in [0, 1)");
}
