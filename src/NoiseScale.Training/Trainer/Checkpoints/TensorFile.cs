using System.Security.Cryptography;

namespace NoiseScale.Training;

/// <summary>What stands where in a file of tensors.</summary>
/// <param name="Name">Of the tensor.</param>
/// <param name="ElementType">As TorchSharp names it, such as Float32.</param>
/// <param name="Shape">Length of each dimension.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Number of bytes.</param>
internal sealed record TensorEntry(string Name, string ElementType, IReadOnlyList<long> Shape, long Offset, long Length);

/// <summary>Tensors one behind the other as raw bytes in the order of this machine, which is little-endian wherever libtorch runs.</summary>
internal static class TensorFile
{
    /// <summary>Writes tensors and flushes them to the disk.</summary>
    /// <returns>What stands where, and the SHA-256 of the file.</returns>
    public static (IReadOnlyList<TensorEntry> Entries, string Sha256) Write(string path, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        using var noGrad = torch.no_grad();
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var entries = new List<TensorEntry>();
        foreach (var (name, tensor) in tensors)
        {
            using var scope = torch.NewDisposeScope();
            ReadOnlySpan<byte> bytes = tensor.detach().cpu().contiguous().bytes;
            entries.Add(new TensorEntry(name, tensor.dtype.ToString(), tensor.shape, file.Position, bytes.Length));
            hash.AppendData(bytes);
            file.Write(bytes);
        }

        file.Flush(flushToDisk: true);
        return (entries, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Reads tensors to the processor, into the current dispose scope; shapes and types are those of <paramref name="like"/>.</summary>
    /// <exception cref="InvalidDataException">The content does not have that hash, or its tensors are others than expected.</exception>
    public static IReadOnlyList<(string Name, Tensor Tensor)> Read(
        string path, IReadOnlyList<TensorEntry> entries, string sha256, IReadOnlyList<(string Name, Tensor Tensor)> like)
    {
        var content = File.ReadAllBytes(path);
        if (Convert.ToHexStringLower(SHA256.HashData(content)) != sha256)
            throw new InvalidDataException($"{Path.GetFileName(path)} is damaged: its SHA-256 is not the one in the manifest");

        if (entries.Count != like.Count)
            throw new InvalidDataException($"{Path.GetFileName(path)} holds {entries.Count} tensors; the run has {like.Count}");

        var tensors = new List<(string, Tensor)>();
        foreach (var (entry, (name, expected)) in entries.Zip(like))
        {
            if (entry.Name != name || entry.ElementType != expected.dtype.ToString() || !entry.Shape.SequenceEqual(expected.shape))
            {
                throw new InvalidDataException(
                    $"{Path.GetFileName(path)} holds {entry.Name}, {entry.ElementType} [{string.Join(", ", entry.Shape)}], "
                    + $"where the run has {name}, {expected.dtype} [{string.Join(", ", expected.shape)}]");
            }

            var tensor = torch.empty(expected.shape, expected.dtype);
            var bytes = tensor.bytes;
            if (entry.Length != bytes.Length || entry.Offset < 0 || entry.Offset > content.Length - entry.Length)
                throw new InvalidDataException($"{Path.GetFileName(path)}: {entry.Name} is said to lie at {entry.Offset}, {entry.Length} bytes long");

            content.AsSpan((int)entry.Offset, (int)entry.Length).CopyTo(bytes);
            tensors.Add((name, tensor));
        }

        return tensors;
    }
}
