using NoiseScale.Cli.Plotting;

namespace NoiseScale.Cli.Gallery;

/// <summary>
/// The pages of a paper: each figure leaves figN.js (its curves), figN.json (what it says) and figN.html in the paper's folder, and the index is
/// written anew from whatever figures lie there. Inside a gallery they share its plotly.min.js, elsewhere they have one of their own.
/// </summary>
public static class PaperPages
{
    /// <summary>Writes a figure's files.</summary>
    /// <param name="folder">The paper's folder; it is made if missing.</param>
    /// <param name="summary">What the figure says.</param>
    /// <param name="charts">Its panels as Plotly's JSON.</param>
    public static void WriteFigure(string folder, FigureSummary summary, IEnumerable<string> charts)
    {
        Directory.CreateDirectory(folder);
        var plotly = Plotly(folder);
        File.WriteAllText(Path.Combine(folder, $"{summary.Key}.js"), $"(window.figures ??= {{}})['{summary.Key}'] = [{string.Join(",\n", charts)}];\n");
        File.WriteAllText(
            Path.Combine(folder, $"{summary.Key}.html"),
            Html.Page(summary.Title, [plotly, $"{summary.Key}.js"], Up(folder, "<a href=\"index.html\">All figures of the paper</a>"), Section(summary, "h1")));
        summary.Write(folder);
    }

    /// <summary>Writes the index of a paper from the figures that lie in its folder, and their claims as Markdown, for the paper's README.</summary>
    /// <param name="folder">The paper's folder.</param>
    /// <param name="paper">The paper's name.</param>
    /// <param name="intro">What it is about, in HTML.</param>
    public static void WriteIndex(string folder, string paper, string intro)
    {
        var figures = FigureSummary.ReadAll(folder);
        var links = string.Join('\n', figures.Select(figure => $"<li><a href=\"#{figure.Key}\">{Html.Encode(figure.Title)}</a></li>"));
        var header = Up(folder, "") + $"<h1>{Html.Encode(paper)}</h1><p>{intro}</p><nav aria-label=\"Figures\"><ul>{links}</ul></nav>";
        var main = string.Join('\n', figures.Select(figure => Section(figure, "h2")));
        File.WriteAllText(
            Path.Combine(folder, "index.html"),
            Html.Page(paper, [Plotly(folder), .. figures.Select(figure => $"{figure.Key}.js")], header, main));

        var claims = figures.Select(figure =>
            $"### {figure.Title}\n\n{(figure.IsRehearsal ? $"{FigureSummary.RehearsalWarning}\n\n" : "")}{ClaimRow.Markdown(figure.Claims)}\n");
        File.WriteAllText(Path.Combine(folder, "claims.md"), string.Join('\n', claims));
    }

    /// <summary>plotly.min.js as pages of a folder name it: the gallery's above it, else the folder's own, which is written if missing.</summary>
    /// <param name="folder">An existing folder.</param>
    public static string Plotly(string folder)
    {
        if (InGallery(folder))
            return $"../{PlotlyLibrary.FileName}";

        PlotlyLibrary.WriteTo(folder);
        return PlotlyLibrary.FileName;
    }

    private static bool InGallery(string folder) => File.Exists(Path.Combine(Path.GetFullPath(folder), "..", PlotlyLibrary.FileName));

    private static string Up(string folder, string link)
    {
        var gallery = InGallery(folder) ? "<a href=\"../index.html\">The gallery</a>" : "";
        var links = string.Concat(((string[])[gallery, link]).Where(one => one.Length > 0).Select(one => $"<li>{one}</li>"));
        return links.Length > 0 ? $"<nav aria-label=\"Up\"><ul>{links}</ul></nav>" : "";
    }

    private static string Section(FigureSummary figure, string heading)
    {
        var panels = figure.Panels.Select((text, i) => $"<div class=\"panel\" id=\"{figure.Key}-{i}\" role=\"img\" aria-label=\"{Html.Encode(text)}\"></div>");
        return $"""
            <section aria-labelledby="{figure.Key}"><{heading} id="{figure.Key}">{Html.Encode(figure.Title)}</{heading}>
            <p class="dim">{Html.Encode(figure.Caption)}</p>
            {(figure.IsRehearsal ? Html.Rehearsal : "")}
            <div class="panels">{string.Join('\n', panels)}</div>
            {Html.Claims(figure.Claims, $"Claims of {figure.Title}")}
            {Html.Provenance(figure.Command, figure.Provenance)}</section>
            """;
    }
}
