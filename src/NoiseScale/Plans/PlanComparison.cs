namespace NoiseScale;

/// <summary>What changes from a first plan to a second one.</summary>
/// <param name="First">The first plan.</param>
/// <param name="Second">The second plan.</param>
/// <param name="Form">The form of the noise scale that is compared.</param>
/// <param name="NoiseScaleDeviation">Largest |g₂/g₁ − 1| over the common epochs, both with their whole batches; 0 where both are 0.</param>
/// <param name="DeviationAt">The epoch of the largest deviation.</param>
/// <param name="FirstPeakLearningRate">Largest learning rate of the first plan.</param>
/// <param name="SecondPeakLearningRate">Largest learning rate of the second plan.</param>
/// <param name="FirstPeakBatchSize">Largest batch of the first plan, examples.</param>
/// <param name="SecondPeakBatchSize">Largest batch of the second plan, examples.</param>
public sealed record PlanComparison(
    Plan First,
    Plan Second,
    NoiseScaleForm Form,
    double NoiseScaleDeviation,
    Epochs DeviationAt,
    double FirstPeakLearningRate,
    double SecondPeakLearningRate,
    int FirstPeakBatchSize,
    int SecondPeakBatchSize)
{
    /// <summary>Updates that the second plan saves; negative: costs.</summary>
    public long UpdatesSaved => First.Updates - Second.Updates;

    /// <summary>Updates of the second plan per update of the first.</summary>
    public double UpdatesRatio => (double)Second.Updates / First.Updates;

    internal static PlanComparison From(Plan first, Plan second, NoiseScaleForm form)
    {
        var diff = Core.PlanDiffModule.between(form.ToCore(), first.Inner, second.Inner);
        return new(
            first,
            second,
            form,
            diff.NoiseScaleDeviation,
            diff.DeviationAt,
            diff.PeakLearningRate.Item1,
            diff.PeakLearningRate.Item2,
            diff.PeakBatchSize.Item1,
            diff.PeakBatchSize.Item2);
    }
}
