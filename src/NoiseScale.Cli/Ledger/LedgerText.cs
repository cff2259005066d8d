using System.Text;
using System.Text.Json;
using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Measuring;

namespace NoiseScale.Cli.Ledger;

/// <summary>The ledger as Markdown and as a page.</summary>
public static class LedgerText
{
    /// <summary>What a status is.</summary>
    public const string Rule =
        "A claim has the worst status of what tests it; the verdict of a figure's recorded run counts before a test of the law itself. "
        + "“law tested” says that a test of the library, run on every change, establishes it where it can be established without training.";

    /// <summary>How sure we are, in words.</summary>
    /// <param name="certainty">How sure.</param>
    public static string Words(Certainty certainty) => certainty switch
    {
        Certainty.Read => "read",
        Certainty.ByEye => "read off by eye",
        Certainty.Derived => "derived",
        Certainty.Uncertain => "uncertain, no number given",
        _ => "not found, no number given",
    };

    /// <summary>How many claims have which status, in a sentence.</summary>
    /// <param name="entries">Some entries.</param>
    public static string Counts(IEnumerable<LedgerEntry> entries)
    {
        var counted = entries.CountBy(entry => entry.Status).ToDictionary();
        return string.Join(", ", ClaimsLedger.Statuses.Where(counted.ContainsKey).Select(status => $"{counted[status]} {status}"));
    }

    /// <summary>Claims with their status in JSON.</summary>
    /// <param name="entries">Some entries.</param>
    public static string Json(IEnumerable<LedgerEntry> entries) => JsonSerializer.Serialize(
        entries.Select(entry => new
        {
            entry.Claim.Id,
            entry.Claim.Paper,
            entry.Claim.Statement,
            entry.Claim.Certainty,
            entry.Claim.Value,
            entry.Claim.Place,
            entry.Status,
            entry.Findings,
        }),
        MeasurementJson.WithNames);

    /// <summary>The ledger in Markdown, as committed in paper-figures/LEDGER.md.</summary>
    /// <param name="ledger">The ledger.</param>
    public static string Markdown(ClaimsLedger ledger)
    {
        var text = new StringBuilder("# The claims of the six papers\n\n");
        text.Append("Written by `noisescale ledger --markdown > paper-figures/LEDGER.md` from the list of claims in `src/NoiseScale.Cli/Ledger` and the tables in\n");
        text.Append("`paper-figures/*/README.md`; a test fails where it is out of date.\n\n").Append(Rule).Append("\n\n");
        text.Append($"{ledger.Entries.Count} claims: {Counts(ledger.Entries)}.\n");

        foreach (var paper in GalleryPaper.All)
        {
            var entries = ledger.Entries.Where(entry => entry.Claim.Paper == paper.Key).ToList();
            text.Append($"\n## {paper.Key}: {paper.Reference.Title}\n\n{entries.Count} claims: {Counts(entries)}.\n\n");
            text.Append("| | claim | the paper | how we know it | status | tested by |\n|---|---|---|---|---|---|\n");

            foreach (var entry in entries)
            {
                var tests = string.Join("; ", entry.Findings.Select(finding => $"{finding.Where} ({finding.Status})"));
                text.Append($"| {entry.Claim.Id} | {Cell(entry.Claim.Statement)} | {Cell(Paper(entry.Claim))} | {Words(entry.Claim.Certainty)} | {entry.Status} | {Cell(tests)} |\n");
            }

            var ours = ledger.Ours.Where(one => one.Paper == paper.Key).ToList();
            if (ours.Count > 0)
            {
                text.Append($"\nClaims of its figures beyond these, checks of our own and what was derived here: {ours.Count}.\n\n");
                foreach (var one in ours)
                    text.Append($"- {one.Figure}: {one.Claim.Claim} ({one.Claim.Verdict})\n");
            }
        }

        return text.ToString();

        static string Cell(string words) => words.Replace("|", "\\|", StringComparison.Ordinal);
    }

    /// <summary>The ledger as a page of the gallery.</summary>
    /// <param name="ledger">The ledger.</param>
    public static string Page(ClaimsLedger ledger)
    {
        var main = new StringBuilder();
        foreach (var paper in GalleryPaper.All)
        {
            var entries = ledger.Entries.Where(entry => entry.Claim.Paper == paper.Key).ToList();
            main.Append($"<section aria-labelledby=\"{paper.Key}\"><h2 id=\"{paper.Key}\">{Html.Encode(paper.Reference.Title)}</h2>");
            main.Append($"<p>{paper.Key} · {entries.Count} claims: {Html.Encode(Counts(entries))}. <a href=\"index.html#{paper.Folder}\">Its figures</a></p>");
            main.Append(Table(paper, entries));

            var ours = ledger.Ours.Where(one => one.Paper == paper.Key).ToList();
            if (ours.Count > 0)
            {
                main.Append($"<details><summary>{ours.Count} claims of its figures beyond these: checks of our own, and what was derived here</summary>");
                main.Append(Html.Claims(ours.Select(one => one.Claim with { Claim = $"{one.Figure}: {one.Claim.Claim}" }), $"Our own claims, {paper.Key}")).Append("</details>");
            }

            main.Append("</section>\n");
        }

        var header = "<nav aria-label=\"Up\"><ul><li><a href=\"index.html\">The gallery</a></li></ul></nav><h1>The claims of the six papers</h1>"
            + $"<p>{ledger.Entries.Count} claims: {Html.Encode(Counts(ledger.Entries))}.</p><p class=\"dim\">{Rule} Runs are those that the repository records.</p>";
        return Html.Page("NoiseScale: the claims of six papers", [], header, main.ToString());
    }

    private static string Table(GalleryPaper paper, IEnumerable<LedgerEntry> entries)
    {
        var head = string.Concat(((string[])["claim", "the paper", "tested by", "status"]).Select(name => $"<th role=\"columnheader\" scope=\"col\">{name}</th>"));
        var rows = entries.Select(entry =>
        {
            var tests = string.Join("<br>", entry.Findings.Select(finding =>
                $"{Html.Encode(finding.Where)}{(finding.Ours.Length > 0 ? $": {Html.Encode(finding.Ours)}" : "")} <span class=\"{Style(finding.Status)}\">({finding.Status})</span>"));
            var said = Paper(entry.Claim);
            return $"<tr role=\"row\" id=\"{entry.Claim.Id}\"><td role=\"cell\">{entry.Claim.Id} {Html.Encode(entry.Claim.Statement)}</td>"
                + $"<td role=\"cell\" data-label=\"the paper\">{(said.Length > 0 ? $"{Html.Encode(said)} " : "")}<span class=\"dim\">({Words(entry.Claim.Certainty)})</span></td>"
                + $"<td role=\"cell\" data-label=\"tested by\">{tests}</td><td role=\"cell\" class=\"verdict {Style(entry.Status)}\">{entry.Status}</td></tr>";
        });
        return $"<table class=\"claims\" role=\"table\" aria-label=\"Claims of {paper.Key}\"><thead role=\"rowgroup\"><tr role=\"row\">{head}</tr></thead>"
            + $"<tbody role=\"rowgroup\">{string.Join('\n', rows)}</tbody></table>";
    }

    private static string Paper(PaperClaim claim) => (claim.Value.Length, claim.Place.Length) switch
    {
        ( > 0, > 0) => $"{claim.Value} ({claim.Place})",
        ( > 0, 0) => claim.Value,
        _ => claim.Place,
    };

    private static string Style(string status) => status == "law tested" ? "holds" : Html.Class(status);
}
