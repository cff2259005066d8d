namespace NoiseScale.Torch;

/// <summary>
/// Batches whose size follows a plan, over any examples. Which examples a batch holds is a pure function of seed and stream position, so a
/// run resumed at any update sees what the uninterrupted one would have seen.
/// </summary>
/// <remarks>Owns nothing. Keeps the order of the current epoch, N numbers; not thread-safe.</remarks>
public sealed class BatchSource
{
    private readonly IExampleSource _examples;
    private readonly DataOrder _order;
    private long[] _indices = [];

    /// <summary>The batches of a plan.</summary>
    /// <param name="plan">The plan to follow.</param>
    /// <param name="examples">As many examples as the plan's training-set size.</param>
    /// <param name="seed">Every seed gives an order of its own.</param>
    /// <param name="sampling">How batches are drawn.</param>
    /// <exception cref="ArgumentException">The number of examples is not the plan's, or exceeds 2³¹ − 1.</exception>
    public BatchSource(Plan plan, IExampleSource examples, long seed, Sampling sampling = Sampling.ReshuffledEpochs)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(examples);
        if (examples.Count != plan.Schedule.TrainingSetSize)
        {
            throw new ArgumentException(
                $"has {examples.Count} examples, and the plan is for a training set of {plan.Schedule.TrainingSetSize}; "
                + "give the schedule that size (WithTrainingSetSize) and plan again",
                nameof(examples));
        }

        if (examples.Count > int.MaxValue)
        {
            throw new ArgumentException($"has {examples.Count} examples; an order of at most {int.MaxValue} can be kept", nameof(examples));
        }

        (Plan, _examples, _order) = (plan, examples, new DataOrder((int)examples.Count, seed, sampling));
    }

    /// <summary>The plan that it follows.</summary>
    public Plan Plan { get; }

    /// <summary>Chooses the order.</summary>
    public long Seed => _order.Seed;

    /// <summary>How batches are drawn.</summary>
    public Sampling Sampling => _order.Sampling;

    /// <summary>The batches from an update on, one after the other.</summary>
    /// <remarks>
    /// While the body of a <c>foreach</c> over it runs, a dispose scope is open; before the next batch it frees the batch and every tensor
    /// that the body has made and not moved out of the scope. Enumerate on one thread.
    /// </remarks>
    /// <param name="update">Index of the first update, 0 or more.</param>
    /// <returns>The batches; none beyond the last update.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="update"/> is negative.</exception>
    public IEnumerable<PlannedBatch> From(long update)
    {
        var updates = Plan.From(update); // refuses a negative index here, not at the first batch

        IEnumerable<PlannedBatch> Batches()
        {
            foreach (var one in updates)
            {
                using var scope = torch.NewDisposeScope();
                yield return new PlannedBatch(one, Read(one));
            }
        }

        return Batches();
    }

    /// <summary>The batch of one update.</summary>
    /// <param name="update">An update of the plan.</param>
    /// <returns>The batch's tensors, in the current dispose scope.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A batch without replacement exceeds the training set.</exception>
    public Tensor[] Read(PlannedUpdate update) => Read(update, 0, update.BatchSize);

    /// <summary>A piece of the batch of one update: the pieces of a batch hold the examples of the whole, in its order.</summary>
    /// <param name="update">An update of the plan.</param>
    /// <param name="offset">How many of the batch's examples come before, at least 0.</param>
    /// <param name="count">How many to read, at least 1, and not beyond the batch.</param>
    /// <returns>The piece's tensors, in the current dispose scope.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The piece is empty or not within the batch.</exception>
    public Tensor[] Read(PlannedUpdate update, int offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (_indices.Length < count)
        {
            _indices = new long[count];
        }

        var indices = _indices.AsSpan(0, count);
        Indices(update, indices, offset);
        return _examples.Gather(indices);
    }

    /// <summary>The indices of the examples offset, offset + 1, … of the batch of one update: as many as the buffer holds.</summary>
    /// <param name="update">An update of the plan.</param>
    /// <param name="indices">Filled with indices from 0 to N − 1.</param>
    /// <param name="offset">How many of the batch's examples come before, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The piece is not within the batch.</exception>
    public void Indices(PlannedUpdate update, Span<long> indices, int offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (indices.Length > update.BatchSize - offset)
        {
            throw new ArgumentOutOfRangeException(
                nameof(indices), indices.Length, $"from offset {offset} on, the batch of {update.BatchSize} has fewer examples");
        }

        _order.Fill(update.FirstExample, indices, offset);
    }
}
