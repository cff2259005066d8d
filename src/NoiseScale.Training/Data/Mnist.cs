namespace NoiseScale.Training.Data;

/// <summary>MNIST, and everything distributed in its format (Fashion-MNIST, KMNIST): four idx files of ten classes.</summary>
public static class Mnist
{
    private const int ClassCount = 10;

    /// <summary>The four files, each also accepted with <c>.gz</c> after it, with the SHA-256 of the uncompressed canonical MNIST file.</summary>
    public static IReadOnlyDictionary<string, string> CanonicalSha256 { get; } = new Dictionary<string, string>
    {
        [TrainImages] = "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        [TrainLabels] = "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        [TestImages] = "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        [TestLabels] = "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    };

    private const string TrainImages = "train-images-idx3-ubyte";
    private const string TrainLabels = "train-labels-idx1-ubyte";
    private const string TestImages = "t10k-images-idx3-ubyte";
    private const string TestLabels = "t10k-labels-idx1-ubyte";

    /// <summary>Whether a directory holds at least one of the four files, plain or gzip.</summary>
    /// <param name="directory">Where to look.</param>
    public static bool IsIn(string directory) => CanonicalSha256.Keys.Any(name => Find(directory, name) is not null);

    /// <summary>
    /// Reads the four files of a directory, plain before gzip; normalises with the mean and standard deviation of the training pixels
    /// (0.1307 and 0.3081 for MNIST).
    /// </summary>
    /// <param name="directory">Where the files are.</param>
    /// <returns>Named <c>mnist</c> if all four files are the canonical ones; else after the directory, with a warning for each file
    /// that is not.</returns>
    /// <exception cref="DataFileException">A file is missing, damaged, or does not match its partner; the problem is named.</exception>
    public static ImageDataSet Load(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        if (!Directory.Exists(directory))
            throw new DataFileException(directory, DataFileProblem.Missing, "no such directory");

        var warnings = new List<string>();
        var train = ReadPair(directory, TrainImages, TrainLabels, warnings);
        var test = ReadPair(directory, TestImages, TestLabels, warnings);
        if (train.Shape != test.Shape)
        {
            throw new DataFileException(directory, DataFileProblem.ImageSizeMismatch,
                $"test images are {test.Shape} and training images {train.Shape}; they must be of one size");
        }

        var name = warnings.Count == 0 ? "mnist" : new DirectoryInfo(directory).Name;
        var normalisation = Normalisation.Of(train.Pixels.Span, 1, train.Shape.Length);
        return RawImages.ToDataSet(name, "idx", train, test, ClassCount, normalisation, warnings);
    }

    private static string? Find(string directory, string name) =>
        new[] { name, name + ".gz" }.Select(file => Path.Combine(directory, file)).FirstOrDefault(File.Exists);

    private static RawImages ReadPair(string directory, string imagesName, string labelsName, List<string> warnings)
    {
        var images = ReadFile(directory, imagesName, rank: 3, "images have 3: how many, height, width", warnings);
        var labels = ReadFile(directory, labelsName, rank: 1, "labels have 1: how many", warnings);
        if (images.Dimensions[0] != labels.Dimensions[0])
        {
            throw new DataFileException(labels.Path, DataFileProblem.CountMismatch,
                $"holds {labels.Dimensions[0]} labels; {Path.GetFileName(images.Path)} holds {images.Dimensions[0]} images");
        }

        RequireLabels(labels.Path, labels.Payload.Span, ClassCount);
        return new RawImages(images.Payload, labels.Payload, new ImageShape(1, images.Dimensions[1], images.Dimensions[2]));
    }

    private static IdxFile ReadFile(string directory, string name, int rank, string rule, List<string> warnings)
    {
        var path = Find(directory, name)
            ?? throw new DataFileException(Path.Combine(directory, name), DataFileProblem.Missing, "no such file, nor with .gz after its name");
        var file = IdxFile.Read(path);
        if (file.Dimensions.Count != rank)
        {
            throw new DataFileException(path, DataFileProblem.WrongDimensions, $"has {file.Dimensions.Count} dimensions; {rule}");
        }

        if (file.Sha256 != CanonicalSha256[name])
        {
            warnings.Add($"{Path.GetFileName(path)} is not the canonical MNIST file");
        }

        return file;
    }

    internal static void RequireLabels(string path, ReadOnlySpan<byte> labels, int classCount)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] >= classCount)
            {
                throw new DataFileException(path, DataFileProblem.LabelOutOfRange,
                    $"label {i} is {labels[i]}; labels are from 0 to {classCount - 1}");
            }
        }
    }
}
