using System.CommandLine;

namespace NoiseScale.Cli.Terminal;

/// <summary>What a command's help says beyond its options' own descriptions.</summary>
public sealed record CommandHelp
{
    /// <summary>The options, in groups with a title each; options of no group come last.</summary>
    public IReadOnlyList<(string Title, IReadOnlyList<Option> Options)> Groups { get; init; } = [];

    /// <summary>Further sections: paragraphs, rows of two columns, or lines to be copied (<see cref="HelpText"/>).</summary>
    public IReadOnlyList<(string Title, IReadOnlyList<string> Lines)> Notes { get; init; } = [];

    /// <summary>Things one would want to do, and the command line for each.</summary>
    public IReadOnlyList<(string Purpose, string CommandLine)> Examples { get; init; } = [];

    /// <summary>What exit code 1 means here, where it means more than that the thing asked cannot be done.</summary>
    public string CannotBeDone { get; init; } = "it cannot be done: a rule refuses it, or a file cannot be read or written";
}
