using System.Text.Json;

namespace NoiseScale.Training.Runs;

/// <summary>Who is working on a run: a process of a machine, since when.</summary>
/// <param name="Process">Its number.</param>
/// <param name="Host">The machine's name.</param>
/// <param name="Started">When it began.</param>
public sealed record RunClaimant(int Process, string Host, DateTimeOffset Started)
{
    /// <summary>For example <c>process 4711 on node3 since 14:02:11</c>.</summary>
    public override string ToString() => $"process {Process} on {Host} since {Started.ToLocalTime():HH:mm:ss}";
}

/// <summary>
/// The right to work on one run: a file beside its result, held open under the operating system's lock. However a process ends, the system
/// gives its locks back; so a claim is never stale, and the text of the file only says whose it is.
/// </summary>
/// <remarks>
/// On a file system without locks everyone gets every claim: two processes may then do the same run, to the same numbers, and each result
/// still appears whole.
/// </remarks>
internal sealed class RunClaim : IDisposable
{
    // what an operating system answers where another holds the lock: EWOULDBLOCK of Linux and of BSD, a sharing or a lock violation of Windows
    private static readonly HashSet<int> HeldElsewhere = [11, 35, unchecked((int)0x80070020), unchecked((int)0x80070021)];

    private readonly FileStream _file;

    private RunClaim(FileStream file) => _file = file;

    /// <summary>Takes a claim if nobody holds it.</summary>
    /// <returns>The claim; null where another process, or another thread of this one, holds it.</returns>
    public static RunClaim? TryTake(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException failure) when (HeldElsewhere.Contains(failure.HResult))
        {
            return null;
        }

        try
        {
            file.SetLength(0);
            file.Write(JsonSerializer.SerializeToUtf8Bytes(new RunClaimant(Environment.ProcessId, Environment.MachineName, DateTimeOffset.UtcNow)));
            file.Flush();
            return new RunClaim(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Who holds a claim; null for nobody.</summary>
    public static RunClaimant? Holder(string path)
    {
        try
        {
            // a lock that readers share: it is refused only while someone holds the claim
            using var free = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException failure) when (HeldElsewhere.Contains(failure.HResult))
        {
            return Read(path);
        }
    }

    /// <summary>
    /// Gives the claim back and takes its file away. Only after the result has been written: whoever was waiting for the very file that is
    /// gone then gets a claim that no name leads to, looks for the result first, and finds it.
    /// </summary>
    public void Done()
    {
        // an open file can be unlinked, though not on Windows
        if (!OperatingSystem.IsWindows())
            File.Delete(_file.Name);

        _file.Dispose();
        if (OperatingSystem.IsWindows())
            File.Delete(_file.Name);
    }

    /// <summary>Gives the claim back; the file stays, claimed by nobody.</summary>
    public void Dispose() => _file.Dispose();

    private static RunClaimant Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return JsonSerializer.Deserialize<RunClaimant>(file) ?? Unknown;
        }
        catch (Exception failure) when (failure is IOException or JsonException or UnauthorizedAccessException)
        {
            return Unknown; // taken a moment ago and not yet signed, or given back since
        }
    }

    private static RunClaimant Unknown => new(0, "an unknown machine", DateTimeOffset.UtcNow);
}
