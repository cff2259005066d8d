namespace NoiseScale.Torch;

/// <summary>
/// What every source checks before libtorch sees an index: on a GPU a wrong one would end the process's use of the device.
/// </summary>
internal static class ExampleIndices
{
    internal static void Require(ReadOnlySpan<long> indices, long count)
    {
        if (indices.IsEmpty)
        {
            throw new ArgumentException("is empty; a batch has at least one example", nameof(indices));
        }

        foreach (var index in indices)
        {
            if ((ulong)index >= (ulong)count)
            {
                throw new ArgumentOutOfRangeException(nameof(indices), index, $"it must be from 0 to {count - 1}");
            }
        }
    }
}
