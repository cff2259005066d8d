namespace NoiseScale.Training.Data;

/// <summary>What is wrong with a data file.</summary>
public enum DataFileProblem
{
    /// <summary>The file, or the directory it should be in, does not exist.</summary>
    Missing,

    /// <summary>The file ends inside its header.</summary>
    TruncatedHeader,

    /// <summary>The file does not begin as its format says.</summary>
    WrongMagic,

    /// <summary>The elements are not unsigned bytes.</summary>
    UnsupportedElementType,

    /// <summary>The file has another number of dimensions than images (3) or labels (1) have.</summary>
    WrongDimensions,

    /// <summary>The file ends before the number of elements its header promises.</summary>
    TruncatedPayload,

    /// <summary>The file goes on after the last element its header promises.</summary>
    ExtraBytes,

    /// <summary>The file is compressed and its compression is damaged.</summary>
    CorruptGzip,

    /// <summary>There are not as many labels as images.</summary>
    CountMismatch,

    /// <summary>Training and test images differ in size.</summary>
    ImageSizeMismatch,

    /// <summary>A label names no class.</summary>
    LabelOutOfRange,

    /// <summary>The file is not a whole number of records long.</summary>
    WrongSize,

    /// <summary>A directory holds no data set of a known format, or more than one.</summary>
    UnknownFormat,
}

/// <summary>A data file that cannot be used: which file, what is wrong with it, and what was expected.</summary>
public sealed class DataFileException : IOException
{
    /// <summary>Says that <paramref name="path"/> has <paramref name="problem"/>.</summary>
    /// <param name="path">The file or directory.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="detail">What was found and what was expected.</param>
    /// <param name="cause">The exception that showed it, if one did.</param>
    public DataFileException(string path, DataFileProblem problem, string detail, Exception? cause = null)
        : base($"{path}: {detail}", cause)
    {
        Path = path;
        Problem = problem;
    }

    /// <summary>The file or directory that cannot be used.</summary>
    public string Path { get; }

    /// <summary>What is wrong with it.</summary>
    public DataFileProblem Problem { get; }
}
