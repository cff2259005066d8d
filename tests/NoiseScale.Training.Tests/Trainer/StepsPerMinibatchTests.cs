using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests.Running;

internal static class StepsPerMinibatchTests
{
    public static Test All => TestList("steps per minibatch",
    [
        TestCase("n steps on a minibatch are n plain steps", AreSteps),
        TestCase("one is plain SGD, to the bit", () =>
            Check.Sequence(Small.Train(Small.Everything.Plan()), Small.Train(Small.Everything.Plan(), new TrainingSettings { StepsPerMinibatch = 1 }))),
        TestCase("in pieces they are the same steps", InPieces),
        TestCase("epochs count data: as many updates of the plan, whatever n", CountsData),
        TestCase("a run with penalty and steps, interrupted after every update, ends with the bits of the uninterrupted one", Resumes),
        TestCase("refused below 1", () => Check.Throws<ArgumentOutOfRangeException>(
            () => Small.Train(Small.Everything.Plan(), new TrainingSettings { StepsPerMinibatch = 0 }), "StepsPerMinibatch", "at least 1")),
    ]);

    // by hand: the same gradients and w ← w − αg, in TorchSharp's own arithmetic
    private static void AreSteps()
    {
        const double rate = 0.05;
        var plan = Schedule.Parse($"lr {rate}; batch 16; epochs 2; examples {Small.TrainCount}").Plan();
        foreach (var n in new[] { 2, 5 })
        {
            using var scope = torch.NewDisposeScope();
            var parameters = Small.Network.Initialise(9);
            using var reader = new BatchReader(Small.Data.Train, new DataOrder(Small.TrainCount, 9));
            using var minus = (-rate).ToScalar();
            foreach (var update in plan.From(0))
            {
                var (images, labels) = reader.Read(update.FirstExample, update.BatchSize);
                for (var step = 0; step < n; step++)
                {
                    torch.nn.functional.cross_entropy(Small.Network.Apply(parameters, images), labels).backward();
                    using var noGrad = torch.no_grad();
                    foreach (var parameter in parameters)
                    {
                        parameter.add_(parameter.grad!, minus);
                        parameter.grad = null;
                    }
                }
            }

            var ours = Small.Train(plan, new TrainingSettings { Seed = 9, StepsPerMinibatch = n });
            Check.Close(0, ours.Zip(Small.Values(parameters), (a, b) => Math.Abs(a - b)).Max(), 1e-6, $"the largest difference of {n} steps");
            Array.ForEach(parameters, parameter => parameter.Dispose());
        }
    }

    private static void InPieces()
    {
        var plan = Schedule.Parse($"lr 0.05; batch 16; epochs 1; examples {Small.TrainCount}").Plan();
        var settings = new TrainingSettings { StepsPerMinibatch = 3, Augmentation = new CropAndFlip(1, 2, false) };
        var whole = Small.Train(plan, settings);
        Check.Close(0, Small.Train(plan, settings with { MicroBatchSize = 5 }).Zip(whole, (a, b) => Math.Abs(a - b)).Max(), 1e-5, "the largest difference");
    }

    private static void CountsData()
    {
        var plan = Small.Everything.Plan();
        using var outcome = Trainer.Train(plan, Small.Network, Small.Data, new TrainingSettings { StepsPerMinibatch = 4, EvaluationEpochs = [0, 1] });
        Check.Equal(plan.Updates, outcome.Updates);
        Check.Sequence([0.0, 1, 5], outcome.Records.Select(record => record.RequestedEpoch));
        Check.Equal(plan.Updates, outcome.Records[^1].Update);
    }

    private static void Resumes()
    {
        var plan = Schedule.Parse($"lr 0.05; batch 8 -> 32 @1; momentum 0.5; epochs 3; examples {Small.TrainCount}; decay 0.001").Plan();
        var settings = new TrainingSettings
        {
            Seed = 11,
            EvaluationEpochs = [0.5, 2],
            GradientPenalty = 0.2,
            StepsPerMinibatch = 3,
            ModifiedLoss = new ModifiedLossSettings { BatchSize = 8, Along = true, ExactVariance = true },
        };
        using var uninterrupted = Trainer.Train(plan, Small.Network, Small.Data, settings);
        var expected = Small.Values(uninterrupted.Parameters);
        using var folder = new TemporaryFolder();
        settings = settings with { Checkpoints = new CheckpointSettings(folder.Path) { Interval = null, EveryUpdates = 1_000_000 } };
        for (long sessions = 0; ; sessions++)
        {
            using var source = new CancellationTokenSource();
            try
            {
                using var outcome = Trainer.Train(
                    plan, Small.Network, Small.Data, settings, new Tell<TrainingProgress>(_ => source.Cancel()), source.Token);
                Check.Sequence(expected, Small.Values(outcome.Parameters), "parameters");
                Check.Sequence(uninterrupted.Records, outcome.Records, "records");
                Check.True(outcome.Records.All(record => record.ModifiedLoss is { GradientVarianceIsEstimated: false }), "measured along the run");
                Check.Equal(sessions, outcome.ResumedAt);
                return;
            }
            catch (OperationCanceledException)
            {
                Check.True(sessions < plan.Updates, "every session takes an update");
            }
        }
    }
}
