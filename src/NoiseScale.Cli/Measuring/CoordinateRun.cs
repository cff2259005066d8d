using System.Text.Json;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training.Data;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Widths;
using Spectre.Console;

namespace NoiseScale.Cli.Measuring;

/// <summary>A coordinate check of several parameterisations.</summary>
/// <param name="Data">The examples.</param>
/// <param name="Pooling">Side of the squares that images are averaged over.</param>
/// <param name="HiddenLayers">Of the perceptrons.</param>
/// <param name="Widths">At least 3.</param>
/// <param name="Seeds">At least 2.</param>
/// <param name="Parameterisations">Which.</param>
/// <param name="Optimizer">Of the first update.</param>
/// <param name="LearningRate">Of the first update.</param>
/// <param name="BatchSize">Its examples.</param>
public sealed record CoordinateRun(
    ChosenData Data, int Pooling, int HiddenLayers, IReadOnlyList<int> Widths, IReadOnlyList<long> Seeds, IReadOnlyList<Parameterisation> Parameterisations,
    RateFamily Optimizer, double LearningRate, int BatchSize)
{
    /// <summary>A parameterisation and what was found of it.</summary>
    /// <param name="Parameterisation">Which.</param>
    /// <param name="Report">Its layers.</param>
    public sealed record Found(Parameterisation Parameterisation, CoordinateReport Report);

    /// <summary>Builds every network, and updates it once.</summary>
    public IReadOnlyList<Found> Run()
    {
        using var data = Data.Pooled(Pooling);
        if (BatchSize > data.Train.Count)
            throw CommandFailure.Usage($"--batch {Numbers.Whole(BatchSize)}: there are {Numbers.Whole(data.Train.Count)} training examples.");

        try
        {
            return Check(data);
        }
        catch (InvalidOperationException e)
        {
            throw CommandFailure.Refusal(
                $"The coordinates cannot be compared: {e.Message}.", "Very narrow networks have dead units; a very small --learning-rate changes nothing, a very large one overflows.", e);
        }
    }

    private List<Found> Check(ImageDataSet data) =>
        TrainingBar.Fraction("coordinates", tell => Parameterisations.Select((parameterisation, i) => new Found(
            parameterisation,
            CoordinateCheck.Run(
                new WidthFamily.Perceptron(HiddenLayers), parameterisation, data, Widths, Seeds, LearningRate, BatchSize, Optimizer,
                tell is null ? null : new Told<double>(part => tell((i + part) / Parameterisations.Count))))).ToList());

    /// <summary>Shows the exponents in a table.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="found">As <see cref="Run"/> gave them.</param>
    public void Write(IAnsiConsole console, IReadOnlyList<Found> found)
    {
        var table = new AlignedTable(
            ("", false), ("layer", false), ("size at the start ∝ w^", true), ("95 %", true), ("theory", true), ("", false), ("first change ∝ w^", true), ("95 %", true),
            ("theory", true), ("", false));
        foreach (var (parameterisation, report) in found)
        {
            foreach (var layer in report.Layers)
            {
                table.Add([
                    (layer == report.Layers[0] ? WidthChoice.Word(parameterisation) : "", Palette.Name), (layer.Layer, Palette.Plain),
                    .. Cells(layer.Activation, layer.ExpectedActivation), .. Cells(layer.Update, layer.ExpectedUpdate)]);
            }
        }

        table.WriteTo(console);
        console.Line();
        console.Prose(
            Palette.Quiet,
            $"Root mean squares of each layer's outputs before the nonlinearity, over w = {string.Join(", ", Widths)} and {Seeds.Count} seeds, and of what one update of "
                + $"{(Optimizer == RateFamily.Adam ? "Adam" : "SGD")} at ε = {Numbers.Real(LearningRate)} changes them by. ok: the interval lies within {WidthVerdict.Margin} of the theory's exponent; near: it reaches "
                + "into that; off: it does not. A change that grows with w blows up, one that falls leaves the layer as it was; under mup none does either.");
    }

    /// <summary>The reports in JSON.</summary>
    /// <param name="found">As <see cref="Run"/> gave them.</param>
    public static string ToJson(IReadOnlyList<Found> found) => JsonSerializer.Serialize(found, MeasurementJson.WithNames);

    private static (string, Style)[] Cells(MeanInterval measured, double expected)
    {
        var verdict = WidthVerdict.Of(measured, expected);
        return
        [
            (Numbers.Fixed(measured.Mean, 2), Palette.Plain), ($"[{Numbers.Fixed(measured.Low, 2)}, {Numbers.Fixed(measured.High, 2)}]", Palette.Quiet),
            (Numbers.Real(expected), Palette.Plain), (verdict, WidthVerdict.StyleOf(verdict)),
        ];
    }
}
