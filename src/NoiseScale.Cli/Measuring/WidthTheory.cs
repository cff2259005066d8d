using System.Text.Json;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using Spectre.Console;

namespace NoiseScale.Cli.Measuring;

/// <summary>The exponents of the width as the library states them.</summary>
public static class WidthTheory
{
    private static readonly LayerRole[] Roles = Enum.GetValues<LayerRole>();

    /// <summary>Shows two tables: of layers, and of a whole network.</summary>
    /// <param name="console">Where to.</param>
    public static void Write(IAnsiConsole console)
    {
        console.Prose(Palette.Quiet, "Of a layer: a tensor θ starts ∝ w^a, is used as W = w^b·θ, and learns at ε·w^c.");
        var layers = new AlignedTable(("", false), ("layer", false), ("start a", true), ("multiplier b", true), ("SGD c", true), ("Adam c", true));
        foreach (var (word, parameterisation) in WidthChoice.Parameterisations)
        {
            foreach (var role in Roles)
            {
                var exponents = WidthExponents.Of(parameterisation, role);
                layers.Add(
                    (role == Roles[0] ? word : "", Palette.Name), (role.ToString().ToLowerInvariant(), Palette.Plain), Cell(exponents.Deviation), Cell(exponents.Multiplier),
                    Cell(exponents.SgdRate), Cell(exponents.AdamRate));
            }
        }

        layers.WriteTo(console);
        console.Line();
        console.Prose(Palette.Quiet, "Of a network: the largest stable learning rate ε_max, the best noise scale (ε/B)_opt, and the largest useful batch B_max.");
        var networks = new AlignedTable(("", false), ("ε_max ∝ w^", true), ("(ε/B)_opt ∝ w^", true), ("B_max ∝ w^", true));
        foreach (var (word, parameterisation) in WidthChoice.Parameterisations)
        {
            var law = WidthLaw.Of(parameterisation);
            networks.Add((word, Palette.Name), Cell(law.LargestLearningRate), Cell(law.NoiseScale), Cell(law.LargestBatch));
        }

        networks.WriteTo(console);
        console.Line();
        console.Prose(
            Palette.Quiet,
            "In units of the initial weights the best noise scale ḡ = ε/(B(1−m)σ²) grows as w for standard and ntk (Park et al. 2019); that of mup is derived here. 'plan --transfer-width' moves a schedule by "
                + "these; 'width coordinates' and 'width stability' measure them.");

        static (string, Style) Cell(double exponent) => (Numbers.Real(exponent), Palette.Plain);
    }

    /// <summary>The same in JSON.</summary>
    public static string ToJson() => JsonSerializer.Serialize(
        WidthChoice.Parameterisations.Select(choice => new
        {
            Parameterisation = choice.Meaning,
            Layers = Roles.Select(role => new { Role = role, Exponents = WidthExponents.Of(choice.Meaning, role) }),
            Network = WidthLaw.Of(choice.Meaning),
        }),
        MeasurementJson.WithNames);
}
