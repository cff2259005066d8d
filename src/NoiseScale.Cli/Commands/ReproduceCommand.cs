using System.CommandLine;
using NoiseScale.Cli.Reproduction;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale reproduce`: makes the figures of a paper again.</summary>
public static class ReproduceCommand
{
    private static readonly Argument<string> What = new("what")
    {
        Description = "A paper, or one figure of it: dont-decay, dont-decay/fig2.",
        HelpName = "PAPER[/FIGURE]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> Profile = new("--profile")
    {
        Description = "How much to run: quick (minutes on two cores), standard (about 20 minutes), paper (the paper's own setting, for a GPU), "
            + "rehearsal (the paper profile in a few updates a run, before a GPU is spent on it: its numbers say nothing).",
        HelpName = "quick|standard|paper|rehearsal",
        DefaultValueFactory = _ => "quick",
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder of real images: MNIST-format idx files, plain or gzip, or CIFAR-10 binaries. Default: NOISESCALE_DATA, else synthetic digits.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Folder for pages, pictures and results. Default: out/PAPER in the repository.",
        HelpName = "DIR",
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("reproduce", "Make the figures of a paper again: run what is missing, draw, and check the paper's claims.")
        {
            What, Profile, Data, Out,
        };

        Profile.AcceptOnlyFromAmong("quick", "standard", "paper", "rehearsal");
        command.SetAction((result, cancellation) => Task.FromResult(Run(result, cancellation)));
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("What it does",
                [
                    "Runs the figure scripts of paper-figures/PAPER in order, each in a process of its own. Finished runs are kept in",
                    "OUT/results, named by the hash of everything that decides their numbers; stopped runs go on where they stopped.",
                    "Without an argument it lists the papers. Claims that fail are shown as failing; they do not change the exit code.",
                ]),
            ],
            Examples =
            [
                ("The first paper, on synthetic digits", "noisescale reproduce dont-decay"),
                ("One figure, on real images", "noisescale reproduce dont-decay/fig2 --data mnist --profile standard"),
            ],
            CannotBeDone = "a figure could not be made",
        });
        return command;
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        var library = FigureLibrary.Find();
        if (result.GetValue(What) is not { } what)
        {
            foreach (var paper in library.Papers)
                Screen.Out.Line($"{paper}  {string.Join(' ', library.FiguresOf(paper).Select(figure => figure.Name))}");

            return ExitCode.Done;
        }

        if (result.GetValue(Data) is { } data && !Directory.Exists(data))
            throw CommandFailure.Refusal($"There is no folder {data}.", "--data names the folder that holds the idx files or the CIFAR-10 binaries.");

        var figures = library.Select(what);
        var folder = Path.GetFullPath(result.GetValue(Out) ?? Path.Combine(library.Root, "out", figures[0].Paper));
        List<string> arguments = ["--profile", result.GetValue(Profile)!, "--out", folder];
        if (result.GetValue(Data) is { } directory)
            arguments.AddRange(["--data", Path.GetFullPath(directory)]);

        var failed = FigureRun.All(figures, library.Root, arguments, cancellation);
        Screen.Out.Line();
        Screen.Out.Line($"{figures.Count - failed.Count} of {figures.Count} figures: {Path.Combine(folder, "index.html")}");
        return failed.Count == 0
            ? ExitCode.Done
            : throw CommandFailure.Refusal($"{string.Join(", ", failed)} could not be made; what its script said stands above.");
    }
}
