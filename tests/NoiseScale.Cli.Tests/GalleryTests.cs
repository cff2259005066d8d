using System.Net;
using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;
using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Reproduction;

namespace NoiseScale.Cli.Tests;

/// <summary>The gallery as files, and which figures are fresh; GalleryBrowserTests look at it.</summary>
internal static class GalleryTests
{
    private static string Index => File.ReadAllText(Path.Combine(GalleryFixture.Folder, "index.html"));

    public static Test All { get; } = Runner.TestList("gallery", [
        Runner.TestCase("it has all six papers, with their BibTeX, whatever has been made", () =>
        {
            foreach (var paper in GalleryPaper.All)
            {
                Check.Has($"<h2 id=\"{paper.Folder}\">{WebUtility.HtmlEncode(paper.Reference.Title)}</h2>", Index, paper.Key);
                Check.Has(WebUtility.HtmlEncode(paper.Reference.BibTeX), Index, $"BibTeX of {paper.Key}");
            }
        }),
        Runner.TestCase("a figure made here: picture, plot, claims, provenance and command", () =>
        {
            Check.Has("the gallery: ", GalleryFixture.Reproduced.Output, "reproduce names the gallery");
            Check.Has("href=\"dont-decay/fig1.html\"", Index, "the plot");
            Check.Has("href=\"dont-decay/index.html\"", Index, "all plots of the paper");
            Check.Has("the three schedules have the same noise scale at every epoch", Index, "a claim");
            Check.Has("dotnet fsi paper-figures/dont-decay/fig1.fsx --profile quick", Index, "the command");
            Check.Has("src=\"../plotly.min.js\"", File.ReadAllText(Path.Combine(GalleryFixture.Folder, "dont-decay", "fig1.html")), "it shares the script");
            Check.True(File.Exists(Path.Combine(GalleryFixture.Folder, "plotly.min.js")), "which lies there");
        }),
        Runner.TestCase("a figure that was not made here shows what is recorded, and says so", () =>
        {
            var figure = Regex.Match(Index, "<article class=\"figure\" aria-labelledby=\"dont-decay-fig4\">.*?</article>", RegexOptions.Singleline).Value;
            Check.Has("recorded run", figure, "the mark");
            Check.Has("Adam: the same training cross-entropy against epochs", figure, "a claim");
            Check.Has("class=\"verdict fails\">fails<", figure, "its failure");
            Check.Has("noisescale reproduce dont-decay/fig4", figure, "the command");
            Check.Has("src=\"recorded/dont-decay/fig2a.png\" alt=\"Training cross-entropy against epochs", Index, "a committed picture with its words");
        }),
        Runner.TestCase("words of figures are text", () =>
        {
            Check.HasNot("<script>alert", Index, "a claim");
            Check.Has("&lt;b&gt;made up&lt;/b&gt; &amp; &quot;quoted&quot;", Index, "a title");
        }),
        Runner.TestCase("every claim in a README is read: as many rows as its tables have", () =>
        {
            var library = FigureLibrary.Find();
            foreach (var paper in library.Papers)
            {
                var readme = Path.Combine(library.FolderOf(paper), "README.md");
                var lines = File.ReadLines(readme).Count(line => Regex.IsMatch(line, @"\| (holds|within band|fails|not testable here) \|$"));
                var read = RecordedRun.Of(library, paper).SelectMany(run => run.Figures).ToList();
                Check.Equal(lines, read.Sum(figure => figure.Claims.Count), $"claims of {paper}");

                foreach (var figure in read)
                    Check.True(library.FiguresOf(paper).Any(script => script.Name == figure.Key), $"{paper}: '{figure.Title}' is a figure with a script");
            }
        }),
        Runner.TestCase("a row of claims is written and read", () =>
        {
            var row = new ClaimRow("|C| | D", "a \\ b", "", "within band");
            Check.Equal(row, ClaimRow.Parse(ClaimRow.Markdown([row]).Split('\n')[2]), "there and back");
            Check.Equal(null, ClaimRow.Parse("| script | shows | varies | more |"), "another table");
        }),
        Runner.TestCase("a fresh figure is not made again", () =>
        {
            _ = GalleryFixture.Folder;
            var again = CommandLine.Run("reproduce", "dont-decay/fig1", "--out", GalleryFixture.Folder);
            Check.Has("1 of 1 figures (1 fresh, not made again; --force does)", again.Output, "it says so");
            Check.HasNot("holds", again.Output, "no script ran");
        }),
        Runner.TestCase("a stamp changes with profile, data and scripts, and with nothing else", () =>
        {
            using var scratch = new Scratch();
            var figure = new Figure("paper", "fig1", scratch.Write("fig1.fsx", "#load \"common.fsx\"\nlet x = 1\n"));
            scratch.Write("common.fsx", "let y = 2\n");
            Directory.CreateDirectory(scratch["data"]);
            scratch.Write("data/train-images-idx3-ubyte", "images");
            string Stamp(string profile = "quick") => new FigureStamp(profile, scratch["data"]).Of(figure);

            var before = Stamp();
            Check.Equal(before, Stamp(), "the same again");
            scratch.Write("data/notes.txt", "beside the data");
            scratch.Write("fig2.fsx", "another script");
            Check.Equal(before, Stamp(), "what is not read");
            Check.True(before != Stamp("standard"), "the profile");
            scratch.Write("common.fsx", "let y = 3\n");
            var after = Stamp();
            Check.True(before != after, "a script that it loads");
            scratch.Write("data/train-images-idx3-ubyte", "others");
            Check.True(after != Stamp(), "the data");
        }),
        Runner.TestCase("all is every figure of every paper, in order", () =>
        {
            var library = FigureLibrary.Find();
            var all = library.Select("all");
            Check.Equal(library.Papers.Sum(paper => library.FiguresOf(paper).Count), all.Count, "figures");
            Check.Equal("fig1", all[0].Name, "the first");
            Check.Has("Did you mean all?", CommandLine.Ends(2, "reproduce", "al").Error, "a slip");
        }),
    ]);
}
