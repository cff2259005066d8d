using System.Text.Json;
using System.Text.Json.Serialization;

namespace NoiseScale.Cli.Measuring;

/// <summary>How measurements are written as JSON: indented, in camel case, with NaN and infinities by name.</summary>
internal static class MeasurementJson
{
    /// <summary>Enumerations as numbers.</summary>
    public static JsonSerializerOptions Options { get; } = Make();

    /// <summary>Enumerations by name.</summary>
    public static JsonSerializerOptions WithNames { get; } = Make(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));

    private static JsonSerializerOptions Make(params JsonConverter[] converters)
    {
        var options = new JsonSerializerOptions
        {
            WriteIndented = true,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        };
        foreach (var converter in converters)
            options.Converters.Add(converter);

        return options;
    }
}
