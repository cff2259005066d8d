using System.Globalization;
using System.Text.Json;
using DiffSharp;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using Spectre.Console;

namespace NoiseScale.Cli.Measuring;

/// <summary>The noise scale of a network, measured along a schedule.</summary>
/// <param name="Data">The examples; their number is the schedule's.</param>
/// <param name="Hidden">Hidden widths; empty for softmax regression.</param>
/// <param name="Schedule">The schedule.</param>
/// <param name="Points">How many times to measure, evenly spaced, the start and the end among them; 1 for the start alone.</param>
/// <param name="Settings">How finely.</param>
public sealed record NoiseRun(ChosenData Data, IReadOnlyList<int> Hidden, Schedule Schedule, int Points, NoiseScaleSettings Settings)
{
    /// <summary>A measurement and where it stands.</summary>
    /// <param name="Epoch">Epochs of data seen.</param>
    /// <param name="Update">Updates taken.</param>
    /// <param name="LearningRate">ε there.</param>
    /// <param name="BatchSize">B there.</param>
    /// <param name="NoiseScale">What was measured.</param>
    public sealed record Point(double Epoch, long Update, double LearningRate, int BatchSize, NoiseScaleMeasurement NoiseScale);

    /// <summary>Trains, measuring on the way.</summary>
    public IReadOnlyList<Point> Run()
    {
        using var data = Data.Load();
        var network = new MultilayerPerceptron(data.Train.Shape, data.ClassCount, Hidden);
        using var scope = TorchSharp.torch.NewDisposeScope();
        var parameters = network.Initialise(Data.Seed, data.Train.Device);
        using var rule = UpdateRule.For(Schedule, parameters);
        using var reader = new BatchReader(data.Train, new NoiseScale.Torch.DataOrder(data.Train.Count, Data.Seed));
        var plan = Schedule.Plan();
        List<Point> points = [];
        void Measure(in PlannedUpdate update, long examples) => points.Add(new Point(
            (double)examples / data.Train.Count, rule.Updates, update.LearningRate, update.BatchSize,
            NoiseScaleMeasurement.Of(network, parameters, data.Train, Settings, Data.Seed + points.Count)));

        return TrainingBar.Fraction("training", tell =>
        {
            foreach (var update in plan)
            {
                if (points.Count < Points && update.Index * (Points - 1L) >= points.Count * plan.Updates)
                    Measure(update, update.FirstExample);

                if (Points == 1)
                    return points;

                using var step = TorchSharp.torch.NewDisposeScope();
                var (images, labels) = reader.Read(update.FirstExample, update.BatchSize);
                var loss = TorchSharp.torch.nn.functional.cross_entropy(network.Apply(parameters, images), labels);
                rule.Step(Gradient.Of(loss, parameters), update.LearningRate, update.Momentum);
                tell?.Invoke((update.Index + 1.0) / plan.Updates);
                if (update.Index == plan.Updates - 1)
                    Measure(update, update.EndExample);
            }

            return points;
        });
    }

    /// <summary>Shows the measurements in a table.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="points">As <see cref="Run"/> gave them.</param>
    public void Write(IAnsiConsole console, IReadOnlyList<Point> points)
    {
        List<(string, bool)> columns =
        [
            ("epoch", true), ("ε", true), ("B", true), ("C", true), ("‖G‖²", true), ("tr Σ", true), ("B_simple", true),
            ($"{Settings.ConfidenceLevel.ToString("P0", CultureInfo.InvariantCulture)}", true),
        ];
        if (Settings.Weighted)
            columns.AddRange([("B_noise", true), ("interval", true), ("ε_max", true), ("ε_opt(B)", true)]);

        var table = new AlignedTable([.. columns]);
        foreach (var (epoch, _, rate, batch, noise) in points)
        {
            List<(string, Style)> row =
            [
                (Numbers.Real(epoch, 3), Palette.Plain),
                (Numbers.Real(rate, 3), Palette.Plain),
                (Numbers.Whole(batch), Palette.Plain),
                (Numbers.Real(noise.Loss, 4), Palette.Plain),
                (Numbers.Real(noise.Simple.SquaredGradientNorm, 3), Palette.Plain),
                (Numbers.Real(noise.Simple.TraceOfCovariance, 3), Palette.Plain),
                (Scale(noise.Simple), Palette.Name),
                (Interval(noise.Simple), Palette.Quiet),
            ];
            if (Settings.Weighted)
            {
                var best = noise is { LargestLearningRate: { } largest, Weighted.SimpleNoiseScale: { } scale }
                    ? Numbers.Real(CriticalBatch.OptimalLearningRate(largest, scale, batch), 3)
                    : "–";
                row.AddRange(
                [
                    (noise.Weighted is { } weighted ? Scale(weighted) : "–", Palette.Name),
                    (noise.Weighted is { } again ? Interval(again) : "", Palette.Quiet),
                    (noise.LargestLearningRate is { } most ? Numbers.Real(most, 3) : "–", Palette.Plain),
                    (best, Palette.Plain),
                ]);
            }

            table.Add([.. row]);
        }

        table.WriteTo(console);
        console.Line();
        console.Prose(
            Palette.Quiet,
            $"B_simple = tr Σ/‖G‖² in examples, Σ the covariance of single examples' gradients: about the batch size beyond which a larger batch hardly saves updates, "
                + $"from {Settings.Batches} batches of {Settings.MicroBatches} × {Settings.MicroBatchSize} examples a point; its interval is Fieller's, and has no upper end where ‖G‖² cannot be told from 0."
                + (Settings.Weighted ? " B_noise = tr(HΣ)/GᵀHG weighs both by the Hessian, ε_max = ‖G‖²/GᵀHG, ε_opt(B) = ε_max/(1 + B_noise/B); – where the curvature along the gradients is not positive." : ""));
    }

    /// <summary>The measurements in JSON.</summary>
    /// <param name="points">As <see cref="Run"/> gave them.</param>
    public static string ToJson(IReadOnlyList<Point> points) => JsonSerializer.Serialize(points, MeasurementJson.WithNames);

    private static string Scale(GradientNoiseEstimate estimate) => estimate.SimpleNoiseScale is { } value ? Numbers.Real(value, 3) : "?";

    private static string Interval(GradientNoiseEstimate estimate) =>
        $"[{Numbers.Real(estimate.Low, 3)}, {(double.IsPositiveInfinity(estimate.High) ? "∞)" : Numbers.Real(estimate.High, 3) + "]")}";
}
