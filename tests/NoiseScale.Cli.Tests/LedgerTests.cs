using System.Text.Json;
using Expecto;
using Expecto.CSharp;
using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Ledger;
using NoiseScale.Cli.Reproduction;

namespace NoiseScale.Cli.Tests;

/// <summary>The ledger: every claim leads to something that is there, and what is committed is what it says today.</summary>
internal static class LedgerTests
{
    private static readonly Lazy<ClaimsLedger> Ledger = new(() => ClaimsLedger.Of(FigureLibrary.Find()));

    public static Test All { get; } = Runner.TestList("ledger", [
        Runner.TestCase("every figure's claim and every test that it names is there", () => Check.Equal("", string.Join("; ", Ledger.Value.Missing), "missing")),
        Runner.TestCase("paper-figures/LEDGER.md is what the claims and the READMEs say today", () =>
        {
            var committed = File.ReadAllText(Path.Combine(FigureLibrary.Find().Root, "paper-figures", "LEDGER.md")).ReplaceLineEndings("\n");
            Check.True(
                committed == LedgerText.Markdown(Ledger.Value),
                "it is out of date: noisescale ledger --markdown > paper-figures/LEDGER.md");
        }),
        Runner.TestCase("six papers, every claim once, each with a test or a reason", () =>
        {
            var ids = PaperClaims.All.Select(claim => claim.Id).ToList();
            Check.Equal(ids.Count, ids.Distinct().Count(), "numbers");
            Check.Equal(string.Join(' ', GalleryPaper.All.Select(paper => paper.Key)), string.Join(' ', PaperClaims.All.Select(claim => claim.Paper).Distinct()), "papers");
            Check.True(PaperClaims.All.All(claim => claim.Tests.Count > 0), "tests");

            foreach (var paper in PaperClaims.All.GroupBy(claim => claim.Paper))
                Check.Equal(string.Join(' ', Enumerable.Range(1, paper.Count()).Select(i => $"{paper.Key}.{i}")), string.Join(' ', paper.Select(claim => claim.Id)), "in order");
        }),
        Runner.TestCase("no number is given for what is uncertain or was not found", () =>
        {
            foreach (var claim in PaperClaims.All.Where(claim => claim.Certainty is Certainty.Uncertain or Certainty.NotFound))
                Check.Equal("", claim.Value, claim.Id);
        }),
        Runner.TestCase("a paper's claim fails where its opposite holds, and the worst finding counts", () =>
        {
            Check.Equal("fails", Ledger.Value.Entries.Single(entry => entry.Claim.Id == "P3.7").Status, "SNGD as printed");
            Check.Equal("holds", Ledger.Value.Entries.Single(entry => entry.Claim.Id == "P3.8").Status, "SNGD with its signs mended");
            Check.Equal("fails", Ledger.Value.Entries.Single(entry => entry.Claim.Id == "P1.15").Status, "three optimizers of four");
            var claim = PaperClaims.All[0];
            Check.Equal("within band", new LedgerEntry(claim, [new("law tested", "", ""), new("within band", "", ""), new("holds", "", "")]).Status, "the worst");
            Check.Equal("law tested", new LedgerEntry(claim, [new("not yet run", "", ""), new("law tested", "", "")]).Status, "what is known");
        }),
        Runner.TestCase("of one paper: every claim with its status and what tests it, as text and in JSON", () =>
        {
            var text = CommandLine.Run("ledger", "P4").Output;
            Check.Equal(text, CommandLine.Run("ledger", "network-width").Output, "by the folder");
            var document = JsonDocument.Parse(CommandLine.Run("ledger", "p4", "--json").Output).RootElement;
            var entries = Ledger.Value.Entries.Where(entry => entry.Claim.Paper == "P4").ToList();
            Check.Equal(entries.Count, document.GetArrayLength(), "claims");
            foreach (var (entry, found) in entries.Zip(document.EnumerateArray()))
            {
                Check.Has($"{entry.Claim.Id} ", text, "the claim");
                Check.Equal(entry.Status, found.GetProperty("status").GetString(), entry.Claim.Id);
                Check.Equal(entry.Findings.Count, found.GetProperty("findings").GetArrayLength(), entry.Claim.Id);
            }

            Check.Equal(Ledger.Value.Entries.Count, JsonDocument.Parse(CommandLine.Run("ledger", "--json").Output).RootElement.GetArrayLength(), "all papers");
            Check.Has("Did you mean network-width?", CommandLine.Ends(2, "ledger", "network-widht").Error, "a slip");
            Check.Has("choose one", CommandLine.Ends(2, "ledger", "--json", "--markdown").Error, "two forms");
            Check.Has("leave the paper out", CommandLine.Ends(2, "ledger", "P4", "--markdown").Error, "half a ledger");
        }),
        Runner.TestCase("the command counts them, and the gallery links its page", () =>
        {
            Check.True(CommandLine.Run("ledger").Lines.Any(line => line.StartsWith("  all ", StringComparison.Ordinal) || line.StartsWith("all ", StringComparison.Ordinal)), "the sum");
            Check.Has("href=\"ledger.html\"", File.ReadAllText(Path.Combine(GalleryFixture.Folder, "index.html")), "the link");
            var page = File.ReadAllText(Path.Combine(GalleryFixture.Folder, "ledger.html"));
            Check.True(PaperClaims.All.All(claim => page.Contains($"id=\"{claim.Id}\"")), "every claim");
        }),
    ]);
}
