namespace NoiseScale.Torch;

/// <summary>Letting TorchSharp's optimizers follow plans.</summary>
public static class OptimizerExtensions
{
    /// <summary>Lets an optimizer follow a plan, after checking that its arithmetic is the one that the schedule is for.</summary>
    /// <param name="optimizer">Any optimizer of TorchSharp, or one derived from it.</param>
    /// <param name="plan">The plan to follow.</param>
    /// <param name="rescaleBuffers">
    /// Whether a schedule in the convention LearningRateInside may run on an SGD whose learning rate is outside: its buffers are then
    /// multiplied
    /// by ε₋/ε wherever ε changes, which is the same arithmetic; otherwise it is refused.
    /// </param>
    /// <param name="convention">The momentum convention of an optimizer that TorchSharp does not bring along; else null.</param>
    /// <param name="groupFactors">What ε is multiplied by in each parameter group, greater than 0; null: 1 in all.</param>
    /// <returns>The optimizer, ready for the plan's updates.</returns>
    /// <exception cref="ArgumentException">
    /// Family, momentum or convention differ from the schedule's; says what, in which group, and the cure.
    /// </exception>
    public static PlanOptimizer Follow(
        this torch.optim.Optimizer optimizer,
        Plan plan,
        bool rescaleBuffers = false,
        MomentumConvention? convention = null,
        IReadOnlyList<double>? groupFactors = null) =>
        new(optimizer, plan, rescaleBuffers, convention, groupFactors);
}
