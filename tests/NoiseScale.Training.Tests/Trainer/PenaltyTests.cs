using DiffSharp;
using Microsoft.FSharp.Core;
using Backward = NoiseScale.Theory.BackwardError;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using Tracked = DiffSharp.Tensor;

namespace NoiseScale.Training.Tests.Running;

/// <summary>The gradient that the trainer steps along, read off one update of learning rate 1: w₀ − w₁.</summary>
internal static class PenaltyTests
{
    private const double Coefficient = 0.7;
    private const int BatchSize = 24;

    public static Test All => TestList("gradient penalty",
    [
        TestCase("the step is the derivative of Ĉ + (λ/4)‖∇Ĉ‖² by central differences", CentralDifferences),
        TestCase("the step is the gradient that Theory's penalty has", LikeTheory),
        TestCase("a minibatch in pieces is penalised as a whole", InPieces),
        TestCase("coefficient 0 is no penalty, to the bit", ZeroIsOff),
        TestCase("the recorded batch loss is without the penalty", BatchLossIsBare),
        TestCase("a penalised run goes down its own loss", DescendsItsOwnLoss),
        TestCase("a penalised run leaves nothing behind", LeavesNothing),
        TestCase("refused where it is negative or not a number", Refused),
    ]);

    private static Plan OneUpdate => Schedule.Parse($"lr 1; batch {BatchSize}; epochs {(double)BatchSize / Small.TrainCount:R}; examples {Small.TrainCount}").Plan();

    private static double[] Step(TrainingSettings settings)
    {
        var start = Small.Network.Initialise(settings.Seed);
        var (before, after) = (Small.Values(start), Small.Train(OneUpdate, settings));
        Array.ForEach(start, tensor => tensor.Dispose());
        return [.. before.Zip(after, (a, b) => a - b)];
    }

    private static Batch FirstBatch(long seed)
    {
        using var reader = new BatchReader(Small.Data.Train, new DataOrder(Small.TrainCount, seed));
        return reader.Read(0, BatchSize);
    }

    private static Tensor Loss(IReadOnlyList<Tensor> parameters, in Batch batch) =>
        torch.nn.functional.cross_entropy(Small.Network.Apply(parameters, batch.Images.to(parameters[0].dtype)), batch.Labels);

    // in double precision, as an independent computation: the gradient is made of first derivatives alone
    private static double Penalised(Tensor[] parameters, in Batch batch)
    {
        using var scope = torch.NewDisposeScope();
        var loss = Loss(parameters, batch);
        var squares = Gradient.Of(loss, parameters).Sum(gradient => gradient.square().sum().item<double>());
        return loss.item<double>() + (Coefficient / 4 * squares);
    }

    private static void CentralDifferences()
    {
        using var scope = torch.NewDisposeScope();
        var step = Step(new TrainingSettings { Seed = 3, GradientPenalty = Coefficient });
        var batch = FirstBatch(3);
        var start = Small.Network.Initialise(3, elementType: torch.ScalarType.Float64);
        for (var direction = 0; direction < 6; direction++)
        {
            using var generator = new torch.Generator((ulong)direction, torch.CPU);
            Tensor[] along = [.. start.Select(tensor => torch.randn(tensor.shape, torch.ScalarType.Float64, generator: generator))];
            double At(double h)
            {
                using var size = h.ToScalar();
                Tensor[] moved = [.. start.Zip(along, (w, d) => w.detach().add(d, size).requires_grad_(true))];
                return Penalised(moved, batch);
            }

            // kinks of ReLU are too rare within 1e-6 to meet here; the seeds are fixed
            var slope = (At(1e-6) - At(-1e-6)) / 2e-6;
            var along64 = Small.Values(along);
            Check.Close(slope, step.Zip(along64, (a, b) => a * b).Sum(), 2e-4 * Math.Max(1, Math.Abs(slope)), $"slope along direction {direction}");
        }

        Array.ForEach(start, tensor => tensor.Dispose());
    }

