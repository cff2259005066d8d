namespace NoiseScale.Torch;

/// <summary>Examples held in tensors: example i is row i of each of them.</summary>
/// <remarks>Does not own the tensors. A batch lies on their devices.</remarks>
public sealed class TensorExamples : IExampleSource
{
    private readonly Tensor[] _tensors;

    /// <summary>The examples of some tensors.</summary>
    /// <param name="tensors">Inputs, targets, …: at least one, each of at least one dimension, all of the same first length N ≥ 1.</param>
    /// <exception cref="ArgumentException">The tensors break a rule above; says which tensor.</exception>
    public TensorExamples(params IReadOnlyList<Tensor> tensors) => (_tensors, Count) = ([.. tensors], Rows.Of(tensors, nameof(tensors)));

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public Tensor[] Gather(ReadOnlySpan<long> indices)
    {
        ExampleIndices.Require(indices, Count);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        using var onProcessor = torch.tensor(indices.ToArray());
        return [.. _tensors.Select(tensor => tensor.index_select(0, onProcessor.to(tensor.device)).MoveToOuterDisposeScope())];
    }
}
