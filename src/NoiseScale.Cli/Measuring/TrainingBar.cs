using NoiseScale.Training;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NoiseScale.Cli.Measuring;

/// <summary>How far a training run is, on the error stream: a bar with the time left on a terminal, nothing elsewhere.</summary>
public static class TrainingBar
{
    /// <summary>Does work that reports the progress of training.</summary>
    /// <param name="work">The work, given whom to tell; null where nobody looks.</param>
    public static T Follow<T>(Func<IProgress<TrainingProgress>?, T> work) => Fraction<T>("training", tell =>
        work(tell is null ? null : new Told<TrainingProgress>(progress => tell(progress.Fraction))));

    /// <summary>Does work that reports which part of it is done.</summary>
    /// <param name="name">What is done, in a word.</param>
    /// <param name="work">The work, given whom to tell a number from 0 to 1; null where nobody looks.</param>
    public static T Fraction<T>(string name, Func<Action<double>?, T> work)
    {
        if (Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb")
            return work(null);

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new RemainingTimeColumn(), new LeftColumn())
            .Start(context =>
            {
                var task = context.AddTask(name, maxValue: 1);
                return work(done => task.Value = done);
            });
    }

    // what the time beside it is
    private sealed class LeftColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text("left");
    }
}
