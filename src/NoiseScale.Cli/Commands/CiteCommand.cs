using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Terminal;
using Spectre.Console;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale cite`: where the laws of the library stand, and the BibTeX of what they rest on.</summary>
public static partial class CiteCommand
{
    private static readonly Argument<string[]> What = new("what")
    {
        Description = "Laws, modules or types with all their laws, and works: NoiseScale.at, Laplace, TradeDecayForBatch, P3, 1711.00489. Default: all.",
        HelpName = "LAW|WORK",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> BibTeX = new("--bibtex") { Description = "BibTeX of the works that these laws name.", Arity = ArgumentArity.Zero };
    private static readonly Option<bool> Json = new("--json") { Description = "Laws and works in JSON.", Arity = ArgumentArity.Zero };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("cite", "Say in which paper a law of the library stands, and where, and print the BibTeX of what it rests on.") { What, BibTeX, Json };

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("What stands there",
                [
                    "The six papers are P1 to P6; every work is also known by the key of its BibTeX entry and by its arXiv number. Entries hold what we "
                        + "could establish and nothing more: some lack pages. A law of F# is named by its module, one of C# by its type.",
                ]),
            ],
            Examples =
            [
                ("Everything that rests on the third paper", "noisescale cite P3"),
                ("What a plan and its measured noise rest on, to be cited", "noisescale cite TradeDecayForBatch GradientNoiseMonitor --bibtex"),
            ],
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        if (result.GetValue(BibTeX) && result.GetValue(Json))
            throw CommandFailure.Usage("--bibtex and --json are two forms of one document; choose one.");

        var named = result.GetValue(What)!.Select(Named).ToList();
        var laws = named.Count == 0 ? Citations.Laws : [.. named.SelectMany(Citations.Of).Distinct()];
        var keys = laws.Select(law => law.Key).Concat(named.Select(name => Citations.Work(name)?.Key)).ToHashSet();
        var works = Citations.Works.Where(work => keys.Contains(work.Key)).ToList();

        if (result.GetValue(BibTeX))
            Output.Write(string.Join("\n\n", works.Select(work => work.BibTeX)));
        else if (result.GetValue(Json))
            Output.Write(JsonSerializer.Serialize(new Document(laws, works), Format.Default.Document));
        else
            Show(Screen.Out, laws, works);

        return ExitCode.Done;
    }

    // a folder of paper-figures stands for its paper
    private static string Named(string typed)
    {
        if (string.IsNullOrWhiteSpace(typed))
            throw CommandFailure.Usage("There is no law without a name.", "'noisescale cite' lists all.");

        var name = GalleryPaper.Of(typed)?.Key ?? typed;
        return Citations.Of(name).Count > 0 || Citations.Work(name) is not null ? name : throw Unknown(typed);
    }

    private static CommandFailure Unknown(string typed)
    {
        var names = Citations.Names
            .Concat(Citations.Works.SelectMany(work => (string[])[work.Key, work.CiteKey]))
            .Concat(GalleryPaper.All.Select(paper => paper.Folder));
        return CommandFailure.Usage(
            $"Neither a law nor a work is called '{typed}'.",
            Spelling.Nearest(typed, names) is { } near ? $"Did you mean '{near}'?" : "'noisescale cite' lists all.");
    }

    private static void Show(IAnsiConsole console, IReadOnlyList<CitedLaw> laws, IReadOnlyList<Reference> works)
    {
        foreach (var room in laws.GroupBy(law => law.Room))
        {
            console.Line(Palette.Strong, room.Key);
            var table = new AlignedTable(("law", false), ("stands in", false), ("", false));

            foreach (var law in room)
                table.Add((law.Law, Palette.Name), (law.Key, Palette.Plain), (law.Place, Palette.Plain));

            table.WriteTo(console);
            console.Line();
        }

        foreach (var work in works)
            console.Line($"{work.Key}  {work}");
    }

    /// <summary>What --json prints.</summary>
    /// <param name="Laws">Laws with their sources.</param>
    /// <param name="Works">The works they name.</param>
    internal sealed record Document(IReadOnlyList<CitedLaw> Laws, IReadOnlyList<Reference> Works);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
    [JsonSerializable(typeof(Document))]
    private sealed partial class Format : JsonSerializerContext;
}
