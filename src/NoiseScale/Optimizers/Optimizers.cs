namespace NoiseScale;

/// <summary>The optimizers that schedules are for. Their constants are checked when a schedule takes them.</summary>
public static class Optimizers
{
    /// <summary>Plain stochastic gradient descent: w ← w − ε·ĝ.</summary>
    public static Optimizer Sgd { get; } = new SgdOptimizer();

    /// <summary>Polyak's heavy ball: v ← m·v + ĝ, w ← w − ε·v in the default convention.</summary>
    /// <param name="convention">Where learning rate and damping stand in the momentum buffer.</param>
    /// <returns>The optimizer.</returns>
    public static Optimizer HeavyBall(MomentumConvention convention = MomentumConvention.LearningRateOutside) =>
        new HeavyBallOptimizer(convention);

    /// <summary>Nesterov's look-ahead: v ← m·v + ĝ, w ← w − ε·(ĝ + m·v) in the default convention.</summary>
    /// <param name="convention">Where learning rate and damping stand in the momentum buffer.</param>
    /// <returns>The optimizer.</returns>
    public static Optimizer Nesterov(MomentumConvention convention = MomentumConvention.LearningRateOutside) =>
        new NesterovOptimizer(convention);

    /// <summary>Adam with L2 in the gradient. (Kingma &amp; Ba 2015)</summary>
    /// <param name="beta1">β₁ of the first moment, in [0, 1).</param>
    /// <param name="beta2">β₂ of the second moment, in [0, 1).</param>
    /// <param name="epsilon">ε_Adam, added to the root of the second moment; 0 or more.</param>
    /// <returns>The optimizer.</returns>
    public static Optimizer Adam(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        new AdamOptimizer(beta1, beta2, epsilon);

    /// <summary>Adam with decoupled weight decay. (Loshchilov &amp; Hutter 2019)</summary>
    /// <param name="beta1">β₁ of the first moment, in [0, 1).</param>
    /// <param name="beta2">β₂ of the second moment, in [0, 1).</param>
    /// <param name="epsilon">ε_Adam, added to the root of the second moment; 0 or more.</param>
    /// <returns>The optimizer.</returns>
    public static Optimizer AdamW(double beta1 = 0.9, double beta2 = 0.999, double epsilon = 1e-8) =>
        new AdamWOptimizer(beta1, beta2, epsilon);
}
