namespace NoiseScale.Cli.Terminal;

/// <summary>What a process answers to its caller.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>Understood, and it cannot be done: a rule refuses, a file cannot be read or written, the machine lacks something.</summary>
    public const int CannotBeDone = 1;

    /// <summary>Not understood: an option, a name or a text that does not read.</summary>
    public const int WrongUsage = 2;
}

/// <summary>Ends a command with one or two sentences for the user, and with an exit code.</summary>
/// <param name="message">What is wrong, in a sentence.</param>
/// <param name="advice">What to do about it, in a sentence; null where the message says it.</param>
/// <param name="exitCode">The exit code of the process.</param>
/// <param name="inner">What was thrown underneath, or null; shown under NOISESCALE_DEBUG=1.</param>
public sealed class CommandFailure(string message, string? advice, int exitCode, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What to do about it; null where the message says it.</summary>
    public string? Advice { get; } = advice;

    /// <summary>The exit code of the process.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>Lines that show the place, such as a schedule with a caret under the mistake; empty where there is none.</summary>
    public IReadOnlyList<string> Excerpt { get; init; } = [];

    /// <summary>A command line that does not read.</summary>
    /// <param name="message">What is wrong, in a sentence.</param>
    /// <param name="advice">What to do about it, in a sentence.</param>
    public static CommandFailure Usage(string message, string? advice = null) => new(message, advice, Terminal.ExitCode.WrongUsage);

    /// <summary>A request that is understood and cannot be met.</summary>
    /// <param name="message">What is wrong, in a sentence.</param>
    /// <param name="advice">What to do about it, in a sentence.</param>
    /// <param name="inner">What was thrown underneath, or null.</param>
    public static CommandFailure Refusal(string message, string? advice = null, Exception? inner = null) =>
        new(message, advice, Terminal.ExitCode.CannotBeDone, inner);
}
