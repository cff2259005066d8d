namespace NoiseScale;

/// <summary>
/// Adam with decoupled weight decay; β₁ takes the place of the momentum curve, which is 0. (Loshchilov &amp; Hutter 2019)
/// </summary>
/// <param name="Beta1">β₁ of the first moment, in [0, 1).</param>
/// <param name="Beta2">β₂ of the second moment, in [0, 1).</param>
/// <param name="Epsilon">ε_Adam, added to the root of the second moment; 0 or more.</param>
public sealed record AdamWOptimizer(double Beta1 = 0.9, double Beta2 = 0.999, double Epsilon = 1e-8) : Optimizer
{
    internal override Core.Optimizer ToCore() => Core.Optimizer.NewAdamW(new(Beta1, Beta2, Epsilon));
}
