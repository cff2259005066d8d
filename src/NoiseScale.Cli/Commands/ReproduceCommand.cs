using System.CommandLine;
using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Reproduction;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training.Data;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale reproduce`: makes the figures of a paper again.</summary>
public static class ReproduceCommand
{
    private static readonly string[] Profiles = ["quick", "standard", "paper", "rehearsal"];

    private static readonly Argument<string> What = new("what")
    {
        Description = "A paper, or one figure of it: dont-decay or P1, dont-decay/fig2; or all.",
        HelpName = "all|PAPER[/FIGURE]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string> Profile = new("--profile")
    {
        Description = "How much to run: quick (minutes on two cores), standard (about 20 minutes), paper (the paper's own setting, for a GPU), "
            + "rehearsal (the paper profile in a few updates a run, before a GPU is spent on it: its numbers say nothing).",
        HelpName = string.Join('|', Profiles),
        DefaultValueFactory = _ => "quick",
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder of real images: MNIST-format idx files, plain or gzip, or CIFAR-10 binaries. Default: NOISESCALE_DATA, else synthetic digits.",
        HelpName = "DIR",
    };

    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Folder of the gallery: pages, pictures and results of a paper lie in DIR/PAPER. Default: out in the repository.",
        HelpName = "DIR",
    };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = "Make figures that are fresh again too. Their finished runs are still found.",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("reproduce", "Make the figures of the papers again: run what is stale, draw, check the papers' claims, and show all in one gallery.")
        {
            What, Profile, Data, Out, Force,
        };

        command.SetAction((result, cancellation) => Task.FromResult(Run(result, cancellation)));
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("What it does",
                [
                    "Runs the figure scripts of paper-figures/PAPER in order, each in a process of its own, but for those whose page was made from the "
                        + "same scripts, profile, data and library version. Finished runs are kept in DIR/PAPER/results, named by the hash of everything that "
                        + "decides their numbers; stopped runs go on where they stopped. The gallery, DIR/index.html, is written anew in the end.",
                    "Without an argument it lists the papers. Claims that fail are shown as failing; they do not change the exit code.",
                ]),
            ],
            Examples =
            [
                ("The first paper, on synthetic digits", "noisescale reproduce dont-decay"),
                ("Every figure of every paper", "noisescale reproduce all"),
                ("One figure, on real images", "noisescale reproduce dont-decay/fig2 --data mnist --profile standard"),
            ],
            CannotBeDone = "a figure could not be made",
        });
        return command;
    }

    private static int Run(ParseResult result, CancellationToken cancellation)
    {
        var library = FigureLibrary.Find();
        var profile = Choice.Of(Profile.Name, result.GetValue(Profile)!, [.. Profiles.Select(word => (word, word))]);
        if (result.GetValue(What) is not { } what)
        {
            foreach (var paper in library.Papers)
                Screen.Out.Line($"{paper}  {string.Join(' ', library.FiguresOf(paper).Select(figure => figure.Name))}");

            return ExitCode.Done;
        }

        var data = result.GetValue(Data);
        if (data is not null && !DataSets.IsIn(data))
        {
            throw CommandFailure.Refusal(
                Directory.Exists(data) ? $"{data} holds no data set." : $"There is no folder {data}.",
                "--data names the folder that holds the MNIST-format idx files or the CIFAR-10 binaries.");
        }

        var figures = library.Select(what);
        var root = Path.GetFullPath(result.GetValue(Out) ?? Path.Combine(library.Root, "out"));
        var papers = figures.Select(figure => figure.Paper).Distinct().ToList();
        var stamp = new FigureStamp(profile, data);
        var jobs = figures
            .Zip(FigureCosts.Of(library).Of(figures, profile), (figure, cost) => new FigureJob(
                figure, papers.Count > 1 ? $"{figure.Paper}/{figure.Name}" : figure.Name, Path.Combine(root, figure.Paper), stamp.Of(figure), cost))
            .ToList();
        var stale = result.GetValue(Force) ? jobs : [.. jobs.Where(job => !job.IsFresh)];

        List<string> arguments = ["--profile", profile];
        if (data is not null)
            arguments.AddRange(["--data", Path.GetFullPath(data)]);

        GalleryPage.Prepare(root); // what its pages share, before a script looks for it
        var failed = FigureRun.All(stale, library.Root, arguments, cancellation);
        var gallery = GalleryPage.Write(library, root);

        if (stale.Count > 0)
            Screen.Out.Line();

        var fresh = jobs.Count > stale.Count ? $" ({jobs.Count - stale.Count} fresh, not made again; --force does)" : "";
        Screen.Out.Line($"{jobs.Count - failed.Count} of {jobs.Count} figures{fresh}: {(papers.Count > 1 ? gallery : Path.Combine(root, papers[0], "index.html"))}");
        if (papers.Count == 1)
            Screen.Out.Line($"the gallery: {gallery}");

        return failed.Count == 0
            ? ExitCode.Done
            : throw CommandFailure.Refusal($"{string.Join(", ", failed)} could not be made; what its script said stands above.");
    }
}
