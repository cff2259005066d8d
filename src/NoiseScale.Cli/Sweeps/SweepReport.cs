using NoiseScale.Cli.Terminal;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps;
using Spectre.Console;

namespace NoiseScale.Cli.Sweeps;

/// <summary>How the cells of a sweep stand, for people.</summary>
public static class SweepReport
{
    private const int MostShown = 20;

    private static readonly (RunState State, string Word, Style Style)[] States =
    [
        (RunState.Completed, "completed", Palette.Good),
        (RunState.Diverged, "diverged", Palette.Remark),
        (RunState.Failed, "failed", Palette.Bad),
        (RunState.Damaged, "damaged", Palette.Bad),
        (RunState.Running, "running", Palette.Plain),
        (RunState.Missing, "missing", Palette.Quiet),
    ];

    /// <summary>Shows how many cells stand how, and what is to be said of single ones.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="chosen">The sweep.</param>
    public static void Write(IAnsiConsole console, ChosenSweep chosen)
    {
        var rows = chosen.Sweep.Cells.Zip(chosen.Sweep.Look(chosen.Store)).ToList();
        var table = new AlignedTable(("", false), ("cells", true));
        foreach (var (state, word, style) in States)
            table.Add((word, style), (Numbers.Whole(rows.Count(row => row.Second.State == state)), Palette.Plain));

        table.Add(("all", Palette.Quiet), (Numbers.Whole(rows.Count), Palette.Quiet));
        table.WriteTo(console);
        console.Line();
        console.Line($"{chosen.Store.Directory}");
        if (chosen.Sweep.Cells.Count < chosen.Whole.Cells.Count)
            console.Line($"of the {Numbers.Whole(chosen.Whole.Cells.Count)} cells of the sweep, those chosen by --cell");

        if (chosen.Whole.Impossible.Count > 0)
            console.Line($"{Numbers.Whole(chosen.Whole.Impossible.Count)} combinations are left out as impossible, the first: {chosen.Whole.Impossible[0].Point}: {chosen.Whole.Impossible[0].Reason}");

        foreach (var (state, word, style) in States.Where(entry => entry.State is not (RunState.Completed or RunState.Missing)))
        {
            var those = rows.Where(row => row.Second.State == state).ToList();
            if (those.Count == 0)
                continue;

            console.Line();
            console.Line(style, word);
            foreach (var (cell, sighting) in those.Take(MostShown))
            {
                console.Line($"  cell {cell.Index}: {cell.Point}");
                console.Line(Palette.Quiet, $"    {sighting.Remark}");
            }

            if (those.Count > MostShown)
                console.Line($"  and {Numbers.Whole(those.Count - MostShown)} more");
        }
    }
}
