namespace NoiseScale.Torch;

/// <summary>The number of examples in some tensors, one a row.</summary>
internal static class Rows
{
    internal static long Of(IReadOnlyList<Tensor> tensors, string parameter)
    {
        ArgumentNullException.ThrowIfNull(tensors, parameter);
        if (tensors.Count == 0)
        {
            throw new ArgumentException("is empty; it must hold at least one tensor", parameter);
        }

        for (var i = 0; i < tensors.Count; i++)
        {
            if (tensors[i] is null || tensors[i].dim() == 0 || tensors[i].shape[0] == 0)
            {
                throw new ArgumentException($"tensor {i} has no rows; every example is a row", parameter);
            }

            if (tensors[i].shape[0] != tensors[0].shape[0])
            {
                throw new ArgumentException(
                    $"tensor {i} has {tensors[i].shape[0]} rows and tensor 0 has {tensors[0].shape[0]}; they must have as many", parameter);
            }
        }

        return tensors[0].shape[0];
    }
}
