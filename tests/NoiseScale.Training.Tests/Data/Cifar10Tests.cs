using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class Cifar10Tests
{
    private const int RecordLength = 3073;

    public static Test All => TestList("cifar10",
    [
        TestCase("records become labels and red, green and blue planes, file after file", () =>
        {
            using var folder = new TemporaryFolder();
            WriteAll(folder.Path);
            using var set = Cifar10.Load(folder.Path);
            Check.Equal((10, 2), (set.Train.Count, set.Test.Count));
            Check.Equal(new ImageShape(3, 32, 32), set.Train.Shape);
            Check.Sequence([0L, 1, 1, 2, 2, 3, 3, 4, 4, 5], set.Train.Labels.data<long>().ToArray());
            Check.True(set.Warnings.Single().Contains("10 training and 2 test", StringComparison.Ordinal));

            // record 3 is the second of file 2: its byte b is (2 + 1 + b) mod 256
            using var scope = torch.NewDisposeScope();
            var image = set.Train.Images.select(0, 3);
            for (var channel = 0; channel < 3; channel++)
            {
                var pixel = ((2 + 1 + (channel * 1024) + (5 * 32) + 7) % 256) / 255.0;
                var expected = (pixel - set.Normalisation.Mean[channel]) / set.Normalisation.Scale[channel];
                Check.Close(expected, image.select(0, channel).select(0, 5).select(0, 7).item<float>(), 1e-5);
            }
        }),
        TestCase("wrong sizes, labels and missing files are refused by name", () =>
        {
            Refused(DataFileProblem.WrongSize, "data_batch_3.bin", new byte[RecordLength + 1], "data_batch_3.bin", "3074 bytes");
            Refused(DataFileProblem.WrongSize, "test_batch.bin", [], "0 bytes");
            byte[] secondLabelIs10 = [.. new byte[RecordLength], 10, .. new byte[RecordLength - 1]];
            Refused(DataFileProblem.LabelOutOfRange, "data_batch_2.bin", secondLabelIs10, "data_batch_2.bin", "label 1 is 10");
            Refused(DataFileProblem.Missing, "data_batch_5.bin", null, "data_batch_5.bin");
            Check.Equal(DataFileProblem.Missing, Check.Throws<DataFileException>(() => Cifar10.Load("/no/such/folder")).Problem);
        }),
    ]);

    /// <summary>Five files and one of two records each; byte b of record r of file f is (f + r + b) mod 256, its label f + r − 1.</summary>
    public static void WriteAll(string folder)
    {
        for (var file = 1; file <= 6; file++)
        {
            using var content = File.Create(Path.Combine(folder, Cifar10.Files[file - 1]));
            for (var record = 0; record < 2; record++)
            {
                content.WriteByte((byte)(file + record - 1));
                content.Write([.. Enumerable.Range(0, RecordLength - 1).Select(b => (byte)(file + record + b))]);
            }
        }
    }

    private static void Refused(DataFileProblem problem, string name, byte[]? content, params string[] pieces)
    {
        using var folder = new TemporaryFolder();
        WriteAll(folder.Path);
        if (content is null)
            File.Delete(Path.Combine(folder.Path, name));
        else
            folder.Write(name, content);

        Check.Equal(problem, Check.Throws<DataFileException>(() => Cifar10.Load(folder.Path), pieces).Problem);
    }
}
