using System.CommandLine;
using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Ledger;
using NoiseScale.Cli.Reproduction;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale ledger`: every claim of the six papers, and what became of it.</summary>
public static class LedgerCommand
{
    private static readonly Option<bool> Markdown = new("--markdown") { Description = "The whole ledger in Markdown, as committed in paper-figures/LEDGER.md.", Arity = ArgumentArity.Zero };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("ledger", "Count the claims of the six papers by what the recorded runs and the tests of laws say of them.") { Markdown };

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("What stands there",
                [
                    "Every claim that we know the papers to make, with the figure's claim or the test that tests it, or the reason why nothing does. The page of it",
                    "is ledger.html beside the gallery, which `noisescale gallery` writes.",
                ]),
            ],
            Examples = [("After claims of a README have changed", "noisescale ledger --markdown > paper-figures/LEDGER.md")],
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        var ledger = ClaimsLedger.Of(FigureLibrary.Find());
        if (result.GetValue(Markdown))
        {
            Output.Write(LedgerText.Markdown(ledger));
            return ExitCode.Done;
        }

        var table = new AlignedTable([("", false), ("claims", true), .. ClaimsLedger.Statuses.Select(status => (status, true))]);
        foreach (var paper in GalleryPaper.All)
            table.Add(Row($"{paper.Key} {paper.Folder}", [.. ledger.Entries.Where(entry => entry.Claim.Paper == paper.Key)]));
        table.Add(Row("all", ledger.Entries));
        table.WriteTo(Screen.Out);

        foreach (var missing in ledger.Missing)
            Screen.Error.Line(missing);

        return ExitCode.Done;
    }

    private static (string, Spectre.Console.Style)[] Row(string name, IReadOnlyList<LedgerEntry> entries) =>
    [
        (name, Palette.Name),
        ($"{entries.Count}", Palette.Plain),
        .. ClaimsLedger.Statuses.Select(status => ($"{entries.Count(entry => entry.Status == status)}", Palette.Plain)),
    ];
}
