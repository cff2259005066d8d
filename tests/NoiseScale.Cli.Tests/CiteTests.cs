using System.Text.Json;
using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>`cite`: laws with their sources, and BibTeX.</summary>
internal static class CiteTests
{
    public static Test All { get; } = Runner.TestList("cite", [
        Runner.TestCase("a paper: its laws in every room, and the paper itself", () =>
        {
            var outcome = CommandLine.Run("cite", "P3");
            Check.Has("NaturalGradient.stochastic ", outcome.Output, "a law of F#");
            Check.Has("Samplers.StochasticNaturalGradient ", outcome.Output, "a law of C#");
            Check.Has("Thm 5", outcome.Output, "where it stands");
            foreach (var name in (string[])["natural-gradient", "Smith2018NaturalGradient", "1806.09597", "arXiv:1806.09597"])
                Check.Equal(outcome.Output, CommandLine.Run("cite", name).Output, name);
            Check.Has("Smith, Duckworth, Rezchikov, Le, Sohl-Dickstein: Stochastic natural gradient descent", outcome.Lines[^1], "the paper");
        }),
        Runner.TestCase("BibTeX of a law, of a paper without laws, of everything", () =>
        {
            Check.True(CommandLine.Run("cite", "TradeDecayForBatch", "--bibtex").Output.StartsWith("@inproceedings{Smith2018DontDecay,\n", StringComparison.Ordinal), "a law");
            Check.Has("The Effect of Network Width", CommandLine.Run("cite", "P4", "--bibtex").Output, "the fourth paper");
            Check.True(Regex.Count(CommandLine.Run("cite", "--bibtex").Output, "(?m)^@") > 15, "everything");
        }),
        Runner.TestCase("several names at once: their laws together, every work once", () =>
        {
            var together = CommandLine.Run("cite", "TradeDecayForBatch", "Laplace", "decayForBatch", "--bibtex").Output;
            Check.Equal(1, Regex.Count(together, "@inproceedings{Smith2018DontDecay,"), "both laws of one paper");
            Check.Equal(1, Regex.Count(together, "(?m)^@article{MacKay1992,"), "another's");
            Check.Has("author = {Smith, Samuel L. and Kindermans, Pieter-Jan and Ying, Chris and Le, Quoc V.}", together, "full names");
            Check.Has("Neither a law nor a work is called 'zzzzzz'", CommandLine.Ends(2, "cite", "P1", "zzzzzz").Error, "one of them means nothing");
        }),
        Runner.TestCase("JSON", () =>
        {
            var document = JsonDocument.Parse(CommandLine.Run("cite", "McCandlish2018", "--json").Output).RootElement;
            Check.True(document.GetProperty("laws").GetArrayLength() > 3, "laws");
            Check.Equal("1812.06162", document.GetProperty("works")[0].GetProperty("arXiv").GetString(), "the work");
        }),
        Runner.TestCase("help has its examples, and they run", () =>
        {
            var examples = CommandLine.Examples("cite");
            Check.True(examples.Count >= 2, "there are some");
            foreach (var example in examples)
                CommandLine.RunExample(example);
        }),
        Runner.TestCase("a name that means nothing suggests the nearest", () =>
        {
            Check.Has("Did you mean 'Laplace'?", CommandLine.Ends(2, "cite", "laplce").Error, "a slip");
            Check.Has("'noisescale cite' lists all", CommandLine.Ends(2, "cite", "zzzzzzzz").Error, "another word");
            Check.Has("Did you mean 'network-width'?", CommandLine.Ends(2, "cite", "network-widht").Error, "a folder");
            Check.Has("no law without a name", CommandLine.Ends(2, "cite", "").Error, "nothing");
            Check.Has("choose one", CommandLine.Ends(2, "cite", "--json", "--bibtex").Error, "two forms");
        }),
    ]);
}
