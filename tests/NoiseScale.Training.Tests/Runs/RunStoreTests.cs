using System.Text.Json;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Tests.Running;

namespace NoiseScale.Training.Tests.Runs;

internal static class RunStoreTests
{
    public static Test All => TestList("run store",
    [
        TestCase("runs what is missing, once, and reads the rest", RunsWhatIsMissing),
        TestCase("results do not depend on what runs beside them", SameBesideOthers),
        TestCase("a run's name changes with everything that decides its numbers", HashSeesEverything),
        TestCase("the canonical text is stable", CanonicalTextIsStable),
        TestCase("a failed run is recorded with its reason and does not stop the rest", FailureIsRecorded),
        TestCase("a diverged run is a result", DivergenceIsAResult),
        TestCase("a damaged result is refused by name and made again", DamagedIsMadeAgain),
        TestCase("a cancelled sweep goes on from its checkpoints", CancelledGoesOn),
        TestCase("a subset is trained on", SubsetIsUsed),
        TestCase("provenance is complete", ProvenanceIsComplete),
        TestCase("progress ends at 1", ProgressEnds),
        TestCase("what does not fit is refused before anything runs", Refuses),
    ]);

    private static RunSpec Spec(long seed = 0, string schedule = "lr 0.1; batch 16 *2 @1; momentum 0.9; epochs 2; examples 96") => new()
    {
        Data = DataSpec.Of(Small.Data),
        Network = Small.Network,
        Schedule = Schedule.Parse(schedule),
        Seed = seed,
        EvaluationEpochs = [0, 0.5, 1],
    };

    private static void RunsWhatIsMissing()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(Path.Combine(folder.Path, "results"));
        RunSpec[] specs = [Spec(1), Spec(2), Spec(1)];
        Check.Equal(null, store.Find(specs[0]));
        var first = store.GetOrRun(specs, Small.Data);
        Check.Equal(3, first.Count);
        Check.True(first.All(result => result.Status == RunStatus.Completed), "all complete");
        Check.True(ReferenceEquals(first[0], first[2]), "equal specs are run once");
        Check.Equal(2, Directory.GetFileSystemEntries(store.Directory).Length);
        Check.Sequence([0.0, 0.5, 1, 2], first[0].Records.Select(record => record.RequestedEpoch));
        Check.Equal(specs[0].Plan().Updates, first[0].Updates);

