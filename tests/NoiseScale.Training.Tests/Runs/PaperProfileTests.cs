using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Tests.Running;

namespace NoiseScale.Training.Tests.Runs;

/// <summary>
/// What the paper profile of P1 runs, a few updates of it on made-up images in CIFAR-10's files: the Wide-ResNet 16-4 itself, crops and
/// flips, ghost batches and pieces of a batch that do not divide it, every optimizer, evaluations, interruption and resumption.
/// </summary>
internal static class PaperProfileTests
{
    private const int Ghost = 4;
    private const string Growing = "lr 0.1 /2 @0.125; batch 5 -> 10 @0.125; momentum 0.9; epochs 0.375; examples 40; decay 0.0005";

    private static readonly (string Name, string Schedule, ResidualNormalisation Normalisation)[] Arms =
    [
        ("heavy ball", Growing, new ResidualNormalisation.GhostBatchNorm(Ghost)),
        ("heavy ball, SkipInit", Growing, new ResidualNormalisation.SkipInit()),
        ("Nesterov", Growing + "; optimizer nesterov", new ResidualNormalisation.GhostBatchNorm(Ghost)),
        ("SGD", Growing.Replace("momentum 0.9; ", "") + "; optimizer sgd", new ResidualNormalisation.GhostBatchNorm(Ghost)),
        ("Adam", Growing.Replace("momentum 0.9; ", "").Replace("lr 0.1", "lr 0.001") + "; optimizer adam", new ResidualNormalisation.GhostBatchNorm(Ghost)),
    ];

    public static Test All => TestCase("the paper profile's runs train on CIFAR-10's files, and go on after every update as if not stopped", () =>
    {
        using var folder = new TemporaryFolder();
        WriteImages(folder.Path);
        using var data = Cifar10.Load(folder.Path);
        RunSpec[] specs = [.. Arms.Select(arm => Spec(data, Schedule.Parse(arm.Schedule), arm.Normalisation))];
        var plain = specs[0] with { Augmentation = null };

        var results = new RunStore(Path.Combine(folder.Path, "at once")).GetOrRun([.. specs, plain], data, new RunOptions { Workers = 2 });

        foreach (var (arm, result) in Arms.Zip(results))
        {
            Check.Equal((arm.Name, RunStatus.Completed, null), (arm.Name, result.Status, result.FailureReason));
            Check.Equal((arm.Name, 2L), (arm.Name, result.Updates));
            Check.Sequence([0.125, 0.375], result.Records.Select(record => record.RequestedEpoch), arm.Name);
        }

        // no two of them are the same run under two names
        Check.Equal(results.Count, results.Select(result => result.Final.TrainLoss).Distinct().Count());

        foreach (var i in (int[])[0, Arms.Length - 1])
            Check.Sequence(results[i].Records, Interrupted(specs[i], data, Path.Combine(folder.Path, "piecemeal")).Records, Arms[i].Name);
    });

    private static RunSpec Spec(ImageDataSet data, Schedule schedule, ResidualNormalisation normalisation) => new()
    {
        Data = DataSpec.Of(data),
        Network = new WideResNet(data.Train.Shape, data.ClassCount, 16, 4, normalisation),
        Schedule = schedule,
        Seed = 1,
        EvaluationEpochs = [0.125],
        TrainEvaluationSize = 5,
        MicroBatchSize = 9, // 8 for the sake of whole ghost batches
        Augmentation = new AugmentationSpec(),
    };

    // stopped after every update and begun again, until it is done
    private static RunResult Interrupted(RunSpec spec, ImageDataSet data, string folder)
    {
        var options = new RunOptions { Workers = 1, CheckpointInterval = TimeSpan.FromHours(1) };
        for (var session = 0L; ; session++)
        {
            using var stop = new CancellationTokenSource();
            try
            {
                var result = new RunStore(folder).GetOrRun([spec], data, options, new Tell<RunStoreProgress>(_ => stop.Cancel()), stop.Token).Single();
                Check.Equal(result.Updates, session); // the session of the last update was stopped too, after its result was written
                Check.Equal(result.Updates - 1, result.Provenance.ResumedAt);
                return result;
            }
            catch (OperationCanceledException)
            {
                Check.True(session < spec.Plan().Updates, "every session takes an update");
            }
        }
    }

    // 8 images a file, 4 for the test: stripes whose direction and width tell the class, and noise
    private static void WriteImages(string folder)
    {
        var random = new Random(1);
        foreach (var name in Cifar10.Files)
        {
            using var file = File.Create(Path.Combine(folder, name));
            for (var image = 0; image < (name.StartsWith("test", StringComparison.Ordinal) ? 4 : 8); image++)
            {
                var label = random.Next(10);
                file.WriteByte((byte)label);
                for (var place = 0; place < 3 * 32 * 32; place++)
                {
                    var across = label < 5 ? place % 32 : place / 32 % 32;
                    file.WriteByte((byte)((across * (1 + (label % 5)) * 16 % 128) + random.Next(128)));
                }
            }
        }
    }
}
