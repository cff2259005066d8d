using System.Text;

namespace NoiseScale.Cli.Gallery;

/// <summary>The part of the gallery that shows one paper.</summary>
public static class GallerySection
{
    /// <summary>The section.</summary>
    /// <param name="paper">The paper.</param>
    /// <param name="figures">Its figures; none where it has no scripts and no recorded runs.</param>
    /// <param name="hasPage">Whether a page of all its figures lies in the gallery.</param>
    public static string Of(GalleryPaper paper, IReadOnlyList<GalleryFigure> figures, bool hasPage)
    {
        var section = new StringBuilder();
        var reference = paper.Reference;
        section.Append($"<section aria-labelledby=\"{paper.Folder}\"><h2 id=\"{paper.Folder}\">{Html.Encode(reference.Title)}</h2>\n");
        section.Append($"<p class=\"dim\">{paper.Key} · {Html.Encode(string.Join(", ", reference.Authors))} · {Html.Encode($"{reference.Venue} {reference.Year}".Trim())} · ");
        section.Append($"<a href=\"https://arxiv.org/abs/{reference.ArXiv}\">arXiv {reference.ArXiv}</a></p>\n<p>{Html.Encode(paper.Question)}</p>\n");

        if (figures.Count == 0)
        {
            section.Append("<p><b>No figure of this paper has been made yet</b>, and no run of it is recorded.</p>\n");
        }
        else
        {
            section.Append($"<pre>noisescale reproduce {paper.Folder}</pre>\n");
            if (hasPage && figures.Any(figure => figure.Here is not null))
                section.Append($"<p><a href=\"{paper.Folder}/index.html\">All interactive plots of this paper on one page</a></p>\n");
        }

        foreach (var figure in figures)
            section.Append(Figure(paper, figure));

        section.Append($"<details><summary>BibTeX</summary><pre>{Html.Encode(reference.BibTeX)}</pre></details></section>\n");
        return section.ToString();
    }

    private static string Figure(GalleryPaper paper, GalleryFigure figure)
    {
        var id = $"{paper.Folder}-{figure.Key}";
        var title = Html.Encode(figure.Title);
        var recorded = figure.Recorded;
        var body = new StringBuilder();

        if (figure.Here is { } here)
        {
            body.Append($"<p class=\"dim\">{Html.Encode(here.Caption)}</p>");
            var claims = Html.Counts(here.Claims) + Html.Claims(here.Claims, $"Claims of {figure.Title}");
            body.Append(here.IsRehearsal
                ? $"{Html.Rehearsal} <p class=\"dim\">Its claims are not counted above.</p><details><summary>Its claims</summary>{claims}</details>"
                : claims);
            body.Append(Html.Provenance(here.Command, here.Provenance));
            foreach (var (run, old) in recorded)
                body.Append(Folded(paper, run, old));
        }
        else if (recorded.Count > 0)
        {
            var (run, first) = recorded[0];
            body.Append($"<p><span class=\"tag\">recorded run</span> <span class=\"dim\">Not made here. {Where(paper, run)}</span></p>");
            body.Append(Html.Counts(first.Claims)).Append(Html.Claims(first.Claims, $"Claims of {figure.Title}"));
            body.Append($"<details><summary>The command that makes it</summary><pre>noisescale reproduce {paper.Folder}/{figure.Key}</pre>{Recording(run)}</details>");
            foreach (var (other, old) in recorded.Skip(1))
                body.Append(Folded(paper, other, old));
        }
        else
        {
            body.Append("<p>Not made here, and no run of it is recorded.</p>");
            body.Append($"<details><summary>The command that makes it</summary><pre>noisescale reproduce {paper.Folder}/{figure.Key}</pre></details>");
        }

        return $"<article class=\"figure\" aria-labelledby=\"{id}\">{Thumbnail(paper, figure)}\n<div><h3 id=\"{id}\">{title}</h3>{body}</div></article>\n";
    }

    private static string Thumbnail(GalleryPaper paper, GalleryFigure figure)
    {
        var page = figure.Here is null ? null : $"{paper.Folder}/{figure.Key}.html";
        if (figure.Pictures.Count > 0)
        {
            var (path, text) = figure.Pictures[0];
            var more = figure.Pictures.Skip(1).Select(picture =>
                $"<a href=\"{page ?? picture.Path}\"><img src=\"{picture.Path}\" alt=\"{Html.Encode(picture.Text)}\" loading=\"lazy\"></a>");
            var others = figure.Pictures.Count > 1 ? $"<div class=\"more\">{string.Concat(more)}</div>" : "";
            return $"<figure class=\"thumbnail\"><a href=\"{page ?? path}\"><img src=\"{path}\" alt=\"{Html.Encode(text)}\" loading=\"lazy\"></a>{others}{Caption(page, figure)}</figure>";
        }

        return figure.Here is { } here && page is not null
            ? $"<figure class=\"thumbnail\"><a href=\"{page}\">{here.Thumbnail}</a>{Caption(page, figure)}</figure>"
            : "<figure class=\"thumbnail\"><div class=\"none\">no picture of it is recorded</div></figure>";
    }

    private static string Caption(string? page, GalleryFigure figure) => page is null
        ? "<figcaption>as recorded</figcaption>"
        : $"<figcaption><a href=\"{page}\" aria-label=\"Interactive plot of {Html.Encode(figure.Title)}\">Interactive plot</a></figcaption>";

    private static string Folded(GalleryPaper paper, RecordedRun run, RecordedFigure old) =>
        $"<details><summary>Recorded run, {Html.Encode(run.Name)}: {old.Claims.Count} claims</summary><p class=\"dim\">{Where(paper, run)}</p>"
        + $"{Html.Counts(old.Claims)}{Html.Claims(old.Claims, $"Claims of {old.Title}, {run.Name}")}{Recording(run)}</details>";

    private static string Where(GalleryPaper paper, RecordedRun run) =>
        $"From <code>paper-figures/{paper.Folder}/README.md</code>, “{Html.Encode(run.Name)}”.";

    private static string Recording(RecordedRun run) => run.Command.Length > 0 ? $"<p class=\"dim\">It was recorded by</p><pre>{Html.Encode(run.Command)}</pre>" : "";
}
