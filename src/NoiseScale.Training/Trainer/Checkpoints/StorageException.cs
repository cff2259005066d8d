namespace NoiseScale.Training;

/// <summary>
/// Results or checkpoints cannot be written: a full disk, a directory without permission, a file in the place of a directory. It says nothing
/// about the run that met it, and whatever was finished before is still there.
/// </summary>
public sealed class StorageException : IOException
{
    internal StorageException(string directory, Exception reason)
        : base($"cannot write to {directory}: {ReasonOf(reason)}; what was finished before is kept", reason) => (Directory, Reason) = (directory, ReasonOf(reason));

    /// <summary>Where to.</summary>
    public string Directory { get; }

    /// <summary>Why not, in the words of the system.</summary>
    public string Reason { get; }

    private static string ReasonOf(Exception failure) => failure.Message.Split(" (Parameter")[0].TrimEnd('.');

    /// <summary>Does work that writes to a directory; a refusal of the file system becomes this exception.</summary>
    internal static T Guard<T>(string directory, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (failure is (IOException or UnauthorizedAccessException) and not StorageException || IsTooLarge(failure))
        {
            throw new StorageException(directory, failure);
        }
    }

    // what .NET makes of a file beyond the size that the file system, or the user's limit, allows
    private static bool IsTooLarge(Exception failure) => failure is ArgumentOutOfRangeException { ParamName: "value", ActualValue: null };

    /// <summary>As the other.</summary>
    internal static void Guard(string directory, Action work) => Guard(directory, () =>
    {
        work();
        return true;
    });
}