        var times = Directory.GetFiles(store.Directory).ToDictionary(path => path, File.GetLastWriteTimeUtc);
        var second = store.GetOrRun([Spec(2), Spec(3), Spec(1)], Small.Data);
        Check.Sequence(first[1].Records, second[0].Records);
        Check.Sequence(first[0].Records, second[2].Records);
        Check.Equal(first[0].Provenance.Started, second[2].Provenance.Started);
        Check.True(times.All(entry => File.GetLastWriteTimeUtc(entry.Key) == entry.Value), "what was there has not been written again");
        Check.Equal(3, Directory.GetFiles(store.Directory).Length);
    }

    private static void SameBesideOthers()
    {
        using var folder = new TemporaryFolder();
        RunSpec[] specs = [.. Enumerable.Range(0, 6).Select(seed => Spec(seed))];
        var alone = new RunStore(Path.Combine(folder.Path, "alone")).GetOrRun(specs, Small.Data, new RunOptions { Workers = 1 });
        var together = new RunStore(Path.Combine(folder.Path, "together")).GetOrRun(specs, Small.Data, new RunOptions { Workers = 3 });
        foreach (var (a, b) in alone.Zip(together))
            Check.Sequence(a.Records, b.Records);

        Check.Equal(6, alone.Select(result => result.Final.TrainLoss).Distinct().Count());
        Check.Equal(3, together[0].Provenance.Workers);
    }

    private static void HashSeesEverything()
    {
        var spec = Spec();
        RunSpec[] others =
        [
            spec with { Seed = 1 },
            spec with { Data = new DataSpec("synthetic-digits", "another", 96) },
            spec with { Data = DataSpec.Of(Small.Data, 50, 1) },
            spec with { Data = DataSpec.Of(Small.Data, 50, 2) },
            spec with { Network = new MultilayerPerceptron(Small.Network.Input, 10, 13) },
            spec with { Schedule = spec.Schedule.WithWeightDecay(1e-9) },
            spec with { Schedule = spec.Schedule.WithOptimizer(Optimizers.Nesterov()) },
            spec with { PartialBatch = PartialBatch.Keep },
            spec with { Rounding = BatchRounding.CompensateExact },
            spec with { EvaluationEpochs = [0, 0.5] },
            spec with { TrainEvaluationSize = 50 },
            spec with { MicroBatchSize = 10 },
            spec with { Sampling = NoiseScale.Torch.Sampling.WithReplacement },
            spec with { Augmentation = new AugmentationSpec(2, false) },
            spec with { Augmentation = new AugmentationSpec(2, true) },
            spec with { Device = "cuda" },
            spec with { Threads = 2 },
            spec with { GradientPenalty = 0.1 },
            spec with { StepsPerMinibatch = 2 },
            spec with { ModifiedLoss = new ModifiedLossSettings() },
            spec with { ModifiedLoss = new ModifiedLossSettings { BatchSize = 16 } },
            spec with { ModifiedLoss = new ModifiedLossSettings { Along = true } },
            spec with { ModifiedLoss = new ModifiedLossSettings { ExactVariance = true } },
        ];
        Check.Equal(others.Length + 1, others.Append(spec).Select(s => s.Hash).Distinct().Count());
        Check.Equal(spec.Hash, Spec().Hash);
        Check.Equal(spec.Hash, (spec with { EvaluationEpochs = new List<double> { 0, 0.5, 1 } }).Hash);
    }

    private static void CanonicalTextIsStable()
    {
        var text = Spec(5).ToCanonicalJson();
        using var json = JsonDocument.Parse(text);
        Check.Sequence(
            ["data", "network", "schedule", "partialBatch", "rounding", "seed", "evaluationEpochs", "trainEvaluationSize", "microBatchSize", "sampling", "augmentation", "device", "threads"],
            json.RootElement.EnumerateObject().Select(property => property.Name));
        Check.Equal(5, json.RootElement.GetProperty("seed").GetInt32());
        Check.Equal(Spec().Schedule, Schedule.FromJson(json.RootElement.GetProperty("schedule").GetRawText()));
        Check.True(!text.Contains('\n', StringComparison.Ordinal), "no white space");
        Check.Equal(64, Spec().Hash.Length);
    }

    private static void FailureIsRecorded()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(folder.Path);

        // pieces of 8 cannot hold a ghost batch of 16
        var ghosts = new WideResNet(Small.Network.Input, 10, 10, 1, new ResidualNormalisation.GhostBatchNorm(16));
        var bad = Spec() with { Network = ghosts, MicroBatchSize = 8 };
        var results = store.GetOrRun([Spec(1), bad, Spec(2)], Small.Data);
        Check.Sequence([RunStatus.Completed, RunStatus.Failed, RunStatus.Completed], results.Select(result => result.Status));
        Check.True(results[1].FailureReason!.Contains("ghost batch", StringComparison.Ordinal), results[1].FailureReason!);
        Check.Throws<InvalidOperationException>(() => _ = results[1].Final, "Failed", "ghost batch");

        var kept = store.GetOrRun([bad], Small.Data, new RunOptions { RetryFailed = false })[0];
        Check.Equal(results[1].Provenance.Started, kept.Provenance.Started);
        var again = store.GetOrRun([bad], Small.Data)[0];
        Check.True(again.Provenance.Started > kept.Provenance.Started, "it is run again");
    }

    private static void DivergenceIsAResult()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(folder.Path);
        var spec = Spec(schedule: "lr 1e6; batch 8; momentum 0.9; epochs 20; examples 96");
        var result = store.GetOrRun([spec], Small.Data)[0];
        Check.Equal(RunStatus.Diverged, result.Status);
        Check.True(result.Divergence is { Update: > 0 } && !double.IsFinite(result.Divergence.Loss), "where it diverged is recorded");
        var read = store.Find(spec)!;
        Check.Equal(result.Divergence, read.Divergence);
        Check.Equal(result.Provenance.Started, store.GetOrRun([spec], Small.Data)[0].Provenance.Started);
    }

    private static void DamagedIsMadeAgain()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(folder.Path);
        var (spec, other) = (Spec(1), Spec(2));
        var expected = store.GetOrRun([spec, other], Small.Data);
        var path = store.PathOf(spec);
        var content = File.ReadAllBytes(path);
        foreach (var (damage, reason) in new (byte[], string)[]
        {
            (content[..(content.Length / 2)], "is not a result"),
            ([], "is not a result"),
            (File.ReadAllBytes(store.PathOf(other)), "another spec"),
            (System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(content).Replace("\"version\": 1", "\"version\": 99", StringComparison.Ordinal)), "noisescale/run 99"),
        })
        {
            File.WriteAllBytes(path, damage);
            Check.Throws<InvalidDataException>(() => store.Find(spec), Path.GetFileName(path), reason);
            var warnings = new List<string>();
            var again = store.GetOrRun([spec], Small.Data, new RunOptions { Warn = warnings.Add })[0];
            Check.Sequence(expected[0].Records, again.Records);
            Check.True(warnings.Count == 1 && warnings[0].Contains(reason, StringComparison.Ordinal), "it is said");
        }
    }

    private static void CancelledGoesOn()
    {
        using var folder = new TemporaryFolder();
        var spec = Spec(3);
        var expected = new RunStore(Path.Combine(folder.Path, "whole")).GetOrRun([spec], Small.Data)[0];
        var store = new RunStore(Path.Combine(folder.Path, "parts"));
        var options = new RunOptions { CheckpointInterval = TimeSpan.Zero, Workers = 1 };
        using (var source = new CancellationTokenSource())
        {
            Check.Throws<OperationCanceledException>(() =>
                store.GetOrRun([spec], Small.Data, options, new Tell<RunStoreProgress>(_ => source.Cancel()), source.Token));
        }

        Check.Equal(null, store.Find(spec));
        var result = store.GetOrRun([spec], Small.Data, options)[0];
        Check.True(result.Provenance.ResumedAt > 0, "it was resumed");
        Check.Sequence(expected.Records, result.Records);
        Check.Sequence([], Directory.EnumerateDirectories(Path.Combine(store.Directory, "unfinished")));
    }

    private static void SubsetIsUsed()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(folder.Path);
        RunSpec Subset(long seed) => Spec(schedule: "lr 0.1; batch 16; epochs 2; examples 48") with { Data = DataSpec.Of(Small.Data, 48, seed) };
        var results = store.GetOrRun([Subset(1), Subset(2)], Small.Data);
        Check.Sequence([6L, 6], results.Select(result => result.Updates));
        using var subset = Small.Data.Take(48, 1);
        using var direct = Trainer.Train(Subset(1).Plan(), Small.Network, subset, new TrainingSettings { EvaluationEpochs = [0, 0.5, 1] });
        Check.Sequence(direct.Records, results[0].Records);
        Check.True(results[0].Final.TrainLoss != results[1].Final.TrainLoss, "another subset is another run");
    }

    private static void ProvenanceIsComplete()
    {
        using var folder = new TemporaryFolder();
        var spec = Spec(9);
        var provenance = new RunStore(folder.Path).GetOrRun([spec], Small.Data)[0].Provenance;
        Check.Equal(9L, provenance.Seed);
        Check.Equal(Small.Data.Hash, provenance.DataHash);
        Check.Equal("cpu", provenance.Device);
        Check.Equal(1, provenance.Threads);
        Check.True(provenance.LibTorchVersion.StartsWith("2.", StringComparison.Ordinal), provenance.LibTorchVersion);
        Check.True(provenance.WallSeconds > 0, "it took time");
        Check.True(provenance.LibraryVersion.StartsWith("0.", StringComparison.Ordinal), provenance.LibraryVersion);
        foreach (var text in new[] { provenance.TorchSharpVersion, provenance.DotNet, provenance.OperatingSystem, provenance.Processor })
            Check.True(text.Length > 0, "is said");
    }

    private static void ProgressEnds()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(folder.Path);
        store.GetOrRun([Spec(1)], Small.Data);
        var reports = new List<RunStoreProgress>();
        store.GetOrRun([Spec(1), Spec(2), Spec(3)], Small.Data, progress: new Tell<RunStoreProgress>(reports.Add));
        Check.Close(1, reports[^1].Fraction, 1e-12);
        Check.Equal((3, 3, 1, 0), (reports[^1].Done, reports[^1].Total, reports[^1].Found, reports[^1].Failed));
        Check.Sequence(reports.Select(report => report.Fraction).Order(), reports.Select(report => report.Fraction));
    }

    private static void Refuses()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(Path.Combine(folder.Path, "results"));
        void Run(RunSpec spec, RunOptions? options = null) => store.GetOrRun([Spec(1), spec], Small.Data, options);
        Check.Throws<ArgumentException>(() => Run(Spec(schedule: "lr 0.1; batch 8; epochs 1; examples 100")), "100", "96");
        Check.Throws<ArgumentException>(() => Run(Spec() with { Device = "tpu" }), "tpu");
        Check.Throws<ArgumentOutOfRangeException>(() => Run(Spec() with { Threads = 0 }), "Threads");
        Check.Throws<ArgumentOutOfRangeException>(() => Run(Spec() with { EvaluationEpochs = [3] }), "EvaluationEpochs");
        Check.Throws<ArgumentException>(() => Run(Spec() with { Data = new DataSpec("mnist", "abc", 96) }), "mnist with hash abc");
        Check.Throws<ArgumentOutOfRangeException>(() => Run(Spec(), new RunOptions { Workers = 0 }), "Workers");
        Check.Throws<ArgumentOutOfRangeException>(() => DataSpec.Of(Small.Data, 97, 0), "trainingSetSize");
        Check.True(!Directory.Exists(store.Directory), "nothing has been run");
    }
}
