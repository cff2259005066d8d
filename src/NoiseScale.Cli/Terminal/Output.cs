using System.Text;

namespace NoiseScale.Cli.Terminal;

/// <summary>Documents for other programs: text without styles, in UTF-8 without a mark, however long.</summary>
public static class Output
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a document to the standard output, through a buffer: the console's own writer flushes every line.</summary>
    /// <param name="write">Writes the document.</param>
    public static void Write(Action<TextWriter> write)
    {
        using var writer = new StreamWriter(Console.OpenStandardOutput(), Utf8, bufferSize: 1 << 16);
        write(writer);
    }

    /// <summary>Writes a document and ends its last line.</summary>
    /// <param name="document">The document.</param>
    public static void Write(string document) => Write(writer =>
    {
        writer.Write(document);

        if (!document.EndsWith('\n'))
            writer.Write('\n');
    });

    /// <summary>Writes a file, or says why that is not possible.</summary>
    /// <param name="path">The file; it is replaced where there is one.</param>
    /// <param name="write">Writes its text.</param>
    public static void WriteFile(string path, Action<TextWriter> write) => Guard(path, () =>
    {
        using var writer = new StreamWriter(path, append: false, Utf8, bufferSize: 1 << 16);
        write(writer);
    });

    /// <summary>Writes a file of bytes, or says why that is not possible.</summary>
    /// <param name="path">The file; it is replaced where there is one.</param>
    /// <param name="content">Its content.</param>
    public static void WriteFile(string path, byte[] content) => Guard(path, () => File.WriteAllBytes(path, content));

    private static void Guard(string path, Action write)
    {
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandFailure.Refusal($"Cannot write {path}: {FileProblem.Of(e, path)}.", "Name a file in a folder that exists and can be written.", e);
        }
    }
}
