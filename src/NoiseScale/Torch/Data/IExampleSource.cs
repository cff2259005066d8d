namespace NoiseScale.Torch;

/// <summary>Examples that can be gathered into a batch by their indices: tensors in memory, a data set, or anything else.</summary>
public interface IExampleSource
{
    /// <summary>N, the number of examples.</summary>
    long Count { get; }

    /// <summary>The examples of these indices, in their order.</summary>
    /// <param name="indices">Each from 0 to N − 1; at least one; an index may stand twice.</param>
    /// <returns>The batch's tensors (inputs, targets, …), each with one row for every index, in the current dispose scope.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the set.</exception>
    Tensor[] Gather(ReadOnlySpan<long> indices);
}
