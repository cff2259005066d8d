using System.Text.RegularExpressions;

namespace NoiseScale.Cli.Terminal;

/// <summary>Notes of a help page at the width of a terminal.</summary>
public static partial class HelpText
{
    /// <summary>Begins a line that is to be copied: it stands as it is, without this mark, however long.</summary>
    public const char AsItIs = '\t';

    /// <summary>Lines that fit: paragraphs broken between words, rows of two columns within their second.</summary>
    /// <param name="lines">Paragraphs; rows, with two spaces or more between their columns; indented lines and those of <see cref="AsItIs"/> stay.</param>
    /// <param name="width">The longest line.</param>
    public static IEnumerable<string> Fit(IEnumerable<string> lines, int width) => lines.SelectMany(line => Break(line, width));

    private static IEnumerable<string> Break(string line, int width)
    {
        if (line.StartsWith(AsItIs))
            return [line[1..]];

        if (line.Length <= width || line[0] == ' ')
            return [line];

        var name = Row().Match(line).Value;
        return ProseExtensions.Break(line[name.Length..], width - name.Length).Select((part, i) => (i == 0 ? name : new string(' ', name.Length)) + part);
    }

    // the first column and the space behind it
    [GeneratedRegex(@"^\S(?:\S| (?! ))*\s{2,}")]
    private static partial Regex Row();
}
