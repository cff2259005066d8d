namespace NoiseScale.Training;

/// <summary>How finely <see cref="NoiseScaleMeasurement"/> looks: so many batches, each cut into micro-batches whose gradients are compared.</summary>
public sealed record NoiseScaleSettings
{
    /// <summary>Batches, at least 2; the interval's coverage wants 10.</summary>
    public int Batches { get; init; } = 16;

    /// <summary>Micro-batches of each batch, at least 2.</summary>
    public int MicroBatches { get; init; } = 4;

    /// <summary>Examples of each micro-batch, at least 1; a batch must not exceed the training set.</summary>
    public int MicroBatchSize { get; init; } = 16;

    /// <summary>Whether to measure B_noise = tr(HΣ)/GᵀHG too, at the cost of a Hessian-vector product for every micro-batch.</summary>
    public bool Weighted { get; init; }

    /// <summary>Examples that the Hessian is taken over, at least 1; all of them if there are no more.</summary>
    public int HessianExamples { get; init; } = 1000;

    /// <summary>The level of the intervals, in (0, 1).</summary>
    public double ConfidenceLevel { get; init; } = 0.95;

    internal void Validate(int examples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Batches, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MicroBatches, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(MicroBatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(HessianExamples, 1);
        if ((long)MicroBatches * MicroBatchSize > examples)
        {
            throw new ArgumentException(
                $"{MicroBatches} micro-batches of {MicroBatchSize} are more than the {examples} examples there are", nameof(MicroBatchSize));
        }
    }
}
