namespace NoiseScale.Training;

/// <summary>
/// Heavy ball and Nesterov momentum in the three conventions; the velocity v starts at 0 and h = ĝ + λw:
/// learning rate outside (PyTorch) v ← mv + h, w ← w − εv; inside (Caffe, TensorFlow) v ← mv + εh, w ← w − v;
/// dampened v ← mv + (1−m)h, w ← w − εv.
/// </summary>
/// <remarks>
/// Nesterov's look-ahead replaces v in the step by mv plus what was just added to it: outside w ← w − ε(mv + h), inside w ← w − (mv + εh),
/// dampened w ← w − ε(mv + (1−m)h). Under a constant learning rate the first two agree; at a change of it the velocity of the second still
/// carries the old learning rate. (P1 §3.2 uses the first.)
/// </remarks>
public sealed class MomentumRule : UpdateRule
{
    private readonly UpdateKernel _fused;
    private readonly UpdateKernel _scaled;

    /// <summary>Descends on <paramref name="parameters"/> with velocities that start at 0.</summary>
    /// <param name="parameters">Leaf tensors of one floating-point type on one device; changed in place by every update.</param>
    /// <param name="convention">Where the learning rate and the dampening stand.</param>
    /// <param name="nesterov">Whether the step looks ahead.</param>
    /// <param name="weightDecay">λ, added to the gradient as λw; finite, at least 0.</param>
    /// <exception cref="ArgumentException">An argument breaks its rule.</exception>
    public MomentumRule(
        IReadOnlyList<Tensor> parameters, MomentumConvention convention = MomentumConvention.LearningRateOutside, bool nesterov = false, double weightDecay = 0)
        : base(parameters, weightDecay)
    {
        if (!Enum.IsDefined(convention))
            throw new ArgumentOutOfRangeException(nameof(convention), convention, "no such convention");

        (Convention, IsNesterov) = (convention, nesterov);
        var velocities = AddState("velocity");
        _fused = UpdateKernel.Momentum([.. Parameters], velocities, nesterov);
        _scaled = UpdateKernel.ScaledMomentum([.. Parameters], velocities, nesterov);
    }

    /// <summary>Where the learning rate and the dampening stand.</summary>
    public MomentumConvention Convention { get; }

    /// <summary>Whether the step looks ahead.</summary>
    public bool IsNesterov { get; }

    private protected override void RequireMomentum(double momentum)
    {
    }

    private protected override void Apply(Tensor[] gradients, double learningRate, double momentum, long count)
    {
        // v ← mv + scale·h, w ← w − rate·v is all three conventions; libtorch has it fused for scale 1 − d, but not for m = 0 or a scaled
        // look-ahead
        var (scale, rate) = Convention switch
        {
            MomentumConvention.LearningRateInside => (learningRate, 1.0),
            MomentumConvention.Dampened => (1 - momentum, learningRate),
            _ => (1.0, learningRate),
        };
        if (momentum > 0 && (Convention, IsNesterov) is (MomentumConvention.LearningRateOutside, _) or (MomentumConvention.Dampened, false))
            _fused.Invoke(gradients, rate, momentum, Convention == MomentumConvention.Dampened ? momentum : 0, WeightDecay);
        else
            _scaled.Invoke(gradients, rate, momentum, scale, WeightDecay);
    }

    private protected override void DisposeOwn()
    {
        _fused.Dispose();
        _scaled.Dispose();
    }
}
