namespace NoiseScale.Training.Tests.Running;

internal static class CheckpointTests
{
    private static readonly double[] Evaluations = [0.5, 2.25, 3];

    public static Test All => TestList("checkpoints",
    [
        TestList("a run interrupted after every update ends with the bits of the uninterrupted one",
            from schedule in new[]
            {
                Small.Everything,
                Small.Everything.WithOptimizer(Optimizers.Nesterov(MomentumConvention.LearningRateInside)),
                Schedule.Parse($"lr 0.01 /2 @2,3; batch 8 -> 32 @1 -> 48 @3; epochs 5; examples {Small.TrainCount}; optimizer adam; average 0.8"),
            }
            select TestCase(schedule.Optimizer.ToString(), () => InterruptedEverywhere(schedule))),
        TestCase("a run stopped at random updates goes on with the same bits", StoppedAtRandom),
        TestCase("a damaged checkpoint is refused by name and the one before is used", DamagedIsRefused),
        TestCase("a checkpoint of another run is refused", OfAnotherRun),
        TestCase("the newest two are kept", KeepsTwo),
    ]);

    private static TrainingSettings Settings(string folder, long everyUpdates) => new()
    {
        Seed = 11,
        EvaluationEpochs = Evaluations,
        Checkpoints = new CheckpointSettings(folder) { Interval = null, EveryUpdates = everyUpdates },
    };

    private static (double[] Parameters, IReadOnlyList<TrainingRecord> Records) Uninterrupted(Plan plan)
    {
        using var outcome = Trainer.Train(plan, Small.Network, Small.Data, new TrainingSettings { Seed = 11, EvaluationEpochs = Evaluations });
        return (Small.Values(outcome.Parameters.Concat(outcome.AveragedParameters ?? [])), outcome.Records);
    }

    private static void MustEqual((double[] Parameters, IReadOnlyList<TrainingRecord> Records) expected, TrainingOutcome outcome)
    {
        Check.Sequence(expected.Parameters, Small.Values(outcome.Parameters.Concat(outcome.AveragedParameters ?? [])), "parameters");
        Check.Sequence(expected.Records, outcome.Records, "records");
    }

    private static void InterruptedEverywhere(Schedule schedule)
    {
        using var folder = new TemporaryFolder();
        var plan = schedule.Plan();
        var expected = Uninterrupted(plan);
        for (long sessions = 0; ; sessions++)
        {
            // the first report comes after one update: every session takes one and is cancelled
            using var source = new CancellationTokenSource();
            try
            {
                using var outcome = Trainer.Train(
                    plan, Small.Network, Small.Data, Settings(folder.Path, 1_000_000), new Tell<TrainingProgress>(_ => source.Cancel()), source.Token);
                MustEqual(expected, outcome);
                Check.Equal(plan.Updates - 1, sessions);
                Check.Equal(sessions, outcome.ResumedAt);
                return;
            }
            catch (OperationCanceledException)
            {
                Check.True(sessions < plan.Updates, "every session takes an update");
            }
        }
    }

    private static void StoppedAtRandom()
    {
        var plan = Small.Everything.Plan(PartialBatch.Keep);
        var expected = Uninterrupted(plan);
        var random = new Random(1);
        for (var trial = 0; trial < 5; trial++)
        {
            using var folder = new TemporaryFolder();
            var every = random.NextInt64(1, plan.Updates);
            using (var first = Trainer.Train(plan, Small.Network, Small.Data, Settings(folder.Path, every)))
                MustEqual(expected, first);

            using var second = Trainer.Train(plan, Small.Network, Small.Data, Settings(folder.Path, every));
            Check.Equal(plan.Updates / every * every, second.ResumedAt);
            Check.Sequence([], second.RefusedCheckpoints);
            MustEqual(expected, second);
        }
    }

    private static void DamagedIsRefused()
    {
        var plan = Small.Everything.Plan();
        var expected = Uninterrupted(plan);
        var damages = new (string File, Func<byte[], byte[]?> Damage, string Reason)[]
        {
            ("tensors.bin", content => Flipped(content, content.Length / 2), "tensors.bin is damaged"),
            ("tensors.bin", content => content[..^1], "tensors.bin is damaged"),
            ("manifest.json", content => Flipped(content, content.Length / 3), "manifest.json is damaged"),
            ("manifest.json", content => content[..(content.Length / 2)], "manifest.json is damaged"),
            ("manifest.sha256", _ => [], "manifest.json is damaged"),
            ("tensors.bin", _ => null, "tensors.bin is missing"),
        };
        foreach (var (file, damage, reason) in damages)
        {
            using var folder = new TemporaryFolder();
            Trainer.Train(plan, Small.Network, Small.Data, Settings(folder.Path, 7)).Dispose();
            var newest = Directory.EnumerateDirectories(folder.Path).Max()!;
            var path = Path.Combine(newest, file);
            if (damage(File.ReadAllBytes(path)) is { } content)
                File.WriteAllBytes(path, content);
            else
                File.Delete(path);

            using var outcome = Trainer.Train(plan, Small.Network, Small.Data, Settings(folder.Path, 7));
            Check.Equal((plan.Updates / 7 * 7) - 7, outcome.ResumedAt);
            Check.Equal(1, outcome.RefusedCheckpoints.Count);
            Check.True(outcome.RefusedCheckpoints[0].Contains(Path.GetFileName(newest), StringComparison.Ordinal), "the refusal names the checkpoint");
            Check.True(outcome.RefusedCheckpoints[0].Contains(reason, StringComparison.Ordinal), $"'{outcome.RefusedCheckpoints[0]}' has '{reason}'");
            MustEqual(expected, outcome);
        }
    }

    private static byte[] Flipped(byte[] content, int at)
    {
        content[at] ^= 1;
        return content;
    }

    private static void OfAnotherRun()
    {
        using var folder = new TemporaryFolder();
        Trainer.Train(Small.Everything.Plan(), Small.Network, Small.Data, Settings(folder.Path, 10)).Dispose();
        using var other = Trainer.Train(Small.Everything.Plan(), Small.Network, Small.Data, Settings(folder.Path, 10) with { Seed = 12 });
        Check.Equal(0L, other.ResumedAt);
        Check.True(other.RefusedCheckpoints.Count == 2 && other.RefusedCheckpoints.All(text => text.Contains("another run", StringComparison.Ordinal)), "both are refused");
    }

    private static void KeepsTwo()
    {
        using var folder = new TemporaryFolder();
        var plan = Small.Everything.Plan();
        Trainer.Train(plan, Small.Network, Small.Data, Settings(folder.Path, 5)).Dispose();
        var last = plan.Updates / 5 * 5;
        Check.Sequence(
            [$"checkpoint-{last - 5:D12}", $"checkpoint-{last:D12}"],
            Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
    }
}
