namespace NoiseScale.Training;

/// <summary>
/// Results or checkpoints cannot be written: a full disk, a directory without permission, a file in the place of a directory. It says nothing
/// about the run that met it, and whatever was finished before is still there.
/// </summary>
public sealed class StorageException : IOException
{
    internal StorageException(string directory, Exception reason)
        : base($"cannot write to {directory}: {reason.Message.TrimEnd('.')}; what was finished before is kept", reason) => Directory = directory;

    /// <summary>Where to.</summary>
    public string Directory { get; }

    /// <summary>Does work that writes to a directory; a refusal of the file system becomes this exception.</summary>
    internal static T Guard<T>(string directory, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (failure is (IOException or UnauthorizedAccessException) and not StorageException)
        {
            throw new StorageException(directory, failure);
        }
    }

    /// <summary>As the other.</summary>
    internal static void Guard(string directory, Action work) => Guard(directory, () =>
    {
        work();
        return true;
    });
}
