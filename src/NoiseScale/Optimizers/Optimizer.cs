namespace NoiseScale;

/// <summary>
/// The optimizer family that a schedule is for, with its constants; it decides which scaling laws hold. Made by <see cref="Optimizers"/>.
/// </summary>
public abstract record Optimizer
{
    private protected Optimizer()
    {
    }

    /// <summary>
    /// Whether momentum lengthens the step: effective learning rate ε/(1−m) (true), or ε for every m (no momentum, dampened, Adam).
    /// </summary>
    public bool MomentumAccelerates => Core.OptimizerModule.momentumAccelerates(ToCore());

    internal abstract Core.Optimizer ToCore();

    internal static Optimizer From(Core.Optimizer optimizer) => optimizer switch
    {
        Core.Optimizer.HeavyBall o => new HeavyBallOptimizer(o.Item.ToPublic()),
        Core.Optimizer.Nesterov o => new NesterovOptimizer(o.Item.ToPublic()),
        Core.Optimizer.Adam o => new AdamOptimizer(o.Item.Beta1, o.Item.Beta2, o.Item.Epsilon),
        Core.Optimizer.AdamW o => new AdamWOptimizer(o.Item.Beta1, o.Item.Beta2, o.Item.Epsilon),
        _ => new SgdOptimizer(),
    };
}
