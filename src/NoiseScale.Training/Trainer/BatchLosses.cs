namespace NoiseScale.Training;

/// <summary>
/// Sums the losses of batches and notices the first that is not finite. On a processor each is read at once; on a GPU, where reading
/// waits for the device, in bundles: a divergence is noticed late there, but dated rightly.
/// </summary>
internal sealed class BatchLosses(bool onProcessor) : IDisposable
{
    private const int Bundle = 64;

    private readonly List<(Tensor Loss, long Update, double Epoch, int BatchSize)> _unread = [];

    /// <summary>Sum of loss × batch size since <see cref="TakeMean"/>.</summary>
    public double Sum { get; private set; }

    /// <summary>Examples in that sum.</summary>
    public long Examples { get; private set; }

    /// <summary>The last loss read.</summary>
    public double Last { get; private set; } = double.NaN;

    /// <summary>The first loss that was not finite.</summary>
    public Divergence? Divergence { get; private set; }

    /// <summary>Takes note of a batch's mean loss, a tensor of one element without gradient.</summary>
    public void Add(Tensor loss, in PlannedUpdate update)
    {
        if (onProcessor)
        {
            Read(loss.item<float>(), update.Index, update.Epoch.Value, update.BatchSize);
            return;
        }

        _unread.Add((loss.detach().DetachFromDisposeScope(), update.Index, update.Epoch.Value, update.BatchSize));
        if (_unread.Count == Bundle)
            ReadAll();
    }

    /// <summary>Takes note of a batch's mean loss that has been read.</summary>
    public void Add(float loss, in PlannedUpdate update) => Read(loss, update.Index, update.Epoch.Value, update.BatchSize);

    /// <summary>Reads what has not been read.</summary>
    public void ReadAll()
    {
        if (_unread.Count == 0)
            return;

        using var scope = torch.NewDisposeScope();
        var values = torch.stack(_unread.ConvertAll(entry => entry.Loss)).cpu().data<float>().ToArray();
        for (var i = 0; i < values.Length; i++)
            Read(values[i], _unread[i].Update, _unread[i].Epoch, _unread[i].BatchSize);

        DiscardUnread();
    }

    /// <summary>The mean loss of the examples since the last call; null if there were none.</summary>
    public double? TakeMean()
    {
        ReadAll();
        double? mean = Examples > 0 ? Sum / Examples : null;
        (Sum, Examples) = (0, 0);
        return mean;
    }

    /// <summary>Goes on from a saved sum.</summary>
    public void Restore(double sum, long examples) => (Sum, Examples) = (sum, examples);

    public void Dispose() => DiscardUnread();

    private void Read(float loss, long update, double epoch, int batchSize)
    {
        if (Divergence is not null)
            return;

        Last = loss;
        if (!float.IsFinite(loss))
        {
            Divergence = new Divergence(update, epoch, loss);
            return;
        }

        Sum += (double)loss * batchSize;
        Examples += batchSize;
    }

    private void DiscardUnread()
    {
        foreach (var (loss, _, _, _) in _unread)
            loss.Dispose();

        _unread.Clear();
    }
}
