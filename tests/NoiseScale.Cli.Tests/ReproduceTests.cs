using Expecto;
using Expecto.CSharp;

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
