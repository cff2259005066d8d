using Spectre.Console;

namespace NoiseScale.Cli.Terminal;

/// <summary>
/// A table without lines but one under its header: columns apart, numbers to the right, nothing ever broken or cut, no blanks at the end of
/// a line. (Spectre's own tables cut cells at the console's width and pad every line to the same length.)
/// </summary>
/// <param name="columns">The columns' headers, and whether they hold numbers; a table whose headers are all empty shows none.</param>
public sealed class AlignedTable(params IReadOnlyList<(string Header, bool Numbers)> columns)
{
    private const string Margin = "  ";
    private const string Gap = "  ";

    private readonly List<IReadOnlyList<(string Text, Style Style)>> _rows = [];

    /// <summary>Adds a row of cells, each with its style.</summary>
    /// <param name="cells">One for each column.</param>
    public void Add(params IReadOnlyList<(string Text, Style Style)> cells) => _rows.Add(cells);

    /// <summary>Writes the table.</summary>
    /// <param name="console">Where to.</param>
    public void WriteTo(IAnsiConsole console)
    {
        int[] widths = [.. columns.Select((column, i) => _rows.Select(row => row[i].Text.Length).Append(column.Header.Length).Max())];

        if (columns.Any(column => column.Header.Length > 0))
        {
            WriteRow(console, widths, [.. columns.Select(column => (column.Header, Palette.Quiet))]);

            // the line ends with the last column that has a header
            var last = Enumerable.Range(0, columns.Count).Last(i => columns[i].Header.Length > 0);
            console.Line(Palette.Quiet, Margin + new string('─', widths[..(last + 1)].Sum() + (Gap.Length * last)));
        }

        foreach (var row in _rows)
            WriteRow(console, widths, row);
    }

    private void WriteRow(IAnsiConsole console, int[] widths, IReadOnlyList<(string Text, Style Style)> cells)
    {
        var owed = Margin; // blanks are written only before something that follows them

        for (var i = 0; i < cells.Count; i++)
        {
            var (text, style) = cells[i];
            var padded = columns[i].Numbers ? text.PadLeft(widths[i]) : text;
            var shown = padded.TrimEnd();

            if (shown.Length > 0)
            {
                console.Part(Palette.Plain, owed + shown[..^shown.TrimStart().Length]);
                console.Part(style, shown.TrimStart());
                owed = "";
            }

            owed += new string(' ', widths[i] - shown.Length) + Gap;
        }

        console.Line();
    }
}
