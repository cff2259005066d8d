namespace NoiseScale.Cli.Terminal;

/// <summary>Why a file cannot be opened, in a few words and without the runtime's repetition of its path.</summary>
public static class FileProblem
{
    /// <summary>The reason in a few words.</summary>
    /// <param name="problem">What the runtime threw.</param>
    /// <param name="path">The file that was asked for.</param>
    public static string Of(Exception problem, string path) => problem switch
    {
        _ when path.Length == 0 => "the name is empty",
        _ when Directory.Exists(path) => "it is a folder",
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "the folder does not exist",
        UnauthorizedAccessException => "it may not be opened (permissions)",
        _ => problem.Message.TrimEnd('.'),
    };
}
