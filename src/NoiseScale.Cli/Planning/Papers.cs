using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Planning;

/// <summary>The schedules of the papers, under paper:PAPER/NAME.</summary>
public static class Papers
{
    /// <summary>What the name of a paper's schedule begins with.</summary>
    public const string Prefix = "paper:";

    private static readonly Dictionary<string, string> Citations = new()
    {
        ["dont-decay"] = "Smith, Kindermans, Ying, Le: Don't Decay the Learning Rate, Increase the Batch Size. ICLR 2018, arXiv 1711.00489",
    };

    /// <summary>The schedules there are, paper by paper.</summary>
    public static IEnumerable<(string Citation, IReadOnlyList<PaperSchedule> Schedules)> All =>
        Schedule.PaperSchedules
            .GroupBy(paper => PaperOf(paper.Name))
            .Select(group => (Citations.GetValueOrDefault(group.Key, group.Key), (IReadOnlyList<PaperSchedule>)[.. group]));

    /// <summary>The schedule of that name; an unknown name suggests the nearest.</summary>
    /// <param name="name">The name, without the prefix.</param>
    public static PaperSchedule Find(string name) =>
        TryFind(name) ?? throw CommandFailure.Usage(
            $"No paper has a schedule '{name}'.",
            Nearest(name) is { } near
                ? $"Did you mean '{Prefix}{near}'? 'noisescale plan --list' shows all."
                : "'noisescale plan --list' shows all.");

    /// <summary>The name nearest to a mistyped one, compared in full and without the paper; null where none is near.</summary>
    /// <param name="name">The name, without the prefix.</param>
    public static string? Nearest(string name)
    {
        var names = Schedule.PaperNames;

        return Spelling.Nearest(name, names)
            ?? (Spelling.Nearest(Short(name), names.Select(Short)) is { } near ? names.First(candidate => Short(candidate) == near) : null);
    }

    /// <summary>The schedule that its paper compares this one with; null for that schedule itself.</summary>
    /// <param name="paper">A paper's schedule.</param>
    public static PaperSchedule? BaselineOf(PaperSchedule paper)
    {
        var baseline = Short(paper.Name).StartsWith("imagenet-", StringComparison.Ordinal) ? "imagenet-original" : "original";
        var found = TryFind($"{PaperOf(paper.Name)}/{baseline}");
        return found == paper ? null : found;
    }

    private static PaperSchedule? TryFind(string name) => Schedule.PaperSchedules.FirstOrDefault(paper => paper.Name == name);

    private static string PaperOf(string name) => name[..name.IndexOf('/')];

    private static string Short(string name) => name[(name.IndexOf('/') + 1)..];
}
