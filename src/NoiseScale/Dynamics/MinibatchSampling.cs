namespace NoiseScale;

/// <summary>How minibatches are drawn.</summary>
public enum MinibatchSampling
{
    /// <summary>Every example once in an epoch, in random order: the modified loss has a term of the gradients' variance.</summary>
    Shuffled,

    /// <summary>Every minibatch drawn anew from all examples: it has none; over many epochs the noise itself moves the mean of the iterates.</summary>
    WithReplacement,
}
