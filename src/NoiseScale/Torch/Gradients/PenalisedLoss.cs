namespace NoiseScale.Torch;

/// <summary>A loss and the squared norm of its gradient, as a penalty saw them.</summary>
/// <param name="Loss">C, without the penalty.</param>
/// <param name="GradientNorm">‖∇C‖².</param>
/// <param name="Coefficient">λ, in units of learning rate.</param>
public readonly record struct PenalisedLoss(double Loss, double GradientNorm, double Coefficient)
{
    /// <summary>C + (λ/4)·‖∇C‖².</summary>
    public double Value => Loss + Coefficient / 4 * GradientNorm;
}
