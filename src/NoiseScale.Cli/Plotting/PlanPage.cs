using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using NoiseScale.Cli.Commands;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Plotting;

/// <summary>A page with learning rate, batch size and noise scale against epochs, complete in one file: plotly.js comes out of Plotly.NET.</summary>
public static partial class PlanPage
{
    private const string Template = "NoiseScale.Cli.Plotting.plan.html";

    /// <summary>Writes the page.</summary>
    /// <param name="path">The file; it is replaced where there is one.</param>
    /// <param name="request">What was planned, and what it is compared with.</param>
    public static void Write(string path, PlanRequest request)
    {
        var planned = PlanCurves.Of(request.Transformations.Count > 0 ? "transformed" : request.Source.Name, request.Plan, request.Form);
        PlanCurves[] curves = request.Reference is { } reference
            ? [PlanCurves.Of(reference.Name, reference.Plan, request.Form), planned]
            : [planned];
        var data = JsonSerializer.Serialize(new Page(request.Form.ToString().ToLowerInvariant(), curves), PageFormat.Default.Page);

        var parts = new Dictionary<string, Func<string>>
        {
            ["title"] = () => WebUtility.HtmlEncode(request.Source.Title ?? "A training schedule and its plan"),
            ["steps"] = () => string.Concat(request.Transformations.Select(step => $"<li>{WebUtility.HtmlEncode(step.Words)}</li>")),
            ["data"] = () => data,
            ["plotly"] = () => PlotlyLibrary.Text,
            ["version"] = () => RootCommandLine.Version,
        };

        // the template alternates between text and the names of parts: text{{name}}text
        var pieces = Resource(typeof(PlanPage).Assembly, Template).Split("{{", StringSplitOptions.None);

        Output.WriteFile(path, writer =>
        {
            writer.Write(pieces[0]);

            foreach (var piece in pieces.Skip(1))
            {
                var end = piece.IndexOf("}}", StringComparison.Ordinal);
                writer.Write(parts[piece[..end]]());
                writer.Write(piece[(end + 2)..]);
            }
        });
    }

    private static string Resource(System.Reflection.Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>What the page's script draws.</summary>
    internal sealed record Page(string Form, IReadOnlyList<PlanCurves> Plans);

    // The default encoder escapes <, > and &, as text inside a script element needs it.
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Page))]
    private sealed partial class PageFormat : JsonSerializerContext;
}
