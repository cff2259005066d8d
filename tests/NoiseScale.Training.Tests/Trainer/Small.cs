using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests.Running;

/// <summary>A small problem that trains in milliseconds: 96 synthetic digits, a perceptron of 12 hidden units, a schedule that changes everything.</summary>
internal static class Small
{
    public const int TrainCount = 96;

    private static readonly Lazy<ImageDataSet> SharedData =
        new(() => SyntheticDigits.Generate(new SyntheticDigitsSettings { TrainCount = TrainCount, TestCount = 50, Seed = 7 }));

    public static ImageDataSet Data => SharedData.Value;

    public static Network Network { get; } = new MultilayerPerceptron(new ImageShape(1, 28, 28), 10, 12);

    /// <summary>Batches of 8, 32 and 48, carried over epochs; three learning rates; two momenta.</summary>
    public static Schedule Everything { get; } = Schedule.Parse(
        $"lr 0.1 /2 @2,3; batch 8 -> 32 @1 -> 48 @3; momentum 0.5 -> 0.9 @1.5; epochs 5; examples {TrainCount}; decay 0.001");

    public static double[] Values(IEnumerable<Tensor> tensors) =>
        [.. tensors.SelectMany(tensor => tensor.detach().to(torch.ScalarType.Float64).cpu().contiguous().data<double>().ToArray())];

    /// <summary>The final parameters of a run; what they are compared by bit for bit.</summary>
    public static double[] Train(Plan plan, TrainingSettings? settings = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var outcome = Trainer.Train(plan, Network, Data, settings, progress, cancellation);
        Check.Equal(null, outcome.Divergence);
        Check.Equal(plan.Updates, outcome.Updates);
        return Values(outcome.Parameters);
    }
}

/// <summary>Calls back at once, on the reporting thread; Progress&lt;T&gt; does so later, on another.</summary>
internal sealed class Tell<T>(Action<T> action) : IProgress<T>
{
    public void Report(T value) => action(value);
}
