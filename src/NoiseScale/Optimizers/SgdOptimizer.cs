namespace NoiseScale;

/// <summary>Plain stochastic gradient descent: w ← w − ε·ĝ. The momentum curve of its schedule is 0.</summary>
public sealed record SgdOptimizer : Optimizer
{
    /// <summary>Plain stochastic gradient descent, which has no constants.</summary>
    public SgdOptimizer()
    {
    }

    internal override Core.Optimizer ToCore() => Core.Optimizer.Sgd;
}
