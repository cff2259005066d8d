using NoiseScale.Cli.Terminal;
using Spectre.Console;

namespace NoiseScale.Cli.Planning;

/// <summary>The list of the papers' schedules.</summary>
public static class PaperList
{
    /// <summary>Writes the list, paper by paper, with the updates that each schedule takes.</summary>
    /// <param name="console">Where to.</param>
    public static void Write(IAnsiConsole console)
    {
        foreach (var (citation, schedules) in Papers.All)
        {
            console.Prose(Palette.Strong, citation);
            var table = new AlignedTable(("name", false), ("updates", true), ("what it is", false));

            foreach (var paper in schedules)
            {
                table.Add(
                    (Papers.Prefix + paper.Name, Palette.Name),
                    (Numbers.Whole(paper.Schedule.Plan().Updates), Palette.Plain),
                    (paper.Title, Palette.Plain));
            }

            table.WriteTo(console);
        }
    }
}
