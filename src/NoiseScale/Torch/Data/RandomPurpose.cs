namespace NoiseScale.Torch;

/// <summary>What a stream of random numbers is for; two purposes of one seed share no numbers.</summary>
public enum RandomPurpose
{
    /// <summary>The order of the examples within an epoch.</summary>
    EpochOrder = 1,

    /// <summary>Batches drawn independently of each other.</summary>
    IndependentBatches = 2,

    /// <summary>The random subset of a training set.</summary>
    Subset = 3,

    /// <summary>The augmentation of training images.</summary>
    Augmentation = 4,

    /// <summary>The synthetic training images.</summary>
    SyntheticTraining = 5,

    /// <summary>The synthetic test images.</summary>
    SyntheticTest = 6,

    /// <summary>Labels without information.</summary>
    RandomLabels = 7,
}
