using System.CommandLine;
using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Reproduction;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale gallery`: the page of all papers, from whatever has been made.</summary>
public static class GalleryCommand
{
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Folder of the gallery, in which `reproduce` has made figures. Default: out in the repository.",
        HelpName = "DIR",
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("gallery", "Write the gallery of the six papers from the figures that have been made, and from what is recorded of the others.") { Out };

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("What it shows",
                [
                    "One static page, DIR/index.html, that needs no network: pictures and interactive plots of the figures made in DIR, their claims and where they "
                        + "came from. Of figures that were not made there it shows the claims and pictures that paper-figures/PAPER/README.md records, and says so.",
                    "It runs nothing; `noisescale reproduce` does, and writes this page too.",
                ]),
            ],
            Examples = [("What there is, without running anything", "noisescale gallery")],
            CannotBeDone = "the page could not be written",
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        var library = FigureLibrary.Find();
        Screen.Out.Line(GalleryPage.Write(library, Path.GetFullPath(result.GetValue(Out) ?? Path.Combine(library.Root, "out"))));
        return ExitCode.Done;
    }
}
