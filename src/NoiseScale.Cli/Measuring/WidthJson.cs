using System.Text.Json;
using System.Text.Json.Serialization;

namespace NoiseScale.Cli.Measuring;

/// <summary>How what was measured of widths is written as JSON.</summary>
internal static class WidthJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
