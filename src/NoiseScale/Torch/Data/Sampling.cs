namespace NoiseScale.Torch;

/// <summary>How the examples of a batch are drawn. The modified loss of SGD depends on it, so it is never left unsaid.</summary>
public enum Sampling
{
    /// <summary>Every epoch visits every example once, in an order of its own.</summary>
    ReshuffledEpochs,

    /// <summary>Every batch is a uniformly random subset, independent of all other batches.</summary>
    IndependentWithoutReplacement,

    /// <summary>Every example is drawn uniformly from the whole set, independently of all others.</summary>
    WithReplacement,
}
