namespace NoiseScale;

/// <summary>What P4 and the maximal update say of a whole network: exponents of its width.</summary>
/// <param name="LargestLearningRate">q of ε_max ∝ w^q, the largest learning rate at which SGD is stable.</param>
/// <param name="NoiseScale">p of (ε/B)_opt ∝ w^p: P4's ḡ = ε/(B(1−m)σ²) ∝ w, written for ε/B.</param>
/// <param name="LargestBatch">q − p of B_max ∝ w^(q−p), the batch of the optimal noise scale at the largest learning rate.</param>
public readonly record struct WidthLaw(double LargestLearningRate, double NoiseScale, double LargestBatch)
{
    /// <summary>
    /// Standard −1, 0 and −1; NTK 0, 1 and −1; the maximal update 0, 0 and 0. (P4, abstract and §4; for the maximal update derived, and not tested there)
    /// </summary>
    /// <param name="parameterisation">Which.</param>
    /// <returns>Its exponents.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An undefined value.</exception>
    [Source(Paper.P4)]
    public static WidthLaw Of(Parameterisation parameterisation)
    {
        var core = parameterisation.ToCore();
        return new(
            Core.ParameterisationModule.largestLearningRate(core), Core.ParameterisationModule.noiseScale(core), Core.ParameterisationModule.largestBatch(core));
    }
}
