using System.CommandLine;
using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Ledger;
using NoiseScale.Cli.Reproduction;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale ledger`: every claim of the six papers, and what became of it.</summary>
public static class LedgerCommand
{
    private static readonly Argument<string?> Which = new("paper")
    {
        Description = "One paper, with its claims: network-width or P4. Default: the counts of all six.",
        HelpName = "PAPER",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Markdown = new("--markdown") { Description = "The whole ledger in Markdown, as committed in paper-figures/LEDGER.md.", Arity = ArgumentArity.Zero };

    private static readonly Option<bool> Json = new("--json") { Description = "Claims, what was found of them, and their status, in JSON.", Arity = ArgumentArity.Zero };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("ledger", "Count the claims of the six papers by what the recorded runs and the tests of laws say of them.")
        {
            Which, Markdown, Json,
        };

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("What stands there",
                [
                    "Every claim that we know the papers to make, with the figure's claim or the test that tests it, or the reason why nothing does. The page of it "
                        + "is ledger.html beside the gallery, which `noisescale gallery` writes.",
                ]),
            ],
            Examples =
            [
                ("What became of the claims of one paper", "noisescale ledger P4"),
                ("After claims of a README have changed", "noisescale ledger --markdown > paper-figures/LEDGER.md"),
            ],
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        var (markdown, json) = (result.GetValue(Markdown), result.GetValue(Json));
        if (markdown && json)
            throw CommandFailure.Usage("--markdown and --json are two forms of one document; choose one.");

        var paper = result.GetValue(Which) is { } typed ? Known(typed) : null;
        if (markdown && paper is not null)
            throw CommandFailure.Usage("--markdown is the whole ledger; leave the paper out.");

        var ledger = ClaimsLedger.Of(FigureLibrary.Find());
        if (markdown)
        {
            Output.Write(LedgerText.Markdown(ledger));
            return ExitCode.Done;
        }

        IReadOnlyList<LedgerEntry> entries = [.. ledger.Entries.Where(entry => paper is null || entry.Claim.Paper == paper.Key)];
        if (json)
            Output.Write(LedgerText.Json(entries));
        else if (paper is null)
            Count(ledger);
        else
            Show(paper, entries);

        foreach (var missing in ledger.Missing.Where(sentence => paper is null || sentence.StartsWith(paper.Key, StringComparison.Ordinal)))
            Screen.Error.Line(missing);

        return ExitCode.Done;
    }

    private static GalleryPaper Known(string typed) =>
        GalleryPaper.Of(typed) ?? GalleryPaper.Of(FigureLibrary.Known(typed, [.. GalleryPaper.All.Select(paper => paper.Folder)], "paper"))!;

    private static void Count(ClaimsLedger ledger)
    {
        var table = new AlignedTable([("", false), ("claims", true), .. ClaimsLedger.Statuses.Select(status => (status, true))]);
        foreach (var paper in GalleryPaper.All)
            table.Add(Row($"{paper.Key} {paper.Folder}", [.. ledger.Entries.Where(entry => entry.Claim.Paper == paper.Key)]));
        table.Add(Row("all", ledger.Entries));
        table.WriteTo(Screen.Out);
        Screen.Out.Line();
        Screen.Out.Prose(Palette.Quiet, $"{LedgerText.Rule} The gallery counts the claims of figures instead, of which several may test one of these.");
    }

    private static void Show(GalleryPaper paper, IReadOnlyList<LedgerEntry> entries)
    {
        Screen.Out.Line(Palette.Strong, $"{paper.Key}: {paper.Reference.Title}");
        Screen.Out.Line($"{entries.Count} claims: {LedgerText.Counts(entries)}");
        foreach (var entry in entries)
        {
            Screen.Out.Line();
            Screen.Out.Prose(Palette.Plain, $"{entry.Claim.Id} {entry.Claim.Statement}{(entry.Claim.Value.Length > 0 ? $" (the paper: {entry.Claim.Value})" : "")}: {entry.Status}");
            foreach (var finding in entry.Findings)
                Screen.Out.Prose(Palette.Quiet, $"{finding.Where}{(finding.Ours.Length > 0 ? $": {finding.Ours}" : "")} ({finding.Status})", indent: 4);
        }
    }

    private static (string, Spectre.Console.Style)[] Row(string name, IReadOnlyList<LedgerEntry> entries) =>
    [
        (name, Palette.Name),
        ($"{entries.Count}", Palette.Plain),
        .. ClaimsLedger.Statuses.Select(status => ($"{entries.Count(entry => entry.Status == status)}", Palette.Plain)),
    ];
}
