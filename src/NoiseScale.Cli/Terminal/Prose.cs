using Spectre.Console;

namespace NoiseScale.Cli.Terminal;

/// <summary>Sentences, broken between words at a readable width.</summary>
public static class ProseExtensions
{
    /// <summary>Writes a paragraph.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="style">The style; ignored where the console has none.</param>
    /// <param name="text">The paragraph.</param>
    /// <param name="indent">Spaces before every line.</param>
    public static void Prose(this IAnsiConsole console, Style style, string text, int indent = 0)
    {
        foreach (var line in Break(text, Screen.ProseWidth - indent))
            console.Line(style, new string(' ', indent) + line);
    }

    /// <summary>The lines of a paragraph; a word longer than the width has a line of its own, and no-break spaces keep words together.</summary>
    /// <param name="text">The paragraph.</param>
    /// <param name="width">The longest line.</param>
    public static IEnumerable<string> Break(string text, int width)
    {
        var line = "";

        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line.Replace('\u00a0', ' ');
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        yield return line.Replace('\u00a0', ' ');
    }
}
