namespace NoiseScale;

/// <summary>Polyak's heavy ball, SGD with momentum, in a named convention.</summary>
/// <param name="Convention">Where learning rate and damping stand in the momentum buffer.</param>
public sealed record HeavyBallOptimizer(MomentumConvention Convention = MomentumConvention.LearningRateOutside) : Optimizer
{
    internal override Core.Optimizer ToCore() => Core.Optimizer.NewHeavyBall(Convention.ToCore());
}
