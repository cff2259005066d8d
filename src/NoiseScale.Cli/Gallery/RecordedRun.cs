using System.Text.RegularExpressions;
using NoiseScale.Cli.Reproduction;

namespace NoiseScale.Cli.Gallery;

/// <summary>A run of a paper's figures whose claims were committed, in paper-figures/PAPER/README.md.</summary>
/// <param name="Name">The heading it stands under, such as "Real MNIST".</param>
/// <param name="Command">The command that made it; "" where none stands there.</param>
/// <param name="Figures">Its figures.</param>
public sealed record RecordedRun(string Name, string Command, IReadOnlyList<RecordedFigure> Figures)
{
    /// <summary>The runs that a paper's README records; none where there is no README.</summary>
    /// <param name="library">The figure scripts.</param>
    /// <param name="paper">The paper's folder.</param>
    public static IReadOnlyList<RecordedRun> Of(FigureLibrary library, string paper)
    {
        var readme = Path.Combine(library.FolderOf(paper), "README.md");
        if (!File.Exists(readme))
            return [];

        var names = library.FiguresOf(paper).Select(figure => figure.Name).ToList();
        var runs = new List<RecordedRun>();
        var (run, command, title, inCode) = ("", "", "", false);
        var (figures, claims) = (new List<RecordedFigure>(), new List<ClaimRow>());

        foreach (var line in File.ReadLines(readme).Append("## "))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal) || line.StartsWith("### ", StringComparison.Ordinal))
            {
                if (claims.Count > 0)
                    figures.Add(new RecordedFigure(KeyOf(title, names), title, [.. claims]));
                claims.Clear();
                title = line[3..].Trim();
            }

            if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                if (figures.Count > 0)
                    runs.Add(new RecordedRun(run, command, [.. figures]));
                figures.Clear();
                (run, command) = (title.Trim('`'), "");
            }

            if (line.StartsWith("```", StringComparison.Ordinal))
                inCode = !inCode;
            else if (inCode && command.Length == 0)
                command = line.Trim();
            else if (ClaimRow.Parse(line) is { } row)
                claims.Add(row);
        }

        return runs;
    }

    // "Figure 7 (ours): …" is fig7; a title without a number is that of the script without one
    private static string KeyOf(string title, List<string> names)
    {
        var number = Regex.Match(title, @"^Figure (\d+)");
        return number.Success
            ? $"fig{number.Groups[1].Value}"
            : names.Find(name => !name.StartsWith("fig", StringComparison.Ordinal)) ?? title;
    }
}

/// <summary>A figure of a recorded run.</summary>
/// <param name="Key">The figure, such as fig2.</param>
/// <param name="Title">Its title.</param>
/// <param name="Claims">Its claims as recorded.</param>
public sealed record RecordedFigure(string Key, string Title, IReadOnlyList<ClaimRow> Claims);
