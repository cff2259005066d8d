namespace NoiseScale.Training.Data;

/// <summary>Finds the data set a user means.</summary>
public static class DataSets
{
    /// <summary>The environment variable that names a data directory: <c>NOISESCALE_DATA</c>.</summary>
    public const string EnvironmentVariable = "NOISESCALE_DATA";

    /// <summary>
    /// The data set of <paramref name="directory"/>; if that is null, of the directory in NOISESCALE_DATA; if that is unset or empty, the
    /// synthetic digits.
    /// </summary>
    /// <param name="directory">A directory with the files of MNIST (or a set in its format) or CIFAR-10; null to ask the environment.</param>
    /// <param name="synthetic">Settings of the synthetic digits, should it be they; the default settings if null.</param>
    /// <exception cref="DataFileException">The directory holds neither format, or both, or files that cannot be used.</exception>
    public static ImageDataSet Resolve(string? directory = null, SyntheticDigitsSettings? synthetic = null) =>
        Resolve(directory, Environment.GetEnvironmentVariable(EnvironmentVariable), synthetic);

    /// <summary><see cref="Resolve(string?, SyntheticDigitsSettings?)"/> with the environment's answer passed in.</summary>
    /// <param name="directory">The directory the user named, or null.</param>
    /// <param name="environment">The directory the environment names; null or empty for none.</param>
    /// <param name="synthetic">Settings of the synthetic digits; the default settings if null.</param>
    /// <exception cref="DataFileException">The directory holds neither format, or both, or files that cannot be used.</exception>
    public static ImageDataSet Resolve(string? directory, string? environment, SyntheticDigitsSettings? synthetic)
    {
        if (directory is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(directory);
            return Load(directory);
        }

        return string.IsNullOrWhiteSpace(environment) ? SyntheticDigits.Generate(synthetic) : Load(environment);
    }

    /// <summary>Whether a directory holds files with the names of a data set; none is read, so that loading may still refuse them.</summary>
    /// <param name="directory">The directory; it need not exist.</param>
    /// <returns>True for those of MNIST, of CIFAR-10, or both.</returns>
    public static bool IsIn(string directory) => Directory.Exists(directory) && (Mnist.IsIn(directory) || Cifar10.IsIn(directory));

    private static ImageDataSet Load(string directory)
    {
        if (!Directory.Exists(directory))
            throw new DataFileException(directory, DataFileProblem.Missing, "no such directory");

        return (Mnist.IsIn(directory), Cifar10.IsIn(directory)) switch
        {
            (true, false) => Mnist.Load(directory),
            (false, true) => Cifar10.Load(directory),
            (true, true) => throw new DataFileException(directory, DataFileProblem.UnknownFormat,
                "holds files of both MNIST and CIFAR-10; keep each in a directory of its own"),
            (false, false) => throw new DataFileException(directory, DataFileProblem.UnknownFormat,
                $"holds no data set; looked for {string.Join(", ", Mnist.CanonicalSha256.Keys)} (each also with .gz) "
                + $"and {string.Join(", ", Cifar10.Files)}"),
        };
    }
}
