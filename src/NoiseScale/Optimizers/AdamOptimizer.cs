namespace NoiseScale;

/// <summary>Adam with L2 in the gradient; β₁ takes the place of the momentum curve, which is 0. (Kingma &amp; Ba 2015)</summary>
/// <param name="Beta1">β₁ of the first moment, in [0, 1).</param>
/// <param name="Beta2">β₂ of the second moment, in [0, 1).</param>
/// <param name="Epsilon">ε_Adam, added to the root of the second moment; 0 or more.</param>
public sealed record AdamOptimizer(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8) : Optimizer
{
    internal override Core.Optimizer ToCore() => Core.Optimizer.NewAdam(new(Beta1, Beta2, Epsilon));
}
