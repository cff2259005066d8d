using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace NoiseScale.Training;

/// <summary>Files that are on the disk when a method returns, and their names too.</summary>
internal static class DurableFile
{
    private const string Temporary = ".tmp";

    /// <summary>Writes a file and flushes it to the disk.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Writes a file under a temporary name, flushes it, and gives it its name: a reader sees the old content or the new, never a part.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}{Temporary}";
        try
        {
            Write(temporary, content);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            DeleteIfThere(temporary);
            throw;
        }

        FlushDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes what a process that was killed within <see cref="Replace"/> left of a file; nobody may be writing it.</summary>
    public static void DeleteLeftovers(string path)
    {
        foreach (var left in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, $"{Path.GetFileName(path)}.*{Temporary}"))
            DeleteIfThere(left);
    }

    public static string Sha256(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    // a new name is on the disk when its directory is; .NET opens no directories, and Windows flushes names by itself
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
            return;

        var descriptor = Open(directory, flags: 0);
        if (descriptor < 0)
            return; // one that may be written but not read: nothing is wrong, only later

        _ = Flush(descriptor);
        _ = Close(descriptor);
    }

    private static void DeleteIfThere(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // the reason for which it was to be deleted is the one to be told
        }
    }

    [DllImport("libc", EntryPoint = "open", CharSet = CharSet.Ansi, BestFitMapping = false)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    private static extern int Flush(int descriptor);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
