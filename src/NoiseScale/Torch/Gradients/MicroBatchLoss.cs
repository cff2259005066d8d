namespace NoiseScale.Torch;

/// <summary>The part of a micro-batch's loss in the mean over the whole batch.</summary>
internal static class MicroBatchLoss
{
    /// <summary>a + b is a + 1·b: a number that TorchSharp would make and leave to the collector.</summary>
    internal static readonly Scalar One = 1.ToScalar();

    /// <summary>The loss times bₖ/n if it is a mean, times 1/n if it is a sum: divided once, whatever it has been divided by already.</summary>
    internal static Tensor Weighted(Tensor loss, LossReduction reduction, long count, long batchSize)
    {
        if (loss is null || loss.numel() != 1)
        {
            var found = loss is null ? "null" : $"a tensor [{string.Join(", ", loss.shape)}]";
            throw new InvalidOperationException($"The loss of a micro-batch is {found}; it must be one number.");
        }

        if (!loss.requires_grad)
        {
            throw new InvalidOperationException("The loss depends on nothing that requires a gradient.");
        }

        var weight = reduction == LossReduction.Mean ? (double)count / batchSize : 1.0 / batchSize;
        using var scalar = weight.ToScalar();
        return weight == 1 ? loss : loss * scalar;
    }
}
