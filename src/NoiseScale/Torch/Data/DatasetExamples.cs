namespace NoiseScale.Torch;

/// <summary>
/// Examples of a TorchSharp data set, stacked into batches; the whole set is never in memory unless the data set holds it.
/// </summary>
/// <remarks>
/// Does not own the data set. Tensors that the data set makes for a batch are freed with it; tensors it keeps are left alone.
/// </remarks>
public sealed class DatasetExamples : IExampleSource
{
    private readonly Func<long, IReadOnlyList<Tensor>> _example;
    private readonly Device? _device;

    /// <summary>The examples of a data set that gives lists of tensors.</summary>
    /// <param name="dataset">Every example has as many tensors of the same shapes; N ≥ 1.</param>
    /// <param name="device">Where batches are put; null: where the data set has them.</param>
    /// <exception cref="ArgumentException">The data set is empty.</exception>
    public DatasetExamples(torch.utils.data.Dataset<IList<Tensor>> dataset, Device? device = null)
        : this(dataset?.Count, nameof(dataset), index => [.. dataset!.GetTensor(index)], device)
    {
    }

    /// <summary>The examples of a data set that gives tensors by name.</summary>
    /// <param name="dataset">Every example has the tensors of these names, of the same shapes; N ≥ 1.</param>
    /// <param name="names">Which tensors, in the order in which a batch is to have them; at least one.</param>
    /// <param name="device">Where batches are put; null: where the data set has them.</param>
    /// <exception cref="ArgumentException">The data set or the list of names is empty.</exception>
    public DatasetExamples(torch.utils.data.Dataset<Dictionary<string, Tensor>> dataset, IReadOnlyList<string> names, Device? device = null)
        : this(dataset?.Count, nameof(dataset), index => Named(dataset!.GetTensor(index), names, index), device)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count == 0)
        {
            throw new ArgumentException("is empty; a batch has at least one tensor", nameof(names));
        }
    }

    private DatasetExamples(long? count, string parameter, Func<long, IReadOnlyList<Tensor>> example, Device? device)
    {
        Count = count ?? throw new ArgumentNullException(parameter);
        if (Count < 1)
        {
            throw new ArgumentException("has no examples", parameter);
        }

        (_example, _device) = (example, device);
    }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The data set gives examples of different shapes; says which.</exception>
    public Tensor[] Gather(ReadOnlySpan<long> indices)
    {
        ExampleIndices.Require(indices, Count);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var examples = new IReadOnlyList<Tensor>[indices.Length];
        for (var i = 0; i < examples.Length; i++)
        {
            examples[i] = _example(indices[i]);
            RequireAlike(examples[0], examples[i], indices[0], indices[i]);
        }

        var batch = new Tensor[examples[0].Count];
        for (var part = 0; part < batch.Length; part++)
        {
            var stacked = torch.stack([.. examples.Select(example => example[part])]);
            batch[part] = (_device is null ? stacked : stacked.to(_device)).MoveToOuterDisposeScope();
        }

        return batch;
    }

    private static Tensor[] Named(Dictionary<string, Tensor> example, IReadOnlyList<string> names, long index) =>
        [.. names.Select(name => example.TryGetValue(name, out var tensor)
            ? tensor
            : throw new InvalidOperationException($"Example {index} has no tensor '{name}'; it has {string.Join(", ", example.Keys)}."))];

    // `stack` of unlike tensors fails too, but says nothing of the examples
    private static void RequireAlike(IReadOnlyList<Tensor> first, IReadOnlyList<Tensor> other, long firstIndex, long otherIndex)
    {
        static string Shapes(IReadOnlyList<Tensor> example) =>
            string.Join(", ", example.Select(t => $"{t.dtype}[{string.Join(", ", t.shape)}]"));

        var alike = first.Count == other.Count;
        for (var i = 0; alike && i < first.Count; i++)
        {
            alike = first[i].dtype == other[i].dtype && first[i].shape.AsSpan().SequenceEqual(other[i].shape);
        }

        if (!alike)
        {
            throw new InvalidOperationException(
                $"Example {otherIndex} is {Shapes(other)} and example {firstIndex} is {Shapes(first)}; a batch needs one shape.");
        }
    }
}
