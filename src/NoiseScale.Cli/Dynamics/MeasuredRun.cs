using System.Globalization;
using System.Text.Json;
using DiffSharp;
using NoiseScale.Cli.Measuring;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using Spectre.Console;

namespace NoiseScale.Cli.Dynamics;

/// <summary>A training run along which the parts of the modified loss are measured.</summary>
/// <param name="Schedule">The schedule; its training set is the first so many examples, in an order that the seed draws.</param>
/// <param name="Data">The folder of real images; null for NOISESCALE_DATA, else synthetic digits.</param>
/// <param name="Widths">Hidden widths of the perceptron.</param>
/// <param name="Points">How many times to measure, evenly spaced, the start and the end among them.</param>
/// <param name="Penalty">λ of a gradient penalty.</param>
/// <param name="ExactVariance">Whether Γ is summed over single examples.</param>
/// <param name="Seed">Draws the examples, the initial parameters and the order of the data.</param>
public sealed record MeasuredRun(
    Schedule Schedule, string? Data, IReadOnlyList<int> Widths, int Points, double Penalty, bool ExactVariance, long Seed)
{
    /// <summary>Trains, measuring on the way.</summary>
    /// <returns>The records; at each point C, ‖∇C‖², C_reg and Γ.</returns>
    public IReadOnlyList<TrainingRecord> Run()
    {
        TorchRuntime.EnableProcessSwitches();
        TorchRuntime.Ensure();
        using var all = ChosenData.Load(Data);
        var wanted = Schedule.TrainingSetSize;

        if (wanted > all.Train.Count)
        {
            throw CommandFailure.Refusal(
                $"The schedule is for {Numbers.Whole(wanted)} examples, and {all.Name} has {Numbers.Whole(all.Train.Count)}.",
                "Give the schedule no more examples than there are.");
        }

        using var data = wanted < all.Train.Count ? all.Take((int)wanted, Seed) : all;
        var network = new MultilayerPerceptron(data.Train.Shape, data.ClassCount, Widths);
        var settings = new TrainingSettings
        {
            Seed = Seed,
            GradientPenalty = Penalty,
            Device = TorchRuntime.DefaultDevice,
            EvaluationEpochs = [.. Enumerable.Range(0, Points).Select(i => Schedule.Epochs.Value * i / (Points - 1))],
            ModifiedLoss = new ModifiedLossSettings { Along = true, ExactVariance = ExactVariance },
        };
        return TrainingBar.Follow<IReadOnlyList<TrainingRecord>>(progress =>
        {
            using var outcome = Trainer.Train(Schedule.Plan(), network, data, settings, progress);

            if (outcome.Divergence is { } divergence)
            {
                throw CommandFailure.Refusal(
                    $"Training diverged at epoch {Numbers.Real(divergence.Epoch, 3)}: the loss became {divergence.Loss.ToString(CultureInfo.InvariantCulture)}.",
                    "A smaller learning rate may help.");
            }

            return outcome.Records;
        });
    }

    /// <summary>Shows the records in a table.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="records">The records of the run.</param>
    public void Write(IAnsiConsole console, IReadOnlyList<TrainingRecord> records)
    {
        var table = new AlignedTable(
            ("epoch", true), ("ε", true), ("C", true), ("‖∇C‖²", true), ("C_reg", true), (ExactVariance ? "Γ" : "Γ (estimate)", true), ("C̃", true), ("test accuracy", true));

        foreach (var record in records)
        {
            var measured = record.ModifiedLoss!;
            var loss = At(record);
            table.Add(
                (Numbers.Real(record.Epoch, 3), Palette.Plain),
                (Numbers.Real(Schedule.LearningRate.ValueAt(record.RequestedEpoch), 3), Palette.Plain),
                (Numbers.Real(measured.Loss, 4), Palette.Plain),
                (Numbers.Real(measured.SquaredGradientNorm, 3), Palette.Plain),
                (Numbers.Real(measured.MinibatchRegulariser, 3), Palette.Plain),
                (measured.GradientVariance is { } variance ? Numbers.Real(variance, 3) : "–", Palette.Plain),
                (loss is { } value ? Numbers.Real(value, 4) : "–", Palette.Plain),
                (Numbers.Percent(record.TestAccuracy), Palette.Plain));
        }

        table.WriteTo(console);
        console.Line();
        console.Prose(
            Palette.Quiet,
            "C and its gradient are those of the training set, in nats; C_reg = (1/4m) Σ ‖∇Ĉ_k‖² over minibatches of the plan's last size; Γ is the trace of the "
                + "covariance of the examples' gradients; C̃ = C + a‖∇C‖² + bΓ is what the schedule's iterates descend at that time, in expectation over shuffling "
                + "and to first order in ε" + (Penalty > 0 ? ", the penalty included." : "."));
    }

    /// <summary>The records in JSON.</summary>
    /// <param name="records">The records of the run.</param>
    public string ToJson(IReadOnlyList<TrainingRecord> records) => JsonSerializer.Serialize(
        records.Select(record => new
        {
            epoch = record.Epoch,
            update = record.Update,
            learningRate = Schedule.LearningRate.ValueAt(record.RequestedEpoch),
            loss = record.ModifiedLoss!.Loss,
            squaredGradientNorm = record.ModifiedLoss.SquaredGradientNorm,
            regulariser = record.ModifiedLoss.MinibatchRegulariser,
            gradientVariance = record.ModifiedLoss.GradientVariance,
            gradientVarianceIsEstimated = record.ModifiedLoss.GradientVarianceIsEstimated,
            modifiedLoss = At(record),
            testAccuracy = record.TestAccuracy,
        }),
        new JsonSerializerOptions { WriteIndented = true });

    // null where Γ is not known, or the optimizer has no such loss
    private double? At(TrainingRecord record) =>
        record.ModifiedLoss is { GradientVariance: { } variance } measured && !IsAdam
            ? Schedule.ModifiedLossAt(record.RequestedEpoch).Value(measured.Loss, measured.SquaredGradientNorm, variance)
                + (Penalty * measured.ExpectedRegulariser ?? 0)
            : null;

    private bool IsAdam => Schedule.Optimizer is AdamOptimizer or AdamWOptimizer;
}
