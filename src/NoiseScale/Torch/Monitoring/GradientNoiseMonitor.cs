namespace NoiseScale.Torch;

/// <summary>
/// Watches the gradient noise of a model while it trains: every so many updates one batch is taken as micro-batches, whose gradients tell
/// tr Σ and ‖G‖², and B_simple = tr Σ/‖G‖² is reported with its interval over the last measurements. (McCandlish et al. 2018)
/// </summary>
/// <remarks>
/// <para>The gradients that the optimizer gets stay the same, up to rounding, for networks that treat examples one by one. Batch normalisation does not:
/// its statistics are those of the micro-batch on a measured update. Dropout draws other masks. Let the parameters be those that train.</para>
/// <para>It has to see the gradients as <c>backward</c> leaves them: before clipping, weight decay or unscaling. It holds no tensors between updates.</para>
/// </remarks>
/// <example>
/// <code>
/// var monitor = new GradientNoiseMonitor(model.parameters());
/// foreach (var (x, y) in batches)
/// {
///     optimizer.zero_grad();
///     monitor.Backward(x, y, (x, y) => functional.cross_entropy(model.call(x), y));   // in place of loss.backward()
///     optimizer.step();
///     if (monitor.MeasuredLastUpdate &amp;&amp; monitor.Estimate is { } noise) Console.WriteLine(noise);
/// }
/// </code>
/// </example>
[Source(Paper.McCandlish2018)]
public sealed class GradientNoiseMonitor
{
    private readonly Tensor[] parameters;
    private readonly Queue<GradientNoiseMeasurement> measurements = [];
    private readonly GradientNoiseOptions options;
    private MicroBatchNorms? open;

    /// <summary>Watches parameters.</summary>
    /// <param name="parameters">The parameters, such as <c>model.parameters()</c>; frozen ones (that require no gradient) are left out.</param>
    /// <param name="options">How often and how finely to measure; the defaults if null.</param>
    /// <exception cref="ArgumentException">No parameter requires a gradient, or an option breaks its rule.</exception>
    public GradientNoiseMonitor(IEnumerable<Tensor> parameters, GradientNoiseOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        this.options = options ?? new GradientNoiseOptions();
        this.options.Validate();
        this.parameters = [.. parameters.Where(parameter => parameter.requires_grad)];
        if (this.parameters.Length == 0)
        {
            throw new ArgumentException("no parameter requires a gradient", nameof(parameters));
        }
    }

    /// <summary>Watches parameters.</summary>
    /// <param name="parameters">The parameters, such as <c>model.parameters()</c>.</param>
    /// <param name="every">Every how many updates one is measured, at least 1.</param>
    /// <param name="microBatches">Into how many micro-batches a measured batch is cut, at least 2.</param>
    /// <exception cref="ArgumentException">No parameter requires a gradient, or a number is out of range.</exception>
    public GradientNoiseMonitor(IEnumerable<Tensor> parameters, int every, int microBatches = GradientNoiseOptions.DefaultMicroBatches)
        : this(parameters, new GradientNoiseOptions { Every = every, MicroBatches = microBatches })
    {
    }

    /// <summary>How many updates it has seen.</summary>
    public long Updates { get; private set; }

    /// <summary>Whether the next update is going to be measured: the updates of numbers every, 2·every, …, from 1.</summary>
    public bool IsDue => (Updates + 1) % options.Every == 0;

    /// <summary>Whether the last update gave a measurement.</summary>
    public bool MeasuredLastUpdate { get; private set; }

    /// <summary>The last measurement; null before the first.</summary>
    public GradientNoiseMeasurement? Latest { get; private set; }

    /// <summary>The measurements that the estimate is of, oldest first.</summary>
    public IReadOnlyList<GradientNoiseMeasurement> Measurements => [.. measurements];

    /// <summary>How many updates were due but gave no measurement: a gradient was not finite, or the batch had a single example.</summary>
    public long Skipped { get; private set; }

    /// <summary>
    /// B_simple with its interval over the last measurements; null before there are two, and where all their gradients are 0.
    /// </summary>
    /// <exception cref="InvalidOperationException">‖G‖² cannot be told from 0, and the policy is to refuse.</exception>
    public GradientNoiseEstimate? Estimate =>
        measurements.Count < 2 || measurements.All(one => one == default)
            ? null
            : GradientNoiseEstimate.Of(measurements, options.ConfidenceLevel, options.Policy);

