using Expecto;
using Expecto.CSharp;
using NoiseScale.Cli.Reproduction;

namespace NoiseScale.Cli.Tests;

/// <summary>`reproduce`: what it offers, and how it refuses. The figures themselves are made by hand and by ProfileTests.</summary>
internal static class ReproduceTests
{
    public static Test All { get; } = Runner.TestList("reproduce", [
        Runner.TestCase("lists the papers with their figures: the scripts that no other script loads", () =>
        {
            var lines = CommandLine.Run("reproduce").Lines;
            Check.Equal(6, lines.Length, "papers");
            Check.Equal("bayesian-perspective  fig1 fig2 fig3 fig4 fig5 fig6 fig7 fig8 fig9", lines[0], "the third paper");
            Check.Equal("cold-posteriors  fig1 fig2 fig3 fig4", lines[1], "the fifth");
            Check.Equal("dont-decay  fig1 fig2 fig3 fig4 fig5 fig6 fig7", lines[2], "the first paper");
            Check.Equal("implicit-regularization  fig1 fig2 fig3 fig4 fig5 fig6 fig7 slopes", lines[3], "the second");
            Check.Equal("natural-gradient  fig1 fig2 fig3 fig4 fig5 fig6 fig7", lines[4], "the fourth");
            Check.Equal("network-width  fig1 fig2 fig3 fig4 fig5", lines[5], "the last");
        }),
        Runner.TestCase("a script that others load is no figure", () =>
        {
            var outcome = CommandLine.Ends(2, "reproduce", "implicit-regularization/experiment");
            Check.Has("There is no figure of implicit-regularization 'experiment'.", outcome.Error, "what is wrong");
        }),
        Runner.TestCase("every figure has its cost beside the others, measured, else that of the quick profile", () =>
        {
            var library = FigureLibrary.Find();
            var recorded = File.ReadLines(library.FolderOf("times.csv")).Where(line => line.Contains(",quick,", StringComparison.Ordinal)).Select(line => line[..line.LastIndexOf(',')]);
            Check.Equal(
                string.Join('\n', library.Papers.SelectMany(library.FiguresOf).Select(figure => $"{figure.Paper},{figure.Name},quick")),
                string.Join('\n', recorded), "times.csv has every figure");
            var costs = new FigureCosts(["paper,figure,profile,seconds", "a,fig1,quick,4", "a,fig2,quick,8", "a,fig2,standard,90", "", "a,fig3,quick,0"]);
            string Of(string profile, params string[] names) => string.Join(' ', costs.Of([.. names.Select(name => new Figure("a", name, ""))], profile));
            Check.Equal("90", Of("standard", "fig2"), "measured with the profile");
            Check.Equal("4 8", Of("standard", "fig1", "fig2"), "not all measured with it: quick");
            Check.Equal("4 8 6", Of("quick", "fig1", "fig2", "fig3"), "as the others on average");
            Check.Equal("1 1", string.Join(' ', new FigureCosts([]).Of([new("a", "fig1", ""), new("a", "fig2", "")], "quick")), "nothing measured");
        }),
        Runner.TestCase("what cannot be is refused before a script is started", () =>
        {
            using var folder = new Scratch();
            Check.Has("holds no data set", CommandLine.Ends(1, "reproduce", "dont-decay", "--data", Path.GetDirectoryName(folder["data"])!).Error, "a folder without images");
            Check.Has("There is no folder", CommandLine.Ends(1, "reproduce", "dont-decay", "--data", folder["none"]).Error, "no folder");
            Check.Has("--profile foo: it is one of quick, standard, paper, rehearsal", CommandLine.Ends(2, "reproduce", "P1", "--profile", "foo").Error, "no profile");
            CommandLine.Ends(2, "reproduce", "--profile", "foo");
        }),
        Runner.TestCase("the paper profile asks for the data it trains on, in a sentence", () =>
        {
            using var folder = new Scratch();
            var path = Path.GetDirectoryName(folder["fig1.html"])!;
            var outcome = CommandLine.Start(["reproduce", "implicit-regularization/fig1", "--profile", "paper", "--out", path]);
            Check.Equal(1, outcome.ExitCode, $"{outcome}: the exit code");
            Check.Has("the paper profile trains here on 50000 images of cifar10; synthetic-digits has 10000 of 1 × 28 × 28", outcome.Output, "the reason");
            Check.HasNot("   at ", outcome.Output, "no stack trace");
        }),
    ]);
}
