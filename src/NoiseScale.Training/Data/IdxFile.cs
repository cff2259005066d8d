using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace NoiseScale.Training.Data;

/// <summary>
/// One file of the idx format in which MNIST is distributed: two zero bytes, the element type, the number of dimensions, each
/// dimension as a big-endian 32-bit number, then the elements in row-major order. Plain or gzip, told apart by content.
/// </summary>
public sealed class IdxFile
{
    private const int UnsignedByte = 0x08;
    private const int LargestRank = 4;

    private IdxFile(string path, int[] dimensions, byte[] payload, string sha256)
    {
        Path = path;
        Dimensions = dimensions;
        Payload = payload;
        Sha256 = sha256;
    }

    /// <summary>Where the file was read from.</summary>
    public string Path { get; }

    /// <summary>The length of each dimension, outermost first: [n] for labels, [n, height, width] for images.</summary>
    public IReadOnlyList<int> Dimensions { get; }

    /// <summary>The elements, row-major; as many as the product of <see cref="Dimensions"/>.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>SHA-256 of the uncompressed file (header and elements) in lower-case hexadecimal; the same for plain and gzip.</summary>
    public string Sha256 { get; }

    /// <summary>Reads and checks a whole idx file of unsigned bytes.</summary>
    /// <param name="path">The file, plain or gzip whatever its name.</param>
    /// <exception cref="DataFileException">The file is missing, or is not exactly what its header says; the problem is named.</exception>
    public static IdxFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path))
            throw new DataFileException(path, DataFileProblem.Missing, "no such file");

        using var file = File.OpenRead(path);
        return IsGzip(file) ? ReadGzip(path, file) : Decode(path, file, out _);
    }

    private static bool IsGzip(FileStream file)
    {
        // an idx file begins with two zero bytes, a gzip file with 1f 8b: no file is both
        Span<byte> start = stackalloc byte[2];
        var read = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && start[0] == 0x1f && start[1] == 0x8b;
    }

    private static IdxFile ReadGzip(string path, FileStream file)
    {
        try
        {
            using var content = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            var idx = Decode(path, content, out var length);
            RequireGzipLength(path, file, length);
            return idx;
        }
        catch (InvalidDataException error)
        {
            throw new DataFileException(path, DataFileProblem.CorruptGzip, $"the gzip data is damaged ({error.Message})", error);
        }
    }

    // The decompressor verifies the checksum but is content with a file that ends before it. The last four bytes of a gzip file are
    // its uncompressed length (modulo 2³²), which a file cut short almost never ends with.
    private static void RequireGzipLength(string path, FileStream file, long length)
    {
        Span<byte> trailer = stackalloc byte[4];
        file.Seek(-4, SeekOrigin.End);
        file.ReadExactly(trailer);
        var stated = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        if (stated != (uint)length)
        {
            throw new DataFileException(path, DataFileProblem.CorruptGzip,
                $"{length} bytes came out but the gzip data ends by stating {stated}: it is cut short, damaged, or of several members");
        }
    }

    private static IdxFile Decode(string path, Stream content, out long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var dimensions = ReadHeader(path, content, hash);
        var expected = dimensions.Aggregate((Int128)1, (product, dimension) => product * dimension); // four 31-bit numbers: fits 128 bits
        if (expected > Array.MaxLength)
        {
            throw new DataFileException(path, DataFileProblem.WrongDimensions,
                $"the header promises {Describe(dimensions)} = {expected} elements; at most {Array.MaxLength} can be read");
        }

        var payload = ReadPayload(path, content, dimensions, (int)expected);
        hash.AppendData(payload);
        length = 4 + (4L * dimensions.Length) + payload.Length;
        return new IdxFile(path, dimensions, payload, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static int[] ReadHeader(string path, Stream content, IncrementalHash hash)
    {
        Span<byte> magic = stackalloc byte[4];
        ReadHeaderBytes(path, content, magic, "the 4 bytes of its magic number");
        if (magic[0] != 0 || magic[1] != 0 || magic[3] is 0 or > LargestRank)
        {
            throw new DataFileException(path, DataFileProblem.WrongMagic,
                $"begins with {Convert.ToHexStringLower(magic)}; an idx file of bytes begins with 000008 and its rank, 1 to {LargestRank}");
        }

        if (magic[2] != UnsignedByte)
        {
            throw new DataFileException(path, DataFileProblem.UnsupportedElementType,
                $"has elements of type 0x{magic[2]:x2}; only unsigned bytes (0x08) are images and labels");
        }

        hash.AppendData(magic);
        var dimensions = new int[magic[3]];
        Span<byte> number = stackalloc byte[4];
        for (var i = 0; i < dimensions.Length; i++)
        {
            ReadHeaderBytes(path, content, number, $"dimension {i + 1} of {dimensions.Length}");
            var dimension = BinaryPrimitives.ReadUInt32BigEndian(number);
            if (dimension is 0 or > int.MaxValue)
            {
                throw new DataFileException(path, DataFileProblem.WrongDimensions,
                    $"dimension {i + 1} of {dimensions.Length} is {dimension}; it must be from 1 to {int.MaxValue}");
            }

            hash.AppendData(number);
            dimensions[i] = (int)dimension;
        }

        return dimensions;
    }

    private static void ReadHeaderBytes(string path, Stream content, Span<byte> target, string what)
    {
        var read = content.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        if (read < target.Length)
        {
            throw new DataFileException(path, DataFileProblem.TruncatedHeader, $"ends inside {what}");
        }
    }

    private static byte[] ReadPayload(string path, Stream content, int[] dimensions, int expected)
    {
        // the buffer grows with what is really there: a damaged header must not reserve gigabytes
        var payload = new byte[Math.Min(expected, 1 << 20)];
        var filled = 0;
        while (true)
        {
            filled += content.ReadAtLeast(payload.AsSpan(filled), payload.Length - filled, throwOnEndOfStream: false);
            if (filled < payload.Length)
            {
                throw new DataFileException(path, DataFileProblem.TruncatedPayload,
                    $"holds {filled} of the {expected} elements its header promises ({Describe(dimensions)})");
            }

            if (filled == expected)
                break;

            Array.Resize(ref payload, (int)Math.Min(expected, 2L * payload.Length));
        }

        if (content.ReadByte() >= 0)
        {
            throw new DataFileException(path, DataFileProblem.ExtraBytes,
                $"goes on after the {expected} elements its header promises ({Describe(dimensions)})");
        }

        return payload;
    }

    private static string Describe(int[] dimensions) => string.Join(" × ", dimensions);
}
