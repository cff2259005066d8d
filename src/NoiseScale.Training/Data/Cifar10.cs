namespace NoiseScale.Training.Data;

/// <summary>CIFAR-10 in its binary form: six files of records of a label byte and 3 × 32 × 32 colour bytes (red, green, blue planes).</summary>
public static class Cifar10
{
    private const int ClassCount = 10;
    private const int CanonicalTrainCount = 50_000;
    private const int CanonicalTestCount = 10_000;
    private static readonly ImageShape Shape = new(3, 32, 32);
    private static readonly int RecordLength = 1 + Shape.Length;
    private static readonly string[] TrainFiles = [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")];
    private const string TestFile = "test_batch.bin";

    /// <summary>The mean and standard deviation of each colour over the 50 000 training images, to four digits.</summary>
    public static Normalisation Normalisation { get; } = new([0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]);

    /// <summary>The files a directory must hold.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. TrainFiles, TestFile];

    /// <summary>Whether a directory holds at least one of the six files.</summary>
    /// <param name="directory">Where to look.</param>
    public static bool IsIn(string directory) => Files.Any(name => File.Exists(Path.Combine(directory, name)));

    /// <summary>Reads the five training files and the test file of a directory.</summary>
    /// <param name="directory">Where the files are.</param>
    /// <returns>Named <c>cifar10</c>, with a warning if it does not have 50 000 and 10 000 images.</returns>
    /// <exception cref="DataFileException">A file is missing, is not a whole number of records, or has a label above 9.</exception>
    public static ImageDataSet Load(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        if (!Directory.Exists(directory))
            throw new DataFileException(directory, DataFileProblem.Missing, "no such directory");

        var train = Read(directory, TrainFiles);
        var test = Read(directory, [TestFile]);
        IReadOnlyList<string> warnings = (train.Labels.Length, test.Labels.Length) == (CanonicalTrainCount, CanonicalTestCount)
            ? []
            : [$"{train.Labels.Length} training and {test.Labels.Length} test images: not the whole of CIFAR-10"];
        return RawImages.ToDataSet("cifar10", "cifar10 binary", train, test, ClassCount, Normalisation, warnings);
    }

    private static RawImages Read(string directory, string[] names)
    {
        // all sizes are checked before a byte is read: a wrong file is found in no time
        var files = Array.ConvertAll(names, name => Checked(Path.Combine(directory, name)));
        var count = checked((int)files.Sum(file => file.Length / RecordLength));
        var pixels = new byte[checked(count * Shape.Length)];
        var labels = new byte[count];
        var next = 0;
        foreach (var file in files)
        {
            using var content = file.OpenRead();
            var first = next;
            for (var records = file.Length / RecordLength; records > 0; records--, next++)
            {
                content.ReadExactly(labels, next, 1);
                content.ReadExactly(pixels, next * Shape.Length, Shape.Length);
            }

            Mnist.RequireLabels(file.FullName, labels.AsSpan(first..next), ClassCount);
        }

        return new RawImages(pixels, labels, Shape);
    }

    private static FileInfo Checked(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new DataFileException(path, DataFileProblem.Missing, "no such file");

        if (file.Length == 0 || file.Length % RecordLength != 0)
        {
            throw new DataFileException(path, DataFileProblem.WrongSize,
                $"is {file.Length} bytes long; it must be a whole number of records of {RecordLength} bytes, at least one");
        }

        return file;
    }
}
