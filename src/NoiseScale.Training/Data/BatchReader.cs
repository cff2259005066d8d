namespace NoiseScale.Training.Data;

/// <summary>
/// Reads batches of a training set by their position in the stream of examples: the same (position, count) always gives the same images,
/// whatever was read before.
/// </summary>
/// <remarks>
/// The order of the current epoch is kept on the device of the images, so that within an epoch a batch costs a view and two gathers and
/// moves nothing between devices. Not thread-safe. Does not own the set.
/// </remarks>
public sealed class BatchReader : IDisposable
{
    private readonly ImageSet _set;
    private readonly DataOrder _order;
    private readonly IAugmentation? _augmentation;
    private readonly long[] _epochBuffer;
    private Tensor? _epochOrder;
    private long _epoch = -1;
    private long[] _buffer = [];

    /// <summary>Reads <paramref name="set"/> in <paramref name="order"/>.</summary>
    /// <param name="set">The training examples; must outlive the reader.</param>
    /// <param name="order">An order of as many examples as the set has, for this reader alone.</param>
    /// <param name="augmentation">Applied to every batch; none if null.</param>
    /// <exception cref="ArgumentException">Set and order differ in size.</exception>
    public BatchReader(ImageSet set, DataOrder order, IAugmentation? augmentation = null)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(order);
        if (order.TrainingSetSize != set.Count)
        {
            throw new ArgumentException($"orders {order.TrainingSetSize} examples; the set has {set.Count}", nameof(order));
        }

        (_set, _order, _augmentation) = (set, order, augmentation);
        _epochBuffer = order.Sampling == Sampling.ReshuffledEpochs ? new long[set.Count] : [];
    }

    /// <summary>The examples offset … offset + count − 1 of the batch that begins at a position, in the current dispose scope.</summary>
    /// <param name="batchPosition">Stream position of the batch's first example, at least 0.</param>
    /// <param name="count">How many to read, at least 1.</param>
    /// <param name="offset">How many of the batch's examples to pass over: a micro-batch is a piece of its batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number breaks its rule, or a batch without replacement exceeds the set.</exception>
    public Batch Read(long batchPosition, int count, int offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batchPosition);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        using var noGrad = torch.no_grad();
        using var indices = Indices(batchPosition, count, offset);
        var batch = _set.Select(indices);
        return _augmentation is null ? batch : new Batch(Augmented(_augmentation, batch.Images, batchPosition + offset), batch.Labels);
    }

    /// <summary>Frees the order of the current epoch; the set stays.</summary>
    public void Dispose()
    {
        _epochOrder?.Dispose();
        _epochOrder = null;
        _epoch = -1;
    }

    private Tensor Augmented(IAugmentation augmentation, Tensor images, long position)
    {
        using var scope = torch.NewDisposeScope();
        var changed = augmentation.Apply(images, position, _set.Count);
        if (ReferenceEquals(changed, images))
            return images;

        images.Dispose();
        return changed.MoveToOuterDisposeScope();
    }

    // a new tensor in any case: the caller frees it
    private Tensor Indices(long batchPosition, int count, int offset)
    {
        if (_order.Sampling == Sampling.ReshuffledEpochs)
        {
            var (epoch, first) = _order.Locate(batchPosition + offset);
            if (count <= _set.Count - first)
                return OrderOf(epoch).narrow(0, first, count);
        }

        // across an epoch boundary, or independent batches: through the processor
        if (_buffer.Length != count)
            _buffer = new long[count];

        _order.Fill(batchPosition, _buffer, offset);
        return torch.tensor(_buffer, device: _set.Device);
    }

    private Tensor OrderOf(long epoch)
    {
        if (epoch != _epoch || _epochOrder is null)
        {
            _epochOrder?.Dispose();
            DataOrder.FillEpoch(_order.Seed, epoch, _epochBuffer);
            _epochOrder = torch.tensor(_epochBuffer, device: _set.Device).DetachFromDisposeScope();
            _epoch = epoch;
        }

        return _epochOrder;
    }
}