    private static void LikeTheory()
    {
        using var scope = torch.NewDisposeScope();
        var batch = FirstBatch(4);
        var start = Small.Network.Initialise(4, elementType: torch.ScalarType.Float64);
        var loss = FuncConvert.FromFunc<Tracked[], Tracked>(w => Tracked.ofTorch(Loss(Array.ConvertAll(w, tensor => tensor.toTorch()), batch)));
        var (_, gradients) = Backward.GradientPenalty.gradient(Backward.PenaltyMethod.DoubleBackward, Coefficient, loss, Array.ConvertAll(start, tensor => Tracked.ofTorch(tensor.detach())));
        var theirs = Small.Values(gradients.Select(gradient => gradient.toTorch()));
        var ours = Step(new TrainingSettings { Seed = 4, GradientPenalty = Coefficient });

        // ours is a difference of float32 parameters, made with sums in float32
        Check.True(theirs.Max(Math.Abs) > 0.05, "the gradient is not small");
        Check.Close(0, ours.Zip(theirs, (a, b) => Math.Abs(a - b)).Max(), 1e-5, "the largest difference");
        Array.ForEach(start, tensor => tensor.Dispose());
    }

    private static void InPieces()
    {
        var settings = new TrainingSettings { Seed = 5, GradientPenalty = Coefficient };
        var whole = Step(settings);
        foreach (var size in new[] { 1, 7, 12, 23 })
            Check.Close(0, Step(settings with { MicroBatchSize = size }).Zip(whole, (a, b) => Math.Abs(a - b)).Max(), 1e-5, $"pieces of {size}");

        Check.True(Step(settings with { GradientPenalty = 0 }).Zip(whole, (a, b) => Math.Abs(a - b)).Max() > 1e-3, "the penalty matters");
    }

    private static void ZeroIsOff()
    {
        var plan = Small.Everything.Plan();
        Check.Sequence(
            Small.Train(plan, new TrainingSettings { Seed = 2 }),
            Small.Train(plan, new TrainingSettings { Seed = 2, GradientPenalty = 0, StepsPerMinibatch = 1, ModifiedLoss = new ModifiedLossSettings { Along = true } }));
    }

    private static void BatchLossIsBare()
    {
        using var scope = torch.NewDisposeScope();
        using var outcome = Trainer.Train(OneUpdate, Small.Network, Small.Data, new TrainingSettings { Seed = 6, GradientPenalty = 100 });
        var start = Small.Network.Initialise(6);
        Check.Close(Loss(start, FirstBatch(6)).item<float>(), outcome.Records[0].BatchLoss!.Value, 1e-6);
        Array.ForEach(start, tensor => tensor.Dispose());
    }

    // on the whole training set at once: what a penalised run goes down is C + (λ/4)‖∇C‖², and a run without does not go down it as far
    private static void DescendsItsOwnLoss()
    {
        const double large = 2;
        var plan = Schedule.Parse($"lr 0.005; batch {Small.TrainCount}; epochs 40; examples {Small.TrainCount}").Plan();
        double[] Along(double coefficient)
        {
            var settings = new TrainingSettings
            {
                Seed = 1,
                EvaluationEpochs = [0, 10, 20, 30],
                GradientPenalty = coefficient,
                ModifiedLoss = new ModifiedLossSettings { Along = true },
            };
            using var outcome = Trainer.Train(plan, Small.Network, Small.Data, settings);
            return [.. outcome.Records.Select(record => record.ModifiedLoss!.ModifiedLoss(large))];
        }

        var (with, without) = (Along(large), Along(0));
        Check.Equal(without[0], with[0]);
        Check.True(with.Zip(with.Skip(1)).All(pair => pair.Second < pair.First), $"[{string.Join(", ", with)}] falls");
        Check.True(with[^1] < without[^1], $"{with[^1]} with the penalty is below {without[^1]} without");
    }

    private static void LeavesNothing()
    {
        TrainingSettings[] all =
        [
            new(), new() { GradientPenalty = 0.1 }, new() { GradientPenalty = 0.1, MicroBatchSize = 20 }, new() { StepsPerMinibatch = 2 },
            new() { ModifiedLoss = new ModifiedLossSettings { ExactVariance = true } },
        ];
        foreach (var settings in all)
        {
            using var scope = torch.NewDisposeScope(); // for what reads the parameters
            Small.Train(Small.Everything.Plan(), settings);
            var live = Data.ImageDataSetTests.LiveTensors();
            using (torch.NewDisposeScope())
                Small.Train(Small.Everything.Plan(), settings);

            Check.Equal(live, Data.ImageDataSetTests.LiveTensors(), settings.ToString());
        }
    }

    private static void Refused()
    {
        foreach (var bad in new[] { -0.1, double.NaN, double.PositiveInfinity })
        {
            Check.Throws<ArgumentOutOfRangeException>(
                () => Trainer.Train(OneUpdate, Small.Network, Small.Data, new TrainingSettings { GradientPenalty = bad }), "GradientPenalty", "at least 0");
        }
    }
}
