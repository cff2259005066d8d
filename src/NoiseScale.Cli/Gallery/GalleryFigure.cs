using System.Text.RegularExpressions;
using NoiseScale.Cli.Reproduction;

namespace NoiseScale.Cli.Gallery;

/// <summary>A figure as the gallery shows it: what was made here, what was recorded, and pictures of either.</summary>
/// <param name="Key">The figure, such as fig2.</param>
/// <param name="Title">Its title; its key where it has never run.</param>
/// <param name="Here">What its script said of it here; null where it was not made here.</param>
/// <param name="Recorded">What was committed of it, run by run.</param>
/// <param name="Pictures">PNG files with their text alternatives, relative to the gallery.</param>
public sealed partial record GalleryFigure(
    string Key,
    string Title,
    FigureSummary? Here,
    IReadOnlyList<(RecordedRun Run, RecordedFigure Figure)> Recorded,
    IReadOnlyList<(string Path, string Text)> Pictures)
{
    /// <summary>The claims that count: those made here, else those of the first recorded run. A rehearsal's do not.</summary>
    public IReadOnlyList<ClaimRow> Claims =>
        Here is { IsRehearsal: false } ? Here.Claims : Recorded.Select(recorded => recorded.Figure.Claims).FirstOrDefault() ?? [];

    /// <summary>The figures of a paper: those that have scripts, and those that were recorded. Committed pictures of figures not made here are copied into the gallery.</summary>
    /// <param name="library">The figure scripts.</param>
    /// <param name="paper">The paper's folder.</param>
    /// <param name="root">The gallery's folder.</param>
    public static IReadOnlyList<GalleryFigure> Of(FigureLibrary library, string paper, string root)
    {
        var scripts = library.Papers.Contains(paper) ? library.FiguresOf(paper).Select(figure => figure.Name).ToList() : [];
        var recorded = RecordedRun.Of(library, paper).SelectMany(run => run.Figures.Select(figure => (Run: run, Figure: figure))).ToLookup(one => one.Figure.Key);
        var folder = Path.Combine(root, paper);
        var figures = new List<GalleryFigure>();

        foreach (var key in scripts.Union(recorded.Select(group => group.Key)))
        {
            var here = FigureSummary.Read(folder, key);
            IReadOnlyList<(string, string)> pictures = here is null ? Committed(library.FolderOf(paper), paper, key, root) : Made(folder, paper, here);
            figures.Add(new GalleryFigure(key, here?.Title ?? recorded[key].FirstOrDefault().Figure?.Title ?? key, here, [.. recorded[key]], pictures));
        }

        return figures;
    }

    private static List<(string, string)> Made(string folder, string paper, FigureSummary figure) =>
    [
        .. figure.Panels.Select((text, i) => (Name: figure.Panels.Count == 1 ? $"{figure.Key}.png" : $"{figure.Key}{(char)('a' + i)}.png", text))
            .Where(picture => File.Exists(Path.Combine(folder, picture.Name)))
            .Select(picture => ($"{paper}/{picture.Name}", picture.text)),
    ];

    // with the words that the paper's README has for them
    private static List<(string, string)> Committed(string source, string paper, string key, string root)
    {
        var readme = Path.Combine(source, "README.md");
        if (!File.Exists(readme))
            return [];

        var pictures = new List<(string, string)>();
        foreach (Match image in Image().Matches(File.ReadAllText(readme)))
        {
            var name = image.Groups["name"].Value;
            if (!Regex.IsMatch(name, $@"^{Regex.Escape(key)}[a-z]?\.png$") || !File.Exists(Path.Combine(source, name)))
                continue;

            var target = Directory.CreateDirectory(Path.Combine(root, "recorded", paper)).FullName;
            File.Copy(Path.Combine(source, name), Path.Combine(target, name), overwrite: true);
            pictures.Add(($"recorded/{paper}/{name}", System.Net.WebUtility.HtmlDecode(image.Groups["text"].Value)));
        }

        return pictures;
    }

    [GeneratedRegex("""<img src="(?<name>\w+\.png)"[^>]* alt="(?<text>[^"]*)">""")]
    private static partial Regex Image();
}
