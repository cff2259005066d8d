using System.Globalization;

namespace NoiseScale.Cli.Reproduction;

/// <summary>
/// What figures cost beside one another, from paper-figures/times.csv: seconds that each script took when all of a paper were made in order, on two cores.
/// Only their ratios count: the time that is left is what is left of them, at the speed of what has been done.
/// </summary>
public sealed class FigureCosts
{
    private readonly Dictionary<(string Paper, string Figure, string Profile), double> _seconds = [];

    /// <summary>Costs from the lines of times.csv; a line that is no such row says nothing.</summary>
    /// <param name="lines">A header, then paper, figure, profile and seconds.</param>
    public FigureCosts(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            if (line.Split(',') is [var paper, var figure, var profile, var text]
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
                _seconds[(paper, figure, profile)] = seconds;
        }
    }

    /// <summary>The costs that a repository records; none where it records none.</summary>
    /// <param name="library">Its figure scripts.</param>
    public static FigureCosts Of(FigureLibrary library) => new(File.Exists(library.FolderOf("times.csv")) ? File.ReadLines(library.FolderOf("times.csv")) : []);

    /// <summary>The costs of figures, in their order: with the profile where all were measured with it, else with quick; one that was not costs as much as the others on average.</summary>
    /// <param name="figures">The figures.</param>
    /// <param name="profile">The profile.</param>
    public IReadOnlyList<double> Of(IReadOnlyList<Figure> figures, string profile)
    {
        var measured = figures.All(figure => _seconds.ContainsKey((figure.Paper, figure.Name, profile))) ? profile : "quick";
        var costs = figures.Select(figure => _seconds.TryGetValue((figure.Paper, figure.Name, measured), out var seconds) ? seconds : (double?)null).ToList();
        var mean = costs.OfType<double>().DefaultIfEmpty(1).Average();
        return [.. costs.Select(cost => cost ?? mean)];
    }
}
