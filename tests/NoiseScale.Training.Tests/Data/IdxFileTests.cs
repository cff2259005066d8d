using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class IdxFileTests
{
    private static readonly byte[] Elements = IdxSample.Bytes(24, 256);
    private static readonly byte[] Good = IdxSample.Of([2, 3, 4], Elements);

    public static Test All => TestList("idx file",
    [
        TestCase("plain and gzip read alike, whatever the name", () =>
        {
            using var folder = new TemporaryFolder();
            var plain = IdxFile.Read(folder.Write("images.gz", Good));
            var packed = IdxFile.Read(folder.Write("images", IdxSample.Gzip(Good)));
            Check.Sequence([2, 3, 4], plain.Dimensions);
            Check.Sequence(plain.Dimensions, packed.Dimensions);
            Check.Sequence(Elements, plain.Payload.ToArray());
            Check.Sequence(Elements, packed.Payload.ToArray());
            Check.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Good)), plain.Sha256);
            Check.Equal(plain.Sha256, packed.Sha256);
        }),
        TestCase("payloads longer than the first buffer arrive whole", () =>
        {
            using var folder = new TemporaryFolder();
            var elements = IdxSample.Bytes((1 << 20) + 12_345, 251);
            var file = IdxFile.Read(folder.Write("large", IdxSample.Gzip(IdxSample.Of([elements.Length], elements))));
            Check.True(file.Payload.Span.SequenceEqual(elements));
        }),
        TestCase("every failure is named", () =>
        {
            Refused(DataFileProblem.Missing, null, "no such file");
            Refused(DataFileProblem.TruncatedHeader, [], "magic number");
            Refused(DataFileProblem.TruncatedHeader, Good[..3], "magic number");
            Refused(DataFileProblem.TruncatedHeader, Good[..10], "dimension 2 of 3");
            Refused(DataFileProblem.WrongMagic, [1, .. Good[1..]], "01000803");
            Refused(DataFileProblem.WrongMagic, [0, 0, 8, 0], "00000800");
            Refused(DataFileProblem.WrongMagic, [0, 0, 8, 9], "00000809");
            Refused(DataFileProblem.WrongMagic, "<html>"u8.ToArray(), "3c68746d");
            Refused(DataFileProblem.UnsupportedElementType, IdxSample.Of([24], Elements, type: 0x0d), "0x0d");
            Refused(DataFileProblem.WrongDimensions, IdxSample.Of([2, 0, 4], []), "dimension 2 of 3 is 0");
            Refused(DataFileProblem.WrongDimensions, IdxSample.Of([-1], []), "4294967295");
            Refused(DataFileProblem.WrongDimensions, IdxSample.Of([int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue], []), "at most");
            Refused(DataFileProblem.TruncatedPayload, Good[..^1], "23 of the 24", "2 × 3 × 4");
            Refused(DataFileProblem.TruncatedPayload, IdxSample.Of([2_000_000_000], Elements), "24 of the 2000000000");
            Refused(DataFileProblem.ExtraBytes, [.. Good, 0], "goes on after the 24");
            Refused(DataFileProblem.ExtraBytes, IdxSample.Gzip([.. Good, 0]), "goes on after the 24");
            Refused(DataFileProblem.TruncatedPayload, IdxSample.Gzip(Good[..^1]), "23 of the 24");
            Refused(DataFileProblem.CorruptGzip, [0x1f, 0x8b, 0xff, .. Good], "damaged");
            Refused(DataFileProblem.CorruptGzip, [.. IdxSample.Gzip(Good), 1, 2, 3], "several members");
        }),
        TestCase("a gzip file cut short anywhere is refused", () =>
        {
            var packed = IdxSample.Gzip(Good);
            for (var length = 0; length < packed.Length; length++)
                Refused(null, packed[..length]);
        }),
        TestCase("a gzip file with one bit turned is refused, or reads the same", () =>
        {
            using var folder = new TemporaryFolder();
            var packed = IdxSample.Gzip(Good);
            var harmless = 0;
            for (var bit = 0; bit < 8 * packed.Length; bit++)
            {
                byte[] damaged = [.. packed];
                damaged[bit / 8] ^= (byte)(1 << (bit % 8));
                try
                {
                    Check.Sequence(Elements, IdxFile.Read(folder.Write("damaged", damaged)).Payload.ToArray());
                    harmless++;
                }
                catch (DataFileException)
                {
                    // refused, as it should be
                }
            }

            // only the 6 bytes of time, extra flags and system, and a few bits of flags, say nothing about the content
            Check.True(harmless <= 8 * 7, $"{harmless} of {8 * packed.Length} turned bits went unnoticed");
        }),
    ]);

    private static void Refused(DataFileProblem? problem, byte[]? content, params string[] pieces)
    {
        using var folder = new TemporaryFolder();
        var path = content is null ? Path.Combine(folder.Path, "absent") : folder.Write("file", content);
        var error = Check.Throws<DataFileException>(() => IdxFile.Read(path), [path, .. pieces]);
        Check.Equal(path, error.Path);
        if (problem is not null)
            Check.Equal(problem, error.Problem);
    }
}
