using System.Buffers.Binary;
using System.IO.Compression;

namespace NoiseScale.Training.Tests.Data;

/// <summary>Writes idx files as the format says, independently of the reader.</summary>
internal static class IdxSample
{
    public static byte[] Of(int[] dimensions, byte[] elements, byte type = 8)
    {
        var file = new byte[4 + (4 * dimensions.Length) + elements.Length];
        (file[2], file[3]) = (type, (byte)dimensions.Length);
        for (var i = 0; i < dimensions.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + (4 * i)), dimensions[i]);

        elements.CopyTo(file, 4 + (4 * dimensions.Length));
        return file;
    }

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
            gzip.Write(content);

        return packed.ToArray();
    }

    public static byte[] Bytes(int count, int modulus) => [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7 % modulus))];

    /// <summary>A whole data set of 6 training and 4 test images of 3 × 2 pixels.</summary>
    public static void WriteAll(TemporaryFolder folder, string suffix = "", Func<byte[], byte[]>? pack = null)
    {
        pack ??= content => content;
        foreach (var (part, count) in new[] { ("train", 6), ("t10k", 4) })
        {
            folder.Write($"{part}-images-idx3-ubyte{suffix}", pack(Of([count, 3, 2], Bytes(count * 6, 256))));
            folder.Write($"{part}-labels-idx1-ubyte{suffix}", pack(Of([count], Bytes(count, 10))));
        }
    }
}
