using NoiseScale.Training.Data;

namespace NoiseScale.Training.Runs;

/// <summary>
/// The data sets of runs as they train on them: their subset of the training examples, on their device. Made when the first run needs it,
/// shared, and freed when the last one that wants it has ended.
/// </summary>
internal sealed class PreparedData : IDisposable
{
    private readonly Func<RunSpec, ImageDataSet> _whole;
    private readonly Dictionary<(DataSpec, string), Entry> _entries;
    private readonly Lock _counting = new();

    /// <summary>For these runs, each counted as often as it stands here.</summary>
    public PreparedData(IEnumerable<RunSpec> runs, Func<RunSpec, ImageDataSet> whole)
    {
        _whole = whole;
        _entries = runs.GroupBy(KeyOf).ToDictionary(group => group.Key, group => new Entry(group.First(), group.Count(), this));
    }

    /// <summary>The data of a run.</summary>
    public ImageDataSet Of(RunSpec spec) => _entries[KeyOf(spec)].Data.Value;

    /// <summary>A run has ended and will not ask again.</summary>
    public void Release(RunSpec spec)
    {
        Entry entry;
        lock (_counting)
        {
            entry = _entries[KeyOf(spec)];
            if (--entry.Wanted > 0)
                return;
        }

        entry.Free();
    }

    public void Dispose()
    {
        foreach (var entry in _entries.Values)
            entry.Free();
    }

    private static (DataSpec, string) KeyOf(RunSpec spec) => (spec.Data, spec.Device);

    private ImageDataSet Prepare(RunSpec spec)
    {
        var whole = _whole(spec);
        var device = torch.device(spec.Device);
        if (spec.Data.SubsetSeed is not { } seed)
            return whole.Train.Device.type == device.type ? whole : whole.To(device);

        var subset = whole.Take(spec.Data.TrainingSetSize, seed);
        if (subset.Train.Device.type == device.type)
            return subset;

        using (subset)
            return subset.To(device);
    }

    private sealed class Entry(RunSpec first, int wanted, PreparedData owner)
    {
        public Lazy<ImageDataSet> Data { get; private set; } = new(() => owner.Prepare(first));

        public int Wanted { get; set; } = wanted;

        // what was prepared is ours; the caller's own set is not
        public void Free()
        {
            if (!Data.IsValueCreated || ReferenceEquals(Data.Value, owner._whole(first)))
                return;

            Data.Value.Dispose();
            Data = new(() => owner.Prepare(first));
        }
    }
}
