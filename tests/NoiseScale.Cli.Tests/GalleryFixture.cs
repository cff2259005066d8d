using NoiseScale.Cli.Gallery;

namespace NoiseScale.Cli.Tests;

/// <summary>A gallery with one figure that its script made, one made up, and the recorded runs of all others; made once for all tests.</summary>
internal static class GalleryFixture
{
    private static readonly Lazy<(Scratch Folder, Outcome Made)> Made = new(() =>
    {
        var scratch = new Scratch();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => scratch.Dispose();
        var made = CommandLine.Ends(0, "reproduce", "dont-decay/fig1", "--out", scratch["gallery"]);
        MakeUp(Path.Combine(scratch["gallery"], "cold-posteriors"));
        CommandLine.Run("gallery", "--out", scratch["gallery"]);
        return (scratch, made);
    });

    /// <summary>The gallery's folder.</summary>
    public static string Folder => Made.Value.Folder["gallery"];

    /// <summary>The run that made its figure.</summary>
    public static Outcome Reproduced => Made.Value.Made;

    /// <summary>Every page of it.</summary>
    public static IEnumerable<string> Pages => Directory.GetFiles(Folder, "*.html", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    /// <summary>A figure with what is hard on a page: markup in its words, long words, logarithmic axes, a failing claim.</summary>
    private static void MakeUp(string folder)
    {
        const string chart = """
            {"data":[{"type":"scatter","x":[1,10,100],"y":[0.001,0.1,10],"name":"a < b"}],
             "layout":{"title":{"text":"made up"},"xaxis":{"type":"log","title":{"text":"B"}},"yaxis":{"type":"log","title":{"text":"ε"}}}}
            """;
        PaperPages.WriteFigure(folder, new FigureSummary
        {
            Key = "fig2",
            Title = "Figure 2: <b>made up</b> & \"quoted\"",
            Caption = string.Join('_', Enumerable.Repeat("a-long-word", 30)),
            Panels = ["a rising line", "the same line"],
            Claims = [new ClaimRow("|C| < 1 → " + new string('x', 200), "<script>alert(1)</script>", "0.1 [0.0, 0.2]", "fails"), new ClaimRow("b", "c", "d", "holds")],
            Provenance = [["specs", string.Join(' ', Enumerable.Repeat("0123456789abcdef", 20))]],
            Profile = "quick",
            Command = "dotnet fsi paper-figures/cold-posteriors/fig2.fsx",
            Thumbnail = "<svg viewBox=\"0 0 320 220\" role=\"img\" aria-label=\"a rising line\"><polyline points=\"10,200 300,20\" stroke=\"#4477AA\" fill=\"none\"/></svg>",
            Stamp = "",
        }, [chart, chart]);
        PaperPages.WriteIndex(folder, "Cold Posteriors", "made up");
    }
}