    /// <summary>In place of <c>loss.backward()</c>: adds the gradient of the mean loss to every <c>.grad</c>, and measures if it is time.</summary>
    /// <param name="inputs">The batch's inputs, a row an example.</param>
    /// <param name="targets">Their targets, as many rows.</param>
    /// <param name="loss">From inputs and targets to their loss, one number; called once, or for each micro-batch.</param>
    /// <returns>The mean loss over the batch, detached, one number; in the current dispose scope.</returns>
    /// <exception cref="ArgumentException">The batch has no rows or unequal ones.</exception>
    /// <exception cref="InvalidOperationException">The loss is not one number that depends on parameters.</exception>
    public Tensor Backward(Tensor inputs, Tensor targets, Func<Tensor, Tensor, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return Backward([inputs, targets], batch => loss(batch[0], batch[1]));
    }

    /// <summary>In place of <c>loss.backward()</c>: adds the gradient of the mean loss to every <c>.grad</c>, and measures if it is time.</summary>
    /// <param name="batch">Inputs, targets, …: one row for every example in each.</param>
    /// <param name="loss">From the tensors of a micro-batch to its loss, one number; called once, or for each micro-batch.</param>
    /// <returns>The mean loss over the batch, detached, one number; in the current dispose scope.</returns>
    /// <exception cref="ArgumentException">The batch has no rows or unequal ones.</exception>
    /// <exception cref="InvalidOperationException">The loss is not one number that depends on parameters.</exception>
    public Tensor Backward(IReadOnlyList<Tensor> batch, Func<Tensor[], Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        var examples = Rows.Of(batch, nameof(batch));
        using var scope = torch.NewDisposeScope();
        var pieces = IsDue ? (int)Math.Min(options.MicroBatches, examples) : 1;
        BeginUpdate();
        Tensor? total = null;
        try
        {
            for (var (piece, offset) = (0, 0L); piece < pieces; piece++)
            {
                using var inner = torch.NewDisposeScope();
                // as equal as whole numbers allow: the first few have one more
                var count = examples / pieces + (piece < examples % pieces ? 1 : 0);
                var part = pieces == 1 ? [.. batch] : batch.Select(tensor => tensor.narrow(0, offset, count)).ToArray();
                var weighted = MicroBatchLoss.Weighted(loss(part), options.Reduction, count, examples);
                weighted.backward();
                open?.Add(count, isLast: piece == pieces - 1);
                offset += count;

                using var noGrad = torch.no_grad();
                total = (total is null ? weighted.detach() : total.add(weighted.detach(), MicroBatchLoss.One)).MoveToOtherDisposeScope(scope);
            }
        }
        catch
        {
            AbandonUpdate();
            throw;
        }

        EndUpdate();
        return total!.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// For a loop that goes through micro-batches itself: call it before the first <c>backward</c> of an update; then
    /// <see cref="AfterMicroBatch"/> after each, and <see cref="EndUpdate"/> before the optimizer's step.
    /// </summary>
    /// <remarks>Losses are to be divided so that <c>.grad</c> ends as the mean over the whole batch: each mean times bₖ/n, each sum times 1/n.</remarks>
    public void BeginUpdate()
    {
        AbandonUpdate();
        open = IsDue ? new MicroBatchNorms(parameters) : null;
    }

    /// <summary>After the <c>backward</c> of a micro-batch; does nothing on an update that is not measured.</summary>
    /// <param name="examples">bₖ, the examples of the micro-batch, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no example.</exception>
    public void AfterMicroBatch(long examples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 1);
        open?.Add(examples, isLast: false);
    }

    /// <summary>After the last micro-batch of an update, before the gradients are clipped or used.</summary>
    public void EndUpdate()
    {
        Updates++;
        MeasuredLastUpdate = false;
        if (open is null)
        {
            return;
        }

        using var norms = open;
        open = null;
        if (norms.Measure(options.TrainingSetSize) is { IsFinite: true } measurement)
        {
            Keep(measurement);
        }
        else
        {
            Skipped++;
        }
    }

    /// <summary>Takes in a measurement made elsewhere, as of norms that distributed workers know anyway; counts no update.</summary>
    /// <param name="measurement">A measurement at the present parameters.</param>
    /// <exception cref="ArgumentException">It is not finite.</exception>
    public void Observe(GradientNoiseMeasurement measurement) => Keep(
        measurement.IsFinite ? measurement : throw new ArgumentException("a measurement is finite; leave out what overflowed", nameof(measurement)));

    /// <summary>Lets go of what an update that failed has left.</summary>
    internal void AbandonUpdate()
    {
        open?.Dispose();
        open = null;
    }

    private void Keep(GradientNoiseMeasurement measurement)
    {
        Latest = measurement;
        MeasuredLastUpdate = true;
        measurements.Enqueue(measurement);
        if (measurements.Count > options.Window)
        {
            measurements.Dequeue();
        }
    }
}
