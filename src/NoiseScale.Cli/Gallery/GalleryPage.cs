using System.Text;
using NoiseScale.Cli.Ledger;
using NoiseScale.Cli.Plotting;
using NoiseScale.Cli.Reproduction;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Gallery;

/// <summary>
/// The gallery: one static page of the six papers with a picture of every figure, its claims and where it came from. Figures made in its folder link to
/// their interactive plots; for others it shows what the repository records of them, and says so.
/// </summary>
public static class GalleryPage
{
    /// <summary>Makes the folder and what its pages share.</summary>
    /// <param name="root">The gallery's folder.</param>
    /// <exception cref="CommandFailure">The folder cannot be written.</exception>
    public static void Prepare(string root)
    {
        try
        {
            Directory.CreateDirectory(root);
            PlotlyLibrary.WriteTo(root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CommandFailure.Refusal($"Cannot write {root}: {FileProblem.Of(e, root)}.", "Name a folder that can be written.", e);
        }
    }

    /// <summary>Writes ROOT/index.html from whatever figures lie in ROOT/PAPER and from what the repository records.</summary>
    /// <param name="library">The figure scripts.</param>
    /// <param name="root">The gallery's folder; made if missing.</param>
    /// <returns>The page.</returns>
    public static string Write(FigureLibrary library, string root)
    {
        Prepare(root);
        var papers = GalleryPaper.All.Select(paper => (Paper: paper, Figures: GalleryFigure.Of(library, paper.Folder, root))).ToList();
        var main = new StringBuilder(Overview(papers));

        foreach (var (paper, figures) in papers)
            main.Append(GallerySection.Of(paper, figures, File.Exists(Path.Combine(root, paper.Folder, "index.html"))));

        main.Append(RestsOn());
        var ledger = LedgerText.Page(ClaimsLedger.Of(library));
        Output.WriteFile(Path.Combine(root, "ledger.html"), writer => writer.Write(ledger));
        var page = Path.Combine(root, "index.html");
        Output.WriteFile(page, writer => writer.Write(Html.Page("NoiseScale: six papers, and what held", [], Header(papers), main.ToString())));
        return page;
    }

    private static string Header(IReadOnlyList<(GalleryPaper Paper, IReadOnlyList<GalleryFigure> Figures)> papers)
    {
        var figures = papers.SelectMany(paper => paper.Figures).ToList();
        var made = figures.Count(figure => figure.Here is not null);
        var state = made == figures.Count
            ? $"All {figures.Count} figures were made here."
            : $"{made} of {figures.Count} figures were made here; of the others the page shows what the repository records, marked <span class=\"tag\">recorded run</span>.";
        var links = string.Concat(papers.Select(paper => $"<li><a href=\"#{paper.Paper.Folder}\">{Html.Encode(paper.Paper.Reference.Title)}</a></li>"));
        return $"""
            <h1>Six papers, and what held</h1>
            <p>Six papers study one quantity, the temperature of stochastic gradient descent, g = ε/(1 − m)·(N/B − 1). This page shows what the
            NoiseScale library makes of their figures, on smaller networks and data sets than the papers' own where it says so. {state}</p>
            <p>A claim <b class="holds">holds</b> where our numbers establish it, is <b class="within">within band</b> where they neither establish nor contradict it,
            and <b class="fails">fails</b> where they contradict it; <b class="untested">not testable here</b> says that our setting cannot tell. Failures stand here like
            everything else.</p>
            <p><a href="ledger.html">The ledger</a> has every claim that the papers make, tested or not.</p>
            <nav aria-label="Papers"><ul>{links}</ul></nav>
            """;
    }

    private static string Overview(IReadOnlyList<(GalleryPaper Paper, IReadOnlyList<GalleryFigure> Figures)> papers)
    {
        var head = string.Concat(((string[])["figures", "hold", "within band", "fail", "not testable"]).Select(name => $"<th scope=\"col\" class=\"number\">{name}</th>"));
        var rows = papers.Select(paper =>
        {
            var claims = paper.Figures.SelectMany(figure => figure.Claims).ToList();
            var counts = ClaimRow.Verdicts.Select(verdict => $"<td class=\"number {Html.Class(verdict)}\">{claims.Count(claim => claim.Verdict == verdict)}</td>");
            return $"<tr><th scope=\"row\"><a href=\"#{paper.Paper.Folder}\">{paper.Paper.Key}</a> {paper.Paper.Folder}</th>"
                + $"<td class=\"number\">{paper.Figures.Count}</td>{string.Concat(counts)}</tr>\n";
        });
        return $"<section aria-label=\"Overview\"><table class=\"overview\"><caption>Claims by verdict, of the figures made here and of the recorded runs of the others; rehearsals are not counted</caption>"
            + $"<thead><tr><th scope=\"col\">paper</th>{head}</tr></thead><tbody>{string.Concat(rows)}</tbody></table></section>\n";
    }

    private static string RestsOn()
    {
        var laws = Citations.Laws;
        var works = Citations.Works.Where(work => laws.Any(law => law.Key == work.Key)).ToList();
        var list = string.Concat(works.Select(work => $"<li>{Html.Encode(work.ToString())}</li>"));
        return $"""
            <section aria-labelledby="rests-on"><h2 id="rests-on">What the library rests on</h2>
            <p>{laws.Count} places in the library name the paper they follow; <code>noisescale cite</code> lists them.</p>
            <details><summary>{works.Count} works</summary><ul>{list}</ul></details>
            <details><summary>Their BibTeX</summary><pre>{Html.Encode(Citations.BibTeX(laws))}</pre></details></section>
            """;
    }
}
