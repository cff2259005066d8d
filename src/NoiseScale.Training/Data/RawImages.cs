using System.Security.Cryptography;
using System.Text;
using DiffSharp;

namespace NoiseScale.Training.Data;

/// <summary>Images as they are stored, before normalisation: bytes [n, channels, height, width] and a byte label each.</summary>
internal sealed record RawImages(ReadOnlyMemory<byte> Pixels, ReadOnlyMemory<byte> Labels, ImageShape Shape)
{
    /// <summary>Normalises both parts alike and hashes what went in.</summary>
    public static ImageDataSet ToDataSet(
        string name,
        string settings,
        RawImages train,
        RawImages test,
        int classCount,
        Normalisation normalisation,
        IReadOnlyList<string>? warnings = null)
    {
        TorchRuntime.Ensure();
        var hash = HashOf($"{settings}; {train.Shape}; {classCount} classes; {normalisation}", train, test);
        return new ImageDataSet(
            name, train.Normalised(normalisation), test.Normalised(normalisation), classCount, normalisation, hash, warnings);
    }

    private ImageSet Normalised(Normalisation normalisation)
    {
        using var scope = torch.NewDisposeScope();
        var bytes = torch.tensor(Pixels.ToArray(), torch.ScalarType.Byte);
        var images = bytes.to(torch.ScalarType.Float32).view(Labels.Length, Shape.Channels, Shape.Height, Shape.Width);
        for (var channel = 0; channel < Shape.Channels; channel++)
        {
            // x = (p/255 − mean)/scale as one multiplication and one addition in place: no second copy of the whole set
            var (mean, scale) = (normalisation.Mean[channel], normalisation.Scale[channel]);
            var plane = images.select(1, channel);
            plane.Rescale(1 / (255 * scale), -mean / scale);
        }

        var labels = torch.tensor(Array.ConvertAll(Labels.ToArray(), label => (long)label));
        return new ImageSet(images, labels);
    }

    private static string HashOf(string settings, params ReadOnlySpan<RawImages> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(settings));
        foreach (var part in parts)
        {
            // the length goes first, so that no byte can move from one part to the next unnoticed
            hash.AppendData(BitConverter.GetBytes((long)part.Labels.Length));
            hash.AppendData(part.Labels.Span);
            hash.AppendData(part.Pixels.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
