using System.Text.Json;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Widths;
using Spectre.Console;

namespace NoiseScale.Cli.Measuring;

/// <summary>ε_max, the largest stable learning rate, over widths and parameterisations.</summary>
/// <param name="Data">The examples.</param>
/// <param name="Pooling">Side of the squares that images are averaged over.</param>
/// <param name="Family">The networks.</param>
/// <param name="Widths">At least 2.</param>
/// <param name="Seeds">At least 2.</param>
/// <param name="Parameterisations">Which.</param>
/// <param name="BatchSize">B.</param>
/// <param name="Momentum">m.</param>
/// <param name="Updates">Length of a run.</param>
/// <param name="Least">The smallest learning rate tried.</param>
/// <param name="Most">The largest.</param>
/// <param name="Rounds">Bisections.</param>
public sealed record StabilityRun(
    ChosenData Data, int Pooling, WidthFamily Family, IReadOnlyList<int> Widths, IReadOnlyList<long> Seeds, IReadOnlyList<Parameterisation> Parameterisations,
    int BatchSize, double Momentum, int Updates, double Least, double Most, int Rounds)
{
    /// <summary>The edges of one network, by seed.</summary>
    /// <param name="Width">w.</param>
    /// <param name="Edges">One for each seed.</param>
    public sealed record AtWidth(int Width, IReadOnlyList<StabilityEdge> Edges);

    /// <summary>What was found under a parameterisation.</summary>
    /// <param name="Parameterisation">Which.</param>
    /// <param name="Widths">By width.</param>
    /// <param name="Exponent">q of ε_max ∝ w^q; null where fewer than two widths have all their edges within the range.</param>
    /// <param name="Expected">The law's q.</param>
    public sealed record Found(Parameterisation Parameterisation, IReadOnlyList<AtWidth> Widths, MeanInterval? Exponent, double Expected);

    /// <summary>Bisects for every network.</summary>
    public IReadOnlyList<Found> Run()
    {
        using var data = Data.Pooled(Pooling);
        if (BatchSize > data.Train.Count)
            throw CommandFailure.Usage($"--batch {Numbers.Whole(BatchSize)}: there are {Numbers.Whole(data.Train.Count)} training examples.");

        var networks = (double)Parameterisations.Count * Widths.Count;
        return TrainingBar.Fraction("bisecting", tell =>
        {
            var done = 0;
            AtWidth Measure(Parameterisation parameterisation, int width)
            {
                var n = data.Train.Count;
                var spec = new RunSpec
                {
                    Data = DataSpec.Of(data),
                    Network = Family.At(data.Train.Shape, data.ClassCount, width, parameterisation),
                    Schedule = Schedule.Constant(Least, BatchSize, new Epochs((double)Updates * BatchSize / n), n, Momentum),
                    TrainEvaluationSize = n,
                };
                var from = done++;
                var progress = tell is null ? null : new Told<double>(part => tell((from + part) / networks));
                return new(width, LargestLearningRate.Find(spec, data, Seeds, Least, Most, Rounds, progress));
            }

            return Parameterisations.Select(parameterisation =>
            {
                var measured = Widths.Select(width => Measure(parameterisation, width)).ToList();
                return new Found(parameterisation, measured, ExponentOf(measured), WidthLaw.Of(parameterisation).LargestLearningRate);
            }).ToList();
        });
    }

    /// <summary>Shows the learning rates in a table, the exponents below it.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="found">As <see cref="Run"/> gave them.</param>
    public void Write(IAnsiConsole console, IReadOnlyList<Found> found)
    {
        var table = new AlignedTable([("w", true), .. found.Select(one => (WidthChoice.Word(one.Parameterisation), true))]);
        for (var i = 0; i < Widths.Count; i++)
            table.Add([(Numbers.Whole(Widths[i]), Palette.Plain), .. found.Select(one => (Rate(one.Widths[i].Edges), Palette.Name))]);

        table.WriteTo(console);
        console.Line();
        foreach (var (parameterisation, _, exponent, expected) in found)
        {
            var law = Math.Abs(expected) < 1e-12 ? "no trend" : $"∝ w^{Numbers.Real(expected)}";
            console.Line(
                Palette.Plain,
                exponent is { } measured
                    ? $"{WidthChoice.Word(parameterisation)}: ε_max ∝ w^{Numbers.Fixed(measured.Mean, 2)} [{Numbers.Fixed(measured.Low, 2)}, {Numbers.Fixed(measured.High, 2)}]; theory: {law}: {WidthVerdict.Of(measured, expected)}"
                    : $"{WidthChoice.Word(parameterisation)}: fewer than two widths have their edge within {Numbers.Real(Least)} … {Numbers.Real(Most)}; theory: {law}");
        }

        console.Line();
        console.Prose(
            Palette.Quiet,
            $"The largest ε at which the training loss stays at or below its start through {Numbers.Whole(Updates)} updates at B = {Numbers.Whole(BatchSize)}, m = {Numbers.Real(Momentum)}: "
                + $"geometric means over {Seeds.Count} seeds, the spread of seeds behind them; exponents with 95 % intervals over seeds, which know nothing of the bisection's own step, a factor of {Numbers.Real(Math.Pow(Most / Least, Math.Pow(2, -Rounds)), 3)} "
                + $"(more --rounds make it finer). ok, near and off compare them with the theory to {WidthVerdict.Margin}. < and > mark edges outside --least … --most."
                + (Parameterisations.Contains(Parameterisation.MuP) ? $" The maximal update is the standard network at w = {Numbers.Whole(Family.BaseWidth)}." : ""));
    }

    /// <summary>The edges and exponents in JSON.</summary>
    /// <param name="found">As <see cref="Run"/> gave them.</param>
    public static string ToJson(IReadOnlyList<Found> found) => JsonSerializer.Serialize(found, MeasurementJson.WithNames);

    private static MeanInterval? ExponentOf(List<AtWidth> measured)
    {
        var whole = measured.FindAll(one => one.Edges.All(edge => double.IsFinite(edge.LearningRate)));
        return whole.Count < 2
            ? null
            : PowerOfWidth.Exponent(
                [.. whole.Select(one => one.Width)],
                [.. whole[0].Edges.Select((_, seed) => (IReadOnlyList<double>)[.. whole.Select(one => one.Edges[seed].LearningRate)])]);
    }

    private string Rate(IReadOnlyList<StabilityEdge> edges)
    {
        var rates = edges.Select(edge => edge.LearningRate).Where(double.IsFinite).ToList();
        if (rates.Count < edges.Count)
            return edges.Any(edge => edge.Stable > 0) ? $"> {Numbers.Real(Most, 3)}" : $"< {Numbers.Real(Least, 3)}";

        var middle = Math.Exp(rates.Average(Math.Log));
        return $"{Numbers.Real(middle, 3)} [{Numbers.Real(rates.Min(), 3)}, {Numbers.Real(rates.Max(), 3)}]";
    }
}
