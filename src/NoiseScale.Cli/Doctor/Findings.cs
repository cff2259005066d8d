using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using NoiseScale.Cli.Commands;

namespace NoiseScale.Cli.Doctor;

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Ok">Whether training can run as far as this goes.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Cause">Why it is not as it should be; null where nothing is to be said.</param>
/// <param name="Cure">What to do about it; null where there is no cause.</param>
public sealed record Finding(string Name, bool Ok, string Detail, string? Cause, string? Cure);

/// <summary>All findings, as the two processes of an examination hand them over and as --json prints them.</summary>
public static partial class Findings
{
    // without escapes for ³, → and apostrophes: this is read by people too
    private static readonly FindingsFormat Readable = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The findings in JSON.</summary>
    /// <param name="findings">The findings.</param>
    public static string ToJson(IReadOnlyList<Finding> findings) =>
        JsonSerializer.Serialize(new Document(RootCommandLine.Version, findings.All(finding => finding.Ok), findings), Readable.Document);

    /// <summary>The findings in JSON that `ToJson` wrote; null where the text is something else.</summary>
    /// <param name="json">The text.</param>
    public static IReadOnlyList<Finding>? FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, Readable.Document)?.Checks;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The document.</summary>
    internal sealed record Document(string Version, bool Ok, IReadOnlyList<Finding> Checks);

    [JsonSerializable(typeof(Document))]
    private sealed partial class FindingsFormat : JsonSerializerContext;
}
