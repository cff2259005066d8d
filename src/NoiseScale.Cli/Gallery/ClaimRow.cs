namespace NoiseScale.Cli.Gallery;

/// <summary>A claim of a figure: what the paper says, what we find, and whether it holds.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Paper">The paper's value and where it stands there.</param>
/// <param name="Ours">Our value, with its interval.</param>
/// <param name="Verdict">One of <see cref="Verdicts"/>.</param>
public sealed record ClaimRow(string Claim, string Paper, string Ours, string Verdict)
{
    /// <summary>The verdicts there are, the best first.</summary>
    public static IReadOnlyList<string> Verdicts { get; } = ["holds", "within band", "fails", "not testable here"];

    /// <summary>Claims as a Markdown table.</summary>
    /// <param name="claims">The claims, in their order.</param>
    /// <returns>Lines without the last line end.</returns>
    public static string Markdown(IEnumerable<ClaimRow> claims)
    {
        static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
        return string.Join('\n',
        [
            "| claim | the paper | ours | verdict |",
            "|---|---|---|---|",
            .. claims.Select(row => $"| {Cell(row.Claim)} | {Cell(row.Paper)} | {Cell(row.Ours)} | {row.Verdict} |"),
        ]);
    }

    /// <summary>The row of a Markdown table, if it is one of claims.</summary>
    /// <param name="line">The line.</param>
    public static ClaimRow? Parse(string line)
    {
        if (!line.StartsWith("| ", StringComparison.Ordinal) || !line.EndsWith(" |", StringComparison.Ordinal))
            return null;

        var cells = line[2..^2].Replace("\\|", "\0", StringComparison.Ordinal).Split(" | ").Select(cell => cell.Replace('\0', '|')).ToList();
        return cells.Count == 4 && Verdicts.Contains(cells[3]) ? new ClaimRow(cells[0], cells[1], cells[2], cells[3]) : null;
    }
}
