using static TorchSharp.torch;

namespace NoiseScale.Tests.Torch;

/// <summary>A data set as a user would write one: tensors by name, made when they are asked for.</summary>
internal sealed class NamedDigits(long count) : utils.data.Dataset
{
    public override long Count => count;

    public override Dictionary<string, Tensor> GetTensor(long index) =>
        new() { ["image"] = full([2, 3], index, dtype: ScalarType.Float32), ["label"] = tensor(index % 10), ["unused"] = zeros(5) };
}
