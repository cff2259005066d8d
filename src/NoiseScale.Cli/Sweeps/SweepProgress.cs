using System.Globalization;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training.Runs;
using Spectre.Console;

namespace NoiseScale.Cli.Sweeps;

/// <summary>How far a sweep is, on the error stream: a bar with the time left on a terminal, elsewhere a line for every tenth.</summary>
public static class SweepProgress
{
    /// <summary>Does work that reports its progress, and passes its warnings on.</summary>
    /// <param name="work">The work, given whom to tell and whom to warn.</param>
    public static T Follow<T>(Func<IProgress<RunStoreProgress>, Action<string>, T> work)
    {
        if (Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb")
        {
            var tenth = -1;
            return work(new Now(progress =>
            {
                if ((int)(progress.Fraction * 10) <= tenth)
                    return;

                tenth = (int)(progress.Fraction * 10);
                Screen.Error.Line($"[{Duration(progress.Elapsed)}] {Words(progress)}");
            }), warning => Screen.Error.Line(warning));
        }

        // its own console: the bar has to fit the terminal's width, which other output ignores
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                var task = context.AddTask("starting", maxValue: 1);
                return work(new Now(progress =>
                {
                    task.Value = progress.Fraction;
                    task.Description = Markup.Escape(Words(progress));
                }), warning => console.WriteLine(warning));
            });
    }

    private static string Words(RunStoreProgress progress)
    {
        // the first moments tell nothing yet
        var left = progress is { Fraction: >= 0.01, Remaining: { } remaining } ? Duration(remaining) : "?";
        var failed = progress.Failed > 0 ? $", {progress.Failed} failed" : "";
        return $"{progress.Done} of {progress.Total} cells{failed}, {left} left";
    }

    private static string Duration(TimeSpan time) => time.ToString(time.TotalHours >= 1 ? @"d\.h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    /// <summary>Reports at once and on the same thread, unlike System.Progress.</summary>
    /// <param name="report">What to do with a report.</param>
    public sealed class Now(Action<RunStoreProgress> report) : IProgress<RunStoreProgress>
    {
        /// <inheritdoc/>
        public void Report(RunStoreProgress value) => report(value);
    }
}
