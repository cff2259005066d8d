using System.Net;
using System.Text;

namespace NoiseScale.Cli.Gallery;

/// <summary>Parts of pages: for the light, the dark, a phone and the keyboard; no part needs a network.</summary>
public static class Html
{
    /// <summary>Text as text.</summary>
    /// <param name="text">Any text.</param>
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    /// <summary>A whole page.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="scripts">Script files, relative to the page; with some, the page draws the figures that they define.</param>
    /// <param name="header">What stands above the main part.</param>
    /// <param name="main">The main part.</param>
    public static string Page(string title, IReadOnlyList<string> scripts, string header, string main)
    {
        var page = new StringBuilder();
        page.Append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Append($"<title>{Encode(title)}</title><link rel=\"icon\" href=\"data:,\"><style>\n{Resource("page.css")}</style>\n");

        foreach (var script in scripts)
            page.Append($"<script src=\"{script}\"></script>\n");
        if (scripts.Count > 0)
            page.Append($"<script>\n{Resource("page.js")}</script>\n");

        page.Append($"</head><body>\n<a class=\"skip\" href=\"#main\">To the main part</a>\n<header>{header}</header>\n<main id=\"main\">\n{main}\n</main>\n</body></html>\n");
        return page.ToString();
    }

    /// <summary>The notice above the numbers of a rehearsal.</summary>
    public static string Rehearsal { get; } = $"<p class=\"rehearsal\" role=\"note\">{Encode(FigureSummary.RehearsalWarning)}</p>";

    /// <summary>Claims as a table; on a phone its rows are blocks.</summary>
    /// <param name="claims">The claims, in their order.</param>
    /// <param name="label">What the table is of, for those who hear the page.</param>
    public static string Claims(IEnumerable<ClaimRow> claims, string label)
    {
        // the roles keep the table a table where the style makes blocks of it
        var rows = claims.Select(row =>
            $"<tr role=\"row\"><td role=\"cell\">{Encode(row.Claim)}</td><td role=\"cell\" data-label=\"the paper\">{Encode(row.Paper)}</td>"
            + $"<td role=\"cell\" data-label=\"ours\">{Encode(row.Ours)}</td><td role=\"cell\" class=\"verdict {Class(row.Verdict)}\">{row.Verdict}</td></tr>");
        var head = string.Concat(((string[])["claim", "the paper", "ours", "verdict"]).Select(name => $"<th role=\"columnheader\" scope=\"col\">{name}</th>"));
        return $"<table class=\"claims\" role=\"table\" aria-label=\"{Encode(label)}\"><thead role=\"rowgroup\"><tr role=\"row\">{head}</tr></thead>"
            + $"<tbody role=\"rowgroup\">{string.Join('\n', rows)}</tbody></table>";
    }

    /// <summary>How many claims have which verdict, in words.</summary>
    /// <param name="claims">The claims.</param>
    public static string Counts(IEnumerable<ClaimRow> claims)
    {
        var counted = claims.CountBy(row => row.Verdict).ToDictionary();
        var parts = ClaimRow.Verdicts.Where(counted.ContainsKey).Select(verdict => $"<span class=\"{Class(verdict)}\">{counted[verdict]} {Plural(verdict, counted[verdict])}</span>");
        return $"<p class=\"counts\">{string.Concat(parts)}</p>";
    }

    /// <summary>What produced a figure, folded away.</summary>
    /// <param name="command">The command that makes it again.</param>
    /// <param name="provenance">Names and values.</param>
    public static string Provenance(string command, IEnumerable<IReadOnlyList<string>> provenance)
    {
        var list = string.Concat(provenance.Select(pair => $"<dt>{Encode(pair[0])}</dt><dd>{Encode(pair[1])}</dd>"));
        return $"<details><summary>Provenance and the command that makes it again</summary><pre>{Encode(command)}</pre>{(list.Length > 0 ? $"<dl>{list}</dl>" : "")}</details>";
    }

    /// <summary>The style class of a verdict.</summary>
    /// <param name="verdict">One of <see cref="ClaimRow.Verdicts"/>.</param>
    public static string Class(string verdict) => verdict switch
    {
        "holds" => "holds",
        "within band" => "within",
        "fails" => "fails",
        _ => "untested",
    };

    private static string Plural(string verdict, int count) => (verdict, count) switch
    {
        ("holds", not 1) => "hold",
        ("fails", not 1) => "fail",
        _ => verdict,
    };

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(Html).Assembly.GetManifestResourceStream($"NoiseScale.Cli.Gallery.{name}")!);
        return reader.ReadToEnd();
    }
}
