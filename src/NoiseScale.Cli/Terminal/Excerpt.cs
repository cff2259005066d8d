namespace NoiseScale.Cli.Terminal;

/// <summary>The line of a text in which something is wrong, with a caret under the column.</summary>
public static class Excerpt
{
    // What stands further away does not help to find the mistake.
    private const int Around = 60;

    /// <summary>Two lines: the text's line, cut to its surroundings where it is long, and the caret below.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column, from 1; one beyond the end of the line where something is missing there.</param>
    public static IReadOnlyList<string> At(string text, int line, int column)
    {
        var lines = text.Split('\n');

        if (line < 1 || line > lines.Length)
        {
            return [];
        }

        // Tabs would move the caret.
        var shown = lines[line - 1].TrimEnd('\r').Replace('\t', ' ');
        var at = Math.Clamp(column - 1, 0, shown.Length);
        var from = Math.Max(0, at - Around);
        var until = Math.Min(shown.Length, at + Around);
        var (before, after) = (from > 0 ? "…" : "", until < shown.Length ? "…" : "");

        return [before + shown[from..until] + after, new string(' ', before.Length + at - from) + "^"];
    }
}
