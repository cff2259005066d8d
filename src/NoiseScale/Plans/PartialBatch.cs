namespace NoiseScale;

/// <summary>What happens to the examples at the end of an epoch that do not fill a batch.</summary>
public enum PartialBatch
{
    /// <summary>
    /// The batch takes the rest from the next epoch: every batch is full, and training ends at the whole batch nearest to its end.
    /// </summary>
    CarryOver,

    /// <summary>They make a smaller batch.</summary>
    Keep,

    /// <summary>They are left out; the next epoch starts with a full batch (PyTorch's drop_last).</summary>
    Drop,
}
