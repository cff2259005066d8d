using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace NoiseScale.Cli.Tests;

/// <summary>What a run of the command left behind.</summary>
internal sealed record Outcome(string[] Arguments, int ExitCode, string Output, string Error)
{
    /// <summary>The lines of the output, without the empty ones.</summary>
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public override string ToString() => $"noisescale {string.Join(' ', Arguments)} (exit code {ExitCode})\n{Output}{Error}";
}

/// <summary>Runs the built command as a process, as a shell does.</summary>
internal static class CommandLine
{
    private const char Escape = '\e';

    // As many at a time as there are processors: the tests run in parallel, and every run is a process.
    private static readonly SemaphoreSlim Turns = new(Environment.ProcessorCount);

    // what makes programs write colours into pipes, and an absent wish for stack traces
    private static readonly (string Name, string? Value)[] Temptations =
        [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("CI", "true"), ("GITHUB_ACTIONS", "true"), ("NO_COLOR", null), ("NOISESCALE_DEBUG", null)];

    /// <summary>One thread for each run: more would wait for one another, spinning, where as many run as there are processors.</summary>
    public static (string Name, string? Value) Threads { get; } = ("OMP_NUM_THREADS", "1");

    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "NoiseScale.Cli.dll");

    /// <summary>Runs it and expects success.</summary>
    public static Outcome Run(params string[] arguments)
    {
        var outcome = Ends(0, arguments);
        Check.Equal("", outcome.Error, $"{outcome}: the error stream");
        return outcome;
    }

    /// <summary>Runs it and expects an exit code; a failure has its sentences on the error stream, and no trace of a stack.</summary>
    public static Outcome Ends(int exitCode, params string[] arguments)
    {
        var outcome = Start(arguments);
        Check.Equal(exitCode, outcome.ExitCode, $"{outcome}: the exit code");

        if (exitCode != 0)
        {
            Check.True(outcome.Error.StartsWith("error: ", StringComparison.Ordinal), $"{outcome}: says what is wrong");
            Check.HasNot("   at ", outcome.Error, "no stack trace");
            Check.HasNot("Exception", outcome.Error, "no name of an exception");
        }

        return outcome;
    }

    /// <summary>The command lines that the help of a command shows as examples.</summary>
    public static List<string> Examples(params string[] command) =>
        [.. Run([.. command, "--help"]).Lines.SkipWhile(line => line != "Examples").Where(line => line.StartsWith("  noisescale ", StringComparison.Ordinal))];

    /// <summary>Runs an example as a shell would, what stands in single quotes as one argument.</summary>
    public static Outcome RunExample(string example)
    {
        string[] words = [.. Regex.Matches(example, "'([^']*)'|(\\S+)").Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Value)];
        return Run(words[1..]);
    }

    /// <summary>Runs it with text on its standard input and with environment variables.</summary>
    public static Outcome Start(string[] arguments, string input = "", params (string Name, string Value)[] environment)
    {
        var outcome = Program("dotnet", [Assembly, .. arguments], input, environment: environment) with { Arguments = arguments };
        Check.True(!outcome.Output.Contains(Escape) && !outcome.Error.Contains(Escape), $"{outcome}: no colour codes in a pipe");
        return outcome;
    }

    /// <summary>Runs any program to its end.</summary>
    public static Outcome Program(
        string program, string[] arguments, string input = "", string folder = "", params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            StandardInputEncoding = new UTF8Encoding(false),
        };

        foreach (var (name, value) in Temptations.Append(Threads))
            start.Environment[name] = value;

        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        Turns.Wait();

        try
        {
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();

            try
            {
                process.StandardInput.Write(input);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // it has ended without reading its input
            }

            process.WaitForExit();
            return new(arguments, process.ExitCode, output.Result, error.Result);
        }
        finally
        {
            Turns.Release();
        }
    }
}
