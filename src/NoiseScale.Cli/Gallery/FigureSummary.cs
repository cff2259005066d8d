using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NoiseScale.Cli.Gallery;

/// <summary>What a figure's script says of it: everything but the curves. It lies beside them as figN.json, for the pages that show many figures.</summary>
public sealed record FigureSummary
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The figure, such as fig2.</summary>
    public required string Key { get; init; }

    /// <summary>Its title.</summary>
    public required string Title { get; init; }

    /// <summary>Data, network, seeds, profile, in a sentence.</summary>
    public required string Caption { get; init; }

    /// <summary>For every panel, what a reader who cannot see it should know.</summary>
    public required IReadOnlyList<string> Panels { get; init; }

    /// <summary>Its claims.</summary>
    public required IReadOnlyList<ClaimRow> Claims { get; init; }

    /// <summary>What produced it: seeds, hashes, versions, device, threads, wall-clock, each a name and a value.</summary>
    public required IReadOnlyList<IReadOnlyList<string>> Provenance { get; init; }

    /// <summary>The profile it was made with, such as quick.</summary>
    public required string Profile { get; init; }

    /// <summary>Whether its numbers say nothing: everything was run, and too little of it.</summary>
    [JsonIgnore]
    public bool IsRehearsal => Profile == "rehearsal";

    /// <summary>What has to be said of a rehearsal wherever its numbers stand.</summary>
    public const string RehearsalWarning = "A rehearsal: everything ran, too little of it for its numbers to say anything.";

    /// <summary>How long its script took until this was written, runs that it found not counted; null where that was not recorded. For times.csv.</summary>
    public double? Seconds { get; init; }

    /// <summary>The command that makes it again.</summary>
    public required string Command { get; init; }

    /// <summary>The first panel as a small SVG.</summary>
    public required string Thumbnail { get; init; }

    /// <summary>Hash of scripts, profile, data and library version (<see cref="Reproduction.FigureStamp"/>); "" where it was not made by the command.</summary>
    public required string Stamp { get; init; }

    /// <summary>Writes FOLDER/KEY.json.</summary>
    /// <param name="folder">An existing folder.</param>
    public void Write(string folder) => File.WriteAllText(Path.Combine(folder, $"{Key}.json"), JsonSerializer.Serialize(this, Format));

    /// <summary>The summary of a figure, if it was made and its page lies there.</summary>
    /// <param name="folder">The paper's folder of pages.</param>
    /// <param name="key">The figure.</param>
    /// <returns>Null where there is none, or one that an earlier version wrote.</returns>
    public static FigureSummary? Read(string folder, string key)
    {
        var path = Path.Combine(folder, $"{key}.json");
        if (!File.Exists(path) || !File.Exists(Path.ChangeExtension(path, ".js")) || !File.Exists(Path.ChangeExtension(path, ".html")))
            return null;

        try
        {
            return JsonSerializer.Deserialize<FigureSummary>(File.ReadAllText(path), Format);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>All summaries of a folder, figures with a number first.</summary>
    /// <param name="folder">The paper's folder of pages; it need not exist.</param>
    public static IReadOnlyList<FigureSummary> ReadAll(string folder) => Directory.Exists(folder)
        ?
        [
            .. Directory.GetFiles(folder, "*.json")
                .Select(path => Read(folder, Path.GetFileNameWithoutExtension(path)))
                .OfType<FigureSummary>()
                .OrderBy(figure => !figure.Key.StartsWith("fig", StringComparison.Ordinal))
                .ThenBy(figure => figure.Key.Length).ThenBy(figure => figure.Key, StringComparer.Ordinal),
        ]
        : [];
}
