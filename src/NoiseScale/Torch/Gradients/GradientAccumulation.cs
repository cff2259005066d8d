using DiffSharp;

namespace NoiseScale.Torch;

/// <summary>
/// The gradient of the mean loss over a big batch, from micro-batches one after the other, in the memory of one of them:
/// ∇L = Σⱼ (bⱼ/B)·∇Lⱼ, Lⱼ the mean over micro-batch j of bⱼ examples, Σⱼ bⱼ = B.
/// </summary>
/// <remarks>
/// Equal to the gradient of the whole batch up to rounding for networks that treat examples one by one. Batch normalisation does not: its
/// statistics are then those of the micro-batch (ghost batch normalisation). Dropout draws other masks than for the whole batch.
/// </remarks>
public sealed class GradientAccumulation
{
    /// <summary>Accumulates over micro-batches of a size.</summary>
    /// <param name="microBatchSize">The largest number of examples at a time, at least 1; the last micro-batch may be smaller.</param>
    /// <param name="reduction">What the loss functions answer with.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="microBatchSize"/> is below 1, or the reduction is not defined.
    /// </exception>
    public GradientAccumulation(int microBatchSize, LossReduction reduction = LossReduction.Mean)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(microBatchSize, 1);
        if (!Enum.IsDefined(reduction))
        {
            throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "no such reduction");
        }

        (MicroBatchSize, Reduction) = (microBatchSize, reduction);
    }

    /// <summary>The largest number of examples at a time.</summary>
    public int MicroBatchSize { get; }

    /// <summary>What the loss functions answer with.</summary>
    public LossReduction Reduction { get; }

    /// <summary>
    /// Adds the gradient of the mean loss to the <c>.grad</c> of every parameter, as <c>backward</c> of the whole batch would.
    /// </summary>
    /// <param name="batch">Inputs, targets, …: the whole batch, one row for every example.</param>
    /// <param name="loss">From the tensors of a micro-batch to its loss, one number; what it makes is freed after each call.</param>
    /// <param name="monitor">Measures the gradient noise from the micro-batches, when it is due; null: nothing does.</param>
    /// <returns>The mean loss over the batch.</returns>
    /// <exception cref="ArgumentException">The batch has no rows or unequal ones.</exception>
    /// <exception cref="InvalidOperationException">The loss is not one number that depends on parameters.</exception>
    public double Backward(IReadOnlyList<Tensor> batch, Func<Tensor[], Tensor> loss, GradientNoiseMonitor? monitor = null) =>
        Backward(Rows.Of(batch, nameof(batch)), Pieces(batch), loss, monitor);

    /// <summary>Adds the gradient of the mean loss to the <c>.grad</c> of every parameter, reading one micro-batch at a time.</summary>
    /// <param name="source">Where the batch is read; never as a whole.</param>
    /// <param name="update">The update whose batch it is.</param>
    /// <param name="loss">From the tensors of a micro-batch to its loss, one number; what it makes is freed after each call.</param>
    /// <param name="monitor">Measures the gradient noise from the micro-batches, when it is due; null: nothing does.</param>
    /// <returns>The mean loss over the batch.</returns>
    /// <exception cref="InvalidOperationException">The loss is not one number that depends on parameters.</exception>
    public double Backward(
        BatchSource source, PlannedUpdate update, Func<Tensor[], Tensor> loss, GradientNoiseMonitor? monitor = null) =>
        Backward(update.BatchSize, Pieces(source, update), loss, monitor);

    /// <summary>The gradient of the mean loss with respect to the parameters of a pure function; touches no <c>.grad</c>.</summary>
    /// <param name="parameters">Tensors that require a gradient; the loss depends on each.</param>
    /// <param name="batch">Inputs, targets, …: the whole batch, one row for every example.</param>
    /// <param name="loss">From the tensors of a micro-batch to its loss, one number; what it makes is freed after each call.</param>
    /// <param name="allowUnused">Whether a parameter that the loss does not depend on has gradient 0; otherwise it is refused.</param>
    /// <returns>Gradients and mean loss, in the current dispose scope.</returns>
    /// <exception cref="ArgumentException">The batch has no rows or unequal ones, or a parameter breaks its rule.</exception>
    /// <exception cref="InvalidOperationException">The loss is not one number that depends on parameters.</exception>
    public BatchGradient GradientOf(
        IReadOnlyList<Tensor> parameters, IReadOnlyList<Tensor> batch, Func<Tensor[], Tensor> loss, bool allowUnused = false) =>
        GradientOf(parameters, Rows.Of(batch, nameof(batch)), Pieces(batch), loss, allowUnused);

    /// <summary>
    /// The gradient of the mean loss with respect to the parameters of a pure function, reading one micro-batch at a time.
    /// </summary>
    /// <param name="parameters">Tensors that require a gradient; the loss depends on each.</param>
    /// <param name="source">Where the batch is read; never as a whole.</param>
    /// <param name="update">The update whose batch it is.</param>
    /// <param name="loss">From the tensors of a micro-batch to its loss, one number; what it makes is freed after each call.</param>
    /// <param name="allowUnused">Whether a parameter that the loss does not depend on has gradient 0; otherwise it is refused.</param>
    /// <returns>Gradients and mean loss, in the current dispose scope.</returns>
    /// <exception cref="ArgumentException">A parameter breaks its rule.</exception>
    /// <exception cref="InvalidOperationException">The loss is not one number that depends on parameters.</exception>
    public BatchGradient GradientOf(
        IReadOnlyList<Tensor> parameters,
        BatchSource source,
        PlannedUpdate update,
        Func<Tensor[], Tensor> loss,
        bool allowUnused = false) =>
        GradientOf(parameters, update.BatchSize, Pieces(source, update), loss, allowUnused);

    private static Func<int, int, Tensor[]> Pieces(IReadOnlyList<Tensor> batch) =>
        (offset, count) => [.. batch.Select(tensor => tensor.narrow(0, offset, count))];

    private static Func<int, int, Tensor[]> Pieces(BatchSource source, PlannedUpdate update)
    {
        ArgumentNullException.ThrowIfNull(source);
        return (offset, count) => source.Read(update, offset, count);
    }

    private double Backward(long batchSize, Func<int, int, Tensor[]> piece, Func<Tensor[], Tensor> loss, GradientNoiseMonitor? monitor)
    {
        if (monitor is null)
        {
            return Accumulate(batchSize, piece, loss, weighted => weighted.backward());
        }

        monitor.BeginUpdate();
        try
        {
            var meanLoss = Accumulate(batchSize, piece, loss, weighted => weighted.backward(), monitor.AfterMicroBatch);
            monitor.EndUpdate();
            return meanLoss;
        }
        catch
        {
            monitor.AbandonUpdate();
            throw;
        }
    }

    private BatchGradient GradientOf(
        IReadOnlyList<Tensor> parameters, long batchSize, Func<int, int, Tensor[]> piece, Func<Tensor[], Tensor> loss, bool allowUnused)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var scope = torch.NewDisposeScope();
        using var one = 1.ToScalar();
        Tensor[]? sums = null;
        var meanLoss = Accumulate(batchSize, piece, loss, weighted =>
        {
            var gradients = Gradient.Of(weighted, parameters, allowUnused: allowUnused);
            if (sums is null)
            {
                sums = [.. gradients.Select(gradient => gradient.MoveToOtherDisposeScope(scope))];
                return;
            }

            for (var i = 0; i < sums.Length; i++)
            {
                sums[i].add_(gradients[i], one);
            }
        });

        return new BatchGradient([.. sums!.Select(sum => sum.MoveToOuterDisposeScope())], meanLoss);
    }

    // One micro-batch after the other, each in a dispose scope of its own. The loss stays on its device until the end.
    private double Accumulate(
        long batchSize, Func<int, int, Tensor[]> piece, Func<Tensor[], Tensor> loss, Action<Tensor> differentiate, Action<long>? after = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        using var outer = torch.NewDisposeScope();
        using var one = 1.ToScalar();
        Tensor? total = null;
        for (var offset = 0L; offset < batchSize; offset += MicroBatchSize)
        {
            using var scope = torch.NewDisposeScope();
            var count = (int)Math.Min(MicroBatchSize, batchSize - offset);
            var weighted = MicroBatchLoss.Weighted(loss(piece((int)offset, count)), Reduction, count, batchSize);
            differentiate(weighted);
            after?.Invoke(count);
            TensorMemory.Tidy();

            using var noGrad = torch.no_grad();
            var value = weighted.detach().to(torch.ScalarType.Float64).reshape(1);
            if (total is null)
            {
                total = value.clone().MoveToOtherDisposeScope(outer);
            }
            else
            {
                total.add_(value, one);
            }
        }

        return total!.item<double>();
    }
}
