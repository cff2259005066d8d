namespace NoiseScale;

/// <summary>SGD with Nesterov's look-ahead, in a named convention.</summary>
/// <param name="Convention">Where learning rate and damping stand in the momentum buffer.</param>
public sealed record NesterovOptimizer(MomentumConvention Convention = MomentumConvention.LearningRateOutside) : Optimizer
{
    internal override Core.Optimizer ToCore() => Core.Optimizer.NewNesterov(Convention.ToCore());
}
