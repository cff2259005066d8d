using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Data;

internal static class DataSetsTests
{
    private static readonly SyntheticDigitsSettings Few = new() { TrainCount = 20, TestCount = 10 };

    public static Test All => TestList("data sets",
    [
        TestCase("the directory decides the format, and comes before the environment", () =>
        {
            using var idx = new TemporaryFolder();
            using var cifar = new TemporaryFolder();
            IdxSample.WriteAll(idx);
            Cifar10Tests.WriteAll(cifar.Path);
            Check.Equal(new ImageShape(1, 3, 2), ShapeOf(idx.Path, cifar.Path));
            Check.Equal(new ImageShape(3, 32, 32), ShapeOf(cifar.Path, idx.Path));
            Check.Equal(new ImageShape(3, 32, 32), ShapeOf(null, cifar.Path));
        }),
        TestCase("without a directory the digits are synthetic", () =>
        {
            foreach (var environment in new[] { null, "", " " })
            {
                using var set = DataSets.Resolve(null, environment, Few);
                Check.Equal(("synthetic-digits", 20), (set.Name, set.Train.Count));
            }
        }),
        TestCase("a directory that cannot be used is refused, saying what was looked for", () =>
        {
            using var folder = new TemporaryFolder();
            var error = Check.Throws<DataFileException>(
                () => DataSets.Resolve(folder.Path, null, Few), "train-images-idx3-ubyte", ".gz", "data_batch_1.bin", "test_batch.bin");
            Check.Equal(DataFileProblem.UnknownFormat, error.Problem);
            IdxSample.WriteAll(folder);
            Cifar10Tests.WriteAll(folder.Path);
            Check.Throws<DataFileException>(() => DataSets.Resolve(folder.Path, null, Few), "both");
            Check.Throws<DataFileException>(() => DataSets.Resolve("/no/such/folder", null, Few), "no such directory");
            Check.Throws<ArgumentException>(() => DataSets.Resolve(" ", null, Few), "directory");

            // one file of four is enough to say which is missing
            using var partial = new TemporaryFolder();
            partial.Write("t10k-labels-idx1-ubyte", IdxSample.Of([1], [0]));
            Check.Equal(DataFileProblem.Missing, Check.Throws<DataFileException>(() => DataSets.Resolve(null, partial.Path, Few)).Problem);
        }),
    ]);

    private static ImageShape ShapeOf(string? directory, string? environment)
    {
        using var set = DataSets.Resolve(directory, environment, Few);
        return set.Train.Shape;
    }
}
