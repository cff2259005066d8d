using NoiseScale.Training.Data;

namespace NoiseScale.Training.Sweeps.Replicas;

/// <summary>Gathers the batches of all replicas into one, each in the order of its own seed, in one look-up for each data set among them.</summary>
internal sealed class ReplicaBatches
{
    private readonly IReadOnlyList<Replica> _replicas;
    private readonly IReadOnlyList<(ImageSet Set, int First, int Count)> _stretches; // of neighbours that share a set
    private long[] _indices = [];

    public ReplicaBatches(IReadOnlyList<Replica> replicas)
    {
        _replicas = replicas;
        var stretches = new List<(ImageSet Set, int First, int Count)>();
        for (var i = 0; i < replicas.Count; i++)
        {
            if (stretches.Count > 0 && ReferenceEquals(stretches[^1].Set, replicas[i].Data.Train))
                stretches[^1] = stretches[^1] with { Count = stretches[^1].Count + 1 };
            else
                stretches.Add((replicas[i].Data.Train, i, 1));
        }

        _stretches = stretches;
    }

    /// <summary>The next batch of every replica, one behind the other: images [R·B, …] and labels [R·B].</summary>
    public Batch Read(int batchSize)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var parts = _stretches.Select(stretch => Read(stretch.Set, stretch.First, stretch.Count, batchSize)).ToList();
        var (images, labels) = parts.Count == 1
            ? parts[0]
            : new Batch(torch.cat([.. parts.Select(part => part.Images)], 0), torch.cat([.. parts.Select(part => part.Labels)], 0));
        return new Batch(images.MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope());
    }

    private Batch Read(ImageSet set, int first, int count, int batchSize)
    {
        if (_indices.Length != count * batchSize)
            _indices = new long[count * batchSize];

        for (var i = 0; i < count; i++)
            _replicas[first + i].FillIndices(_indices.AsSpan(i * batchSize, batchSize));

        return set.Select(torch.tensor(_indices, device: set.Device));
    }
}
