using System.Diagnostics;
using System.Globalization;
using NoiseScale.Cli.Terminal;
using Spectre.Console;

namespace NoiseScale.Cli.Reproduction;

/// <summary>Runs figure scripts one after the other, each in a process of its own, and shows how far they are.</summary>
public static class FigureRun
{
    /// <summary>The environment variable that asks a script for progress lines, <c>@ fraction left label</c>.</summary>
    private const string ProgressVariable = "NOISESCALE_PROGRESS";

    /// <summary>Runs all figures; one that fails does not stop the rest.</summary>
    /// <param name="figures">What to run.</param>
    /// <param name="root">The repository, in which the scripts run.</param>
    /// <param name="arguments">Arguments of every script, but for its folder.</param>
    /// <param name="cancellation">Ends the running script; what it has finished stays.</param>
    /// <returns>The names of the figures that could not be made.</returns>
    public static IReadOnlyList<string> All(
        IReadOnlyList<FigureJob> figures, string root, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        if (figures.Count == 0)
            return [];

        return FigureProgress.Follow([.. figures.Select(figure => figure.Cost)], progress =>
        {
            var failed = new List<string>();
            for (var i = 0; i < figures.Count; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                progress.Begin(i, figures[i].Name);
                var errors = new List<string>();
                if (One(figures[i], root, arguments, progress, errors, cancellation) != 0)
                {
                    failed.Add(figures[i].Name);
                    progress.Say(console => errors.ForEach(line => console.WriteLine($"  {line}")));
                }
            }

            return failed;
        });
    }

    private static int One(
        FigureJob job, string root, IReadOnlyList<string> arguments, FigureProgress progress, List<string> errors, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [ProgressVariable] = "lines", [FigureStamp.Variable] = job.Stamp },
        };
        foreach (var argument in (string[])["fsi", job.Figure.Script, .. arguments, "--out", job.Folder])
            start.ArgumentList.Add(argument);

        using var script = Process.Start(start) ?? throw CommandFailure.Refusal("dotnet did not start.", "It must be on the PATH.");
        using var ended = cancellation.Register(() => script.Kill(entireProcessTree: true));
        script.ErrorDataReceived += (_, line) =>
        {
            if (!string.IsNullOrWhiteSpace(line.Data))
                errors.Add(line.Data);
        };
        script.BeginErrorReadLine();
        while (script.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("@ ", StringComparison.Ordinal))
                Report(line[2..].Split(' ', 3), progress);
            else if (line.Length > 0)
                progress.Say(console => Show(console, line));
        }

        script.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        return script.ExitCode;
    }

    // fraction, time left, words
    private static void Report(string[] said, FigureProgress progress)
    {
        if (said.Length == 3 && double.TryParse(said[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction))
            progress.Report(fraction, $"{said[2]}, {said[1]} left");
    }

    // a claim begins with its verdict: its colour is the only one
    private static void Show(IAnsiConsole console, string line)
    {
        foreach (var (verdict, style) in ((string, Style)[])
            [("holds", Palette.Good), ("within band", Palette.Remark), ("fails", Palette.Bad), ("not testable here", Palette.Quiet)])
        {
            if (line.StartsWith($"  {verdict} ", StringComparison.Ordinal))
            {
                console.Write(new Text(line[..20], style));
                console.WriteLine(line[20..]);
                return;
            }
        }

        console.WriteLine(line);
    }
}
