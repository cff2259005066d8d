namespace NoiseScale;

// The schedules of the papers, by name.
public sealed partial class Schedule
{
    private const string DontDecay = "dont-decay/";

    private static readonly Lazy<IReadOnlyList<PaperSchedule>> Papers =
        new(() => [.. Core.DontDecay.all().Select(paper => new PaperSchedule(DontDecay + paper.Name, paper.Title, new(paper.Schedule)))]);

    /// <summary>The schedules of the papers, in the order of their figures.</summary>
    public static IReadOnlyList<PaperSchedule> PaperSchedules => Papers.Value;

    /// <summary>The names that <see cref="Paper"/> knows.</summary>
    public static IReadOnlyList<string> PaperNames => [.. PaperSchedules.Select(paper => paper.Name)];

    /// <summary>A schedule of a paper: "dont-decay/…" for P1, arXiv 1711.00489.</summary>
    /// <param name="name">One of <see cref="PaperNames"/>.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentException">There is no such name; the message lists those there are.</exception>
    public static Schedule Paper(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return PaperSchedules.FirstOrDefault(paper => paper.Name == name)?.Schedule
            ?? throw new ArgumentException($"'{name}' is no schedule of a paper; there are {string.Join(", ", PaperNames)}.", nameof(name));
    }
}
