using System.Globalization;

namespace NoiseScale;

/// <summary>
/// The loss that a schedule's iterates descend at a time, C̃ = C + a·‖∇C‖² + b·Γ, Γ the trace of the covariance of the examples' gradients
/// (denominator N); C is a mean over examples. (P6 Eqs. 1 and 22)
/// </summary>
/// <param name="EffectiveLearningRate">
/// η: what an update advances time by; ε/(1−m) where momentum accelerates, else ε.
/// </param>
/// <param name="GradientNormCoefficient">a, in units of learning rate; η/4 without momentum.</param>
/// <param name="VarianceCoefficient">b, in units of learning rate; (η/4)·(N−B)/((N−1)B) without momentum, 0 with replacement.</param>
[Source(Paper.P6, "Eqs. 1 and 22")]
public readonly record struct ModifiedLoss(double EffectiveLearningRate, double GradientNormCoefficient, double VarianceCoefficient)
{
    /// <summary>C̃ from what was measured: C + a·‖∇C‖² + b·Γ.</summary>
    /// <param name="loss">C, the mean loss.</param>
    /// <param name="gradientNorm">‖∇C‖², the squared norm of the gradient of the mean loss.</param>
    /// <param name="gradientVariance">Γ.</param>
    /// <returns>C̃.</returns>
    public double Value(double loss, double gradientNorm, double gradientVariance) =>
        loss + GradientNormCoefficient * gradientNorm + VarianceCoefficient * gradientVariance;

    /// <summary>The formula with its numbers, in the invariant culture.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"C̃ = C + {GradientNormCoefficient:G6}·‖∇C‖² + {VarianceCoefficient:G6}·Γ");
}
