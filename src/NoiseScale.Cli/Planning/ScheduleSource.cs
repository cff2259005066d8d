using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Planning;

/// <summary>A schedule as the command line names it.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Name">What to call it: a file's name, paper:NAME, or "as given".</param>
/// <param name="Title">What it is, where a paper says so.</param>
/// <param name="Baseline">What its paper compares it with; null elsewhere.</param>
public sealed record ScheduleSource(Schedule Schedule, string Name, string? Title = null, PaperSchedule? Baseline = null)
{
    /// <summary>The name of a schedule that was typed out.</summary>
    public const string AsGiven = "as given";

    /// <summary>Reads a schedule: one line of text, a file of text or JSON, - for the standard input, or paper:NAME.</summary>
    /// <param name="argument">What the command line has in its place.</param>
    public static ScheduleSource Read(string argument)
    {
        if (argument.StartsWith(Papers.Prefix, StringComparison.Ordinal))
        {
            var paper = Papers.Find(argument[Papers.Prefix.Length..]);
            return new(paper.Schedule, argument, paper.Title, Papers.BaselineOf(paper));
        }

        if (argument == "-")
            return new(Parse("standard input", Console.In.ReadToEnd()), AsGiven);

        if (File.Exists(argument) || LooksLikePath(argument))
            return new(Parse(argument, ReadFile(argument)), Path.GetFileName(argument));

        return new(Parse(null, argument), AsGiven);
    }

    private static Schedule Parse(string? where, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw CommandFailure.Usage(
                where is null ? "The schedule is empty." : $"{where}: it is empty, where a schedule is expected.",
                "Write one such as 'lr 0.1 /5 @60,120; batch 128; epochs 180; examples 50000'.");
        }

        // JSON is an object; no field of the one-line syntax begins with a brace
        return Refusals.Reading(where, text, text.TrimStart().StartsWith('{') ? Schedule.FromJson : Schedule.Parse);
    }

    /// <summary>One word, or the name of a folder or of a kind of file: a schedule of one line has fields, and so spaces.</summary>
    private static bool LooksLikePath(string argument) =>
        Directory.Exists(argument)
        || argument.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
        || argument.EndsWith(".txt", StringComparison.OrdinalIgnoreCase)
        || (argument.Length > 0 && !argument.Any(c => char.IsWhiteSpace(c) || c is ';' or '{'));

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var advice = Papers.Nearest(path) is { } paper
                ? $"Did you mean '{Papers.Prefix}{paper}'?"
                : "A schedule is one line of text in quotes, a file, - for the standard input, or paper:NAME.";
            throw CommandFailure.Refusal($"Cannot read {path}: {FileProblem.Of(e, path)}.", advice, e);
        }
    }
}
