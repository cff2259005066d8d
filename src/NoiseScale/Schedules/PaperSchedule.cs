namespace NoiseScale;

/// <summary>A schedule of a paper, under the name that <see cref="NoiseScale.Schedule.Paper"/> and the command line know.</summary>
/// <param name="Name">Such as "dont-decay/original".</param>
/// <param name="Title">What it is and where it stands in the paper.</param>
/// <param name="Schedule">The schedule itself.</param>
public sealed record PaperSchedule(string Name, string Title, Schedule Schedule);
