namespace NoiseScale.Training.Networks;

/// <summary>The mean and variance of every channel before every normalisation of a network, in the order the network applies them.</summary>
/// <remarks>Owns its tensors, outside every dispose scope, until it is disposed.</remarks>
public sealed class NetworkStatistics : IDisposable
{
    private readonly Tensor[] _means;
    private readonly Tensor[] _variances;

    /// <summary>Takes over the statistics of each normalisation.</summary>
    /// <param name="means">One vector of channel means for each normalisation.</param>
    /// <param name="variances">One vector of channel variances for each normalisation, of the same length.</param>
    /// <exception cref="ArgumentException">The two do not correspond.</exception>
    public NetworkStatistics(IReadOnlyList<Tensor> means, IReadOnlyList<Tensor> variances)
    {
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(variances);
        if (means.Count != variances.Count)
            throw new ArgumentException($"{variances.Count} variances for {means.Count} means; there must be one for each", nameof(variances));

        for (var i = 0; i < means.Count; i++)
        {
            if (means[i].ndim != 1 || variances[i].ndim != 1 || means[i].shape[0] != variances[i].shape[0])
                throw new ArgumentException($"normalisation {i}: mean and variance must be vectors of one length", nameof(variances));
        }

        _means = [.. means.Select(mean => mean.DetachFromDisposeScope())];
        _variances = [.. variances.Select(variance => variance.DetachFromDisposeScope())];
    }

    /// <summary>The statistics of a network that does not normalise: none.</summary>
    public static NetworkStatistics None { get; } = new([], []);

    /// <summary>Channel means, a vector for each normalisation.</summary>
    public IReadOnlyList<Tensor> Means => _means;

    /// <summary>Channel variances, a vector for each normalisation.</summary>
    public IReadOnlyList<Tensor> Variances => _variances;

    /// <summary>Refuses statistics of other normalisations than a network has.</summary>
    internal void RequireChannels(string network, IReadOnlyList<long> expected)
    {
        List<long> given = [.. _means.Select(mean => mean.shape[0])];
        if (!expected.SequenceEqual(given))
        {
            throw new ArgumentException(
                $"are of [{string.Join(", ", given)}] channels; {network} needs what Calibrate answers, of [{string.Join(", ", expected)}]", "statistics");
        }
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in _means.Concat(_variances))
            tensor.Dispose();
    }
}
