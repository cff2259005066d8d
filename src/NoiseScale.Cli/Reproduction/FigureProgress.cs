using System.Diagnostics;
using System.Globalization;
using NoiseScale.Cli.Terminal;
using Spectre.Console;

namespace NoiseScale.Cli.Reproduction;

/// <summary>How far the figures are, with the time left: one bar on a terminal, elsewhere lines, for every figure, every fifth of its runs, and for the first that it tells after a silent minute.</summary>
/// <param name="costs">What each figure costs beside the others, in any unit.</param>
public abstract class FigureProgress(IReadOnlyList<double> costs)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Does work that reports its progress.</summary>
    /// <param name="costs">What each figure costs beside the others, in any unit.</param>
    /// <param name="work">The work.</param>
    public static T Follow<T>(IReadOnlyList<double> costs, Func<FigureProgress, T> work)
    {
        if (Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb")
            return work(new Lines(costs));

        // its own console: the bar has to fit the terminal's width, which other output ignores
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn { Width = 24 }, new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context => work(new Bar(console, context.AddTask("starting"), costs)));
    }

    /// <summary>A figure begins.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <param name="name">Its name.</param>
    public abstract void Begin(int index, string name);

    /// <summary>A figure's runs have come so far.</summary>
    /// <param name="fraction">Part of the runs' work that is done.</param>
    /// <param name="words">How many runs of how many, and the time left.</param>
    public abstract void Report(double fraction, string words);

    /// <summary>Shows lines that stay: the claims of a figure, or what its script complained of.</summary>
    /// <param name="write">Writes them to a console.</param>
    public abstract void Say(Action<IAnsiConsole> write);

    /// <summary>Time since the beginning.</summary>
    protected TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    /// <summary>Part of the cost of all figures that is done.</summary>
    /// <param name="index">The place of the running figure.</param>
    /// <param name="fraction">Part of its work that is done.</param>
    protected double Done(int index, double fraction) => (costs.Take(index).Sum() + (fraction * costs[index])) / costs.Sum();

    /// <summary>The time that all figures still take, if the rest goes as fast as what is done; "" as long as that tells nothing, and for one figure.</summary>
    /// <param name="index">The place of the running figure.</param>
    /// <param name="fraction">Part of its work that is done.</param>
    protected string AllLeft(int index, double fraction)
    {
        var done = Done(index, fraction);
        return costs.Count > 1 && done >= 0.02 ? $"; all {costs.Count} figures: about {Duration(Elapsed * ((1 - done) / done))} left" : "";
    }

    private static string Duration(TimeSpan time) => time.ToString(time.TotalHours >= 1 ? @"d\.h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);

    private sealed class Bar(IAnsiConsole console, ProgressTask task, IReadOnlyList<double> costs) : FigureProgress(costs)
    {
        private int _index;

        public override void Begin(int index, string name)
        {
            _index = index;
            task.Value = 100 * Done(index, 0);
            task.Description = Markup.Escape($"{name}: starting{AllLeft(index, 0)}");
        }

        public override void Report(double fraction, string words)
        {
            task.Value = 100 * Done(_index, fraction);
            task.Description = Markup.Escape(words + AllLeft(_index, fraction));
        }

        // on the bar's own console, which makes room above it; a redirected output takes them as they are
        public override void Say(Action<IAnsiConsole> write) => write(Console.IsOutputRedirected ? Screen.Out : console);
    }

    private sealed class Lines(IReadOnlyList<double> costs) : FigureProgress(costs)
    {
        private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

        private readonly int _figures = costs.Count;
        private int _index;
        private int _fifths;
        private TimeSpan _told;

        public override void Begin(int index, string name)
        {
            (_index, _fifths) = (index, 0);
            Tell($"{name}, {index + 1} of {_figures}{AllLeft(index, 0)}");
        }

        public override void Report(double fraction, string words)
        {
            if ((int)(fraction * 5) <= _fifths && Elapsed - _told < Silence)
                return;

            _fifths = Math.Max(_fifths, (int)(fraction * 5));
            Tell(words + AllLeft(_index, fraction));
        }

        public override void Say(Action<IAnsiConsole> write) => write(Screen.Out);

        private void Tell(string words)
        {
            _told = Elapsed;
            Screen.Error.Line($"[{Duration(Elapsed)}] {words}");
        }
    }
}
