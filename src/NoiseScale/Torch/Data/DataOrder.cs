namespace NoiseScale.Torch;

/// <summary>
/// Which example stands where in the endless stream of training examples, as a pure function of (seed, position): a run resumed at any
/// position sees what the uninterrupted run would have seen.
/// </summary>
/// <remarks>
/// Position p lies in epoch p div N at offset p mod N. Fills buffers of the caller and keeps buffers of its own for the current epoch,
/// so it allocates nothing after its first use; not thread-safe: each thread needs an instance.
/// </remarks>
public sealed class DataOrder
{
    private readonly long[] _pool;
    private int[] _swaps = [];
    private long _pooledEpoch = -1;

    /// <summary>The order in which <paramref name="trainingSetSize"/> examples are seen.</summary>
    /// <param name="trainingSetSize">N, the number of examples, at least 1.</param>
    /// <param name="seed">Every seed gives an order of its own.</param>
    /// <param name="sampling">How batches are drawn.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument breaks its rule.</exception>
    public DataOrder(int trainingSetSize, long seed, Sampling sampling = Sampling.ReshuffledEpochs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trainingSetSize, 1);
        if (!Enum.IsDefined(sampling))
            throw new ArgumentOutOfRangeException(nameof(sampling), sampling, "no such way of sampling");

        (TrainingSetSize, Seed, Sampling) = (trainingSetSize, seed, sampling);
        _pool = sampling == Sampling.WithReplacement ? [] : new long[trainingSetSize];
        for (var i = 0; i < _pool.Length; i++)
            _pool[i] = i;
    }

    /// <summary>N, the number of examples.</summary>
    public int TrainingSetSize { get; }

    /// <summary>Chooses the order.</summary>
    public long Seed { get; }

    /// <summary>How batches are drawn.</summary>
    public Sampling Sampling { get; }

    /// <summary>The epoch of a position, p div N, and its offset within the epoch, p mod N.</summary>
    /// <param name="position">Place in the stream of examples, at least 0.</param>
    /// <returns>The epoch and the offset, each from 0.</returns>
    public (long Epoch, int Offset) Locate(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        var epoch = Math.DivRem(position, TrainingSetSize, out var offset);
        return (epoch, (int)offset);
    }

    /// <summary>
    /// The indices of the examples offset, offset + 1, … of the batch that begins at a position: as many as the buffer holds. Reading a
    /// batch in pieces, as micro-batches, gives the same examples as reading it at once.
    /// </summary>
    /// <param name="batchPosition">Stream position of the batch's first example, at least 0.</param>
    /// <param name="indices">Filled with indices from 0 to N − 1.</param>
    /// <param name="offset">How many examples of the batch come before, at least 0.</param>
    /// <remarks>
    /// Reshuffled epochs and sampling with replacement look only at batchPosition + offset, so batches may be cut anywhere. Independent
    /// batches without replacement are a function of batchPosition: batches at different positions are independent of each other.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A position is negative or too large, or a batch without replacement exceeds N.
    /// </exception>
    public void Fill(long batchPosition, Span<long> indices, int offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batchPosition);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (batchPosition > long.MaxValue - offset - indices.Length)
            throw new ArgumentOutOfRangeException(nameof(batchPosition), batchPosition, "the batch must end before position 2⁶³");

        switch (Sampling)
        {
            case Sampling.ReshuffledEpochs:
                FillFromEpochs(batchPosition + offset, indices);
                break;
            case Sampling.IndependentWithoutReplacement:
                FillSubset(batchPosition, offset, indices);
                break;
            default:
                FillWithReplacement(batchPosition + offset, indices);
                break;
        }
    }

    /// <summary>The order of one epoch: a permutation of 0 … N − 1 that depends on seed, epoch and N alone.</summary>
    /// <param name="seed">The seed of the order.</param>
    /// <param name="epoch">The epoch, at least 0.</param>
    /// <param name="permutation">N long; filled.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epoch"/> is negative.</exception>
    public static void FillEpoch(long seed, long epoch, Span<long> permutation)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        var random = new CounterRandom(seed, RandomPurpose.EpochOrder, epoch);
        Shuffle(ref random, permutation);
    }

    // Fisher–Yates: every one of the N! orders has the same probability
    internal static void Shuffle(ref CounterRandom random, Span<long> permutation)
    {
        for (var i = 0; i < permutation.Length; i++)
        {
            var j = random.NextBelow(i + 1);
            permutation[i] = permutation[j];
            permutation[j] = i;
        }
    }

    private void FillFromEpochs(long position, Span<long> indices)
    {
        while (!indices.IsEmpty)
        {
            var (epoch, offset) = Locate(position);
            if (epoch != _pooledEpoch)
            {
                FillEpoch(Seed, epoch, _pool);
                _pooledEpoch = epoch;
            }

            var count = Math.Min(indices.Length, TrainingSetSize - offset);
            _pool.AsSpan(offset, count).CopyTo(indices);
            indices = indices[count..];
            position += count;
        }
    }

    // The first steps of a Fisher–Yates shuffle from the front, undone afterwards: the work is proportional to the batch, not to N
    private void FillSubset(long batchPosition, int offset, Span<long> indices)
    {
        var end = (long)offset + indices.Length;
        if (end > TrainingSetSize)
        {
            throw new ArgumentOutOfRangeException(
                nameof(indices), end, $"a batch without replacement has at most N = {TrainingSetSize} examples");
        }

        if (_swaps.Length < end)
            _swaps = new int[Math.Max(end, 2L * _swaps.Length)];

        var random = new CounterRandom(Seed, RandomPurpose.IndependentBatches, batchPosition);
        for (var i = 0; i < (int)end; i++)
        {
            var j = i + random.NextBelow(TrainingSetSize - i);
            _swaps[i] = j;
            (_pool[i], _pool[j]) = (_pool[j], _pool[i]);
        }

        _pool.AsSpan(offset, indices.Length).CopyTo(indices);
        for (var i = (int)end - 1; i >= 0; i--)
        {
            var j = _swaps[i];
            (_pool[i], _pool[j]) = (_pool[j], _pool[i]);
        }
    }

    private void FillWithReplacement(long position, Span<long> indices)
    {
        for (var i = 0; i < indices.Length; i++)
        {
            var random = new CounterRandom(Seed, RandomPurpose.IndependentBatches, position + i);
            indices[i] = random.NextBelow(TrainingSetSize);
        }
    }
}
