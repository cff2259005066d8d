using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Reproduction;

namespace NoiseScale.Cli.Ledger;

/// <summary>What a test found of a claim.</summary>
/// <param name="Status">One of <see cref="ClaimsLedger.Statuses"/>.</param>
/// <param name="Where">What tested it, or why nothing did.</param>
/// <param name="Ours">What a figure found; "" elsewhere.</param>
public sealed record Finding(string Status, string Where, string Ours);

/// <summary>A claim with all that was found of it.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Findings">One for each of its tests.</param>
public sealed record LedgerEntry(PaperClaim Claim, IReadOnlyList<Finding> Findings)
{
    /// <summary>The worst of the findings; a figure's verdict counts before a test of the law, and either before what has not been tested.</summary>
    public string Status => Findings.Select(finding => finding.Status).OrderBy(ClaimsLedger.Statuses.ToList().IndexOf).First();
}

/// <summary>The ledger: every claim of the six papers with what the recorded runs and the tests of laws say of it.</summary>
public sealed class ClaimsLedger
{
    private readonly FigureLibrary _library;
    private readonly Dictionary<string, IReadOnlyList<RecordedFigure>> _recorded = [];
    private readonly List<string> _missing = [];
    private readonly HashSet<(string Paper, string Figure, string Claim)> _used = [];

    private ClaimsLedger(FigureLibrary library)
    {
        _library = library;
        foreach (var paper in GalleryPaper.All)
            _recorded[paper.Key] = [.. RecordedRun.Of(library, paper.Folder).SelectMany(run => run.Figures)];

        Entries = [.. PaperClaims.All.Select(claim => new LedgerEntry(claim, [.. claim.Tests.Select(test => Find(claim, test))]))];
    }

    /// <summary>The statuses there are, those that decide first.</summary>
    public static IReadOnlyList<string> Statuses { get; } = ["fails", "within band", "holds", "law tested", "not yet run", "not testable here"];

    /// <summary>Every claim with what was found.</summary>
    public IReadOnlyList<LedgerEntry> Entries { get; }

    /// <summary>Tests that claims name and that are not there any more, in sentences.</summary>
    public IReadOnlyList<string> Missing => _missing;

    /// <summary>Claims of figures that test nothing of the papers' list: checks of our own, and what was derived here.</summary>
    public IReadOnlyList<(string Paper, string Figure, ClaimRow Claim)> Ours =>
    [
        .. _recorded.SelectMany(paper => paper.Value.SelectMany(figure => figure.Claims.Select(claim => (Paper: paper.Key, Figure: figure.Key, Claim: claim))))
            .Where(one => !_used.Contains((one.Paper, one.Figure, one.Claim.Claim)))
            .DistinctBy(one => (one.Paper, one.Figure, one.Claim.Claim)),
    ];

    /// <summary>The ledger of a repository.</summary>
    /// <param name="library">Its figure scripts.</param>
    public static ClaimsLedger Of(FigureLibrary library) => new(library);

    private Finding Find(PaperClaim claim, ClaimTest test) => test switch
    {
        ClaimTest.OfFigure figure => OfFigure(claim.Paper, figure),
        ClaimTest.OfLaw law => OfLaw(claim, law),
        ClaimTest.Awaited awaited => new("not yet run", awaited.What, ""),
        ClaimTest.None none => new("not testable here", none.Reason, ""),
        _ => throw new InvalidOperationException($"{test}: no such test"),
    };

    // of the run that the paper's README records first
    private Finding OfFigure(string paper, ClaimTest.OfFigure test)
    {
        var figures = _recorded[paper].Where(figure => figure.Key == test.Figure).ToList();
        var found = figures.SelectMany(figure => figure.Claims).FirstOrDefault(row => row.Claim.StartsWith(test.Claim, StringComparison.Ordinal));
        if (found is null)
        {
            if (figures.Count > 0)
                _missing.Add($"{paper} {test.Figure} has no claim that begins '{test.Claim}'");
            return new("not yet run", $"{test.Figure}: {test.Claim}", "");
        }

        _used.Add((paper, test.Figure, found.Claim));
        var status = (found.Verdict, test.Refutes) switch
        {
            ("holds", true) => "fails",
            ("fails", true) => "holds",
            var (verdict, _) => verdict,
        };
        return new(status, $"{test.Figure}: {found.Claim}", found.Ours);
    }

    private Finding OfLaw(PaperClaim claim, ClaimTest.OfLaw test)
    {
        var path = Path.Combine(_library.Root, "tests", test.File);
        if (!File.Exists(path) || !File.ReadAllText(path).Contains($"\"{test.Name}", StringComparison.Ordinal))
            _missing.Add($"{claim.Id}: tests/{test.File} has no test that begins '{test.Name}'");

        return new(test.Refutes ? "fails" : "law tested", $"{Path.GetFileNameWithoutExtension(test.File)}: {test.Name}", "");
    }
}
