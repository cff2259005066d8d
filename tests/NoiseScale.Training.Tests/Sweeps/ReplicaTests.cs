using NoiseScale.Torch;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps.Replicas;
using NoiseScale.Training.Tests.Running;

namespace NoiseScale.Training.Tests.Sweeping;

internal static class ReplicaTests
{
    private static readonly ImageShape Shape = new(1, 28, 28);

    public static Test All => TestList("replicas",
    [
        .. Networks.Select(network => TestCase($"together as one by one: {network.Name}", () => SameAsOneByOne(network))),
        .. Networks.Select(network => TestCase($"the same bits whoever is beside: {network.Name}", () => SameBitsInAnyCompany(network))),
        TestCase("optimizers, weight decay and schedules of each kind", EveryOptimizer),
        TestCase("a replica that diverges does not disturb the others", DivergenceStaysWithin),
        TestCase("subsets, batches across epochs and every sampling", EveryOrder),
        TestCase("stopped and resumed, the same bits", Resumes),
        TestCase("what cannot go together is refused", Refuses),
        TestCase("how many go together depends on the network's size", HowMany),
    ]);

    private static IReadOnlyList<Network> Networks =>
    [
        new MultilayerPerceptron(Shape, 10), new MultilayerPerceptron(Shape, 10, 12), new MultilayerPerceptron(Shape, 10, 33, 20), new MultilayerPerceptron(Shape, 10, 200),
        new ConvolutionalNetwork(Shape, 10, 3, 5), new ConvolutionalNetwork(Shape, 10),
        ParameterisedNetwork.Of(new MultilayerPerceptron(Shape, 10, 33, 20), Parameterisation.MuP, 0.5),
        ParameterisedNetwork.Of(new ConvolutionalNetwork(Shape, 10, 3, 5), Parameterisation.MuP, 2),
    ];

    // 96 examples in batches of 20 that cross epochs; seeds, rates, momenta and decays all differ
    private static RunSpec Spec(int i, Network? network = null, string optimizer = "heavy-ball", string rest = "") => new()
    {
        Data = DataSpec.Of(Small.Data),
        Network = network ?? Small.Network,
        Schedule = Schedule.Parse(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"lr {0.02 + (0.01 * i)}; batch 20; {(optimizer is "sgd" or "adam" ? "" : $"momentum {0.5 + (0.05 * i)}; ")}epochs 4; examples 96; decay {1e-3 * i}; optimizer {optimizer}{rest}")),
        Seed = i,
        EvaluationEpochs = [0, 1, 2.5],
        Stacked = true,
    };

    private static IReadOnlyList<TrainingOutcome> Together(params IEnumerable<RunSpec> specs) => ReplicaTrainer.Train([.. specs.Select(spec => (spec, Small.Data))]);

    private static TrainingOutcome Alone(RunSpec spec) => Trainer.Train(
        spec.Plan(), spec.Network, Small.Data, new TrainingSettings { Seed = spec.Seed, EvaluationEpochs = spec.EvaluationEpochs, Sampling = spec.Sampling });

    private static void SameAsOneByOne(Network network)
    {
        RunSpec[] specs = [.. Enumerable.Range(0, 7).Select(i => Spec(i, network))];
        foreach (var (spec, together) in specs.Zip(Together(specs)))
        {
            using (together)
            {
                using var alone = Alone(spec);
                Agree(alone, together);
            }
        }
    }

    // float32 rounds to 6e-8 of a number; some twenty updates add and amplify that, to well under 1e-5 of the largest parameter
    private static void Agree(TrainingOutcome alone, TrainingOutcome together)
    {
        Check.Equal(alone.Updates, together.Updates);
        Check.Equal(alone.Records.Count, together.Records.Count);
        foreach (var (expected, actual) in alone.Parameters.Zip(together.Parameters))
            Check.Close(expected, actual, 1e-5 * Math.Max(0.1, expected.abs().max().item<float>()));

        foreach (var (expected, actual) in alone.Records.Zip(together.Records))
        {
            Check.Equal((expected.Update, expected.Epoch, expected.RequestedEpoch), (actual.Update, actual.Epoch, actual.RequestedEpoch));
            Check.Close(expected.TestLoss, actual.TestLoss, 1e-4);
            Check.Close(expected.TrainLoss, actual.TrainLoss, 1e-4);
            Check.Close(expected.BatchLoss ?? -1, actual.BatchLoss ?? -1, 1e-4);
            Check.Close(expected.TestAccuracy, actual.TestAccuracy, 1.01 / Small.Data.Test.Count);
        }
    }

    private static void SameBitsInAnyCompany(Network network)
    {
        RunSpec[] specs = [.. Enumerable.Range(0, 9).Select(i => Spec(i, network))];
        var all = Together(specs).Select(Read).ToList();
        foreach (var company in (int[][])[[0], [4], [8], [3, 4], [8, 0, 5], [1, 2, 3, 4, 5, 6, 7]])
        {
            foreach (var (i, outcome) in company.Zip(Together(company.Select(i => specs[i]))))
            {
                var (records, values) = Read(outcome);
                Check.Sequence(all[i].Records, records, $"records of {i} among {string.Join(' ', company)}");
                Check.Sequence(all[i].Values, values, $"parameters of {i} among {string.Join(' ', company)}");
            }
        }
    }

    private static (IReadOnlyList<TrainingRecord> Records, double[] Values) Read(TrainingOutcome outcome)
    {
        using (outcome)
            return (outcome.Records, Small.Values(outcome.Parameters));
    }

    private static void EveryOptimizer()
    {
        foreach (var optimizer in (string[])["sgd", "heavy-ball", "nesterov", "adam"])
        {
            RunSpec[] specs = [.. Enumerable.Range(0, 3).Select(i => Spec(i, optimizer: optimizer))];
            specs[1] = specs[1] with { Schedule = specs[1].Schedule.WithLearningRate(Curve.Parse("0.1 /3 @1.3,2.7")) };
            foreach (var (spec, together) in specs.Zip(Together(specs)))
            {
                using (together)
                {
                    using var alone = Alone(spec);
                    if (optimizer != "adam") // which divides by roots of gradients near 0: rounding is not small there
                        Agree(alone, together);
                    else
                        Check.Close(alone.Records[^1].TrainLoss, together.Records[^1].TrainLoss, 0.05 * (1 + alone.Records[^1].TrainLoss));
                }
            }
        }
    }

    private static void DivergenceStaysWithin()
    {
        RunSpec[] specs = [.. Enumerable.Range(0, 4).Select(i => Spec(i))];
        var expected = Together(specs).Select(Read).ToList();
        specs[2] = specs[2] with { Schedule = specs[2].Schedule.WithLearningRate(1e9) };
        var outcomes = Together(specs);
        Check.True(outcomes[2].Divergence is { Update: > 0 and < 15 } found && !double.IsFinite(found.Loss), "it is named with update and loss");
        using (var alone = Alone(specs[2]))
        {
            Check.Equal(alone.Divergence, outcomes[2].Divergence);
            Check.Equal((alone.Updates, alone.Records.Count), (outcomes[2].Updates, outcomes[2].Records.Count));
        }

        foreach (var i in (int[])[0, 1, 3])
        {
            Check.Equal(null, outcomes[i].Divergence);
            Check.Sequence(expected[i].Records, outcomes[i].Records);
            Check.Sequence(expected[i].Values, Small.Values(outcomes[i].Parameters));
        }
    }

    private static void EveryOrder()
    {
        foreach (var sampling in Enum.GetValues<Sampling>())
        {
            ImageDataSet[] subsets = [Small.Data.Take(50, 1), Small.Data.Take(50, 2)];
            (RunSpec Spec, ImageDataSet Data)[] replicas = [.. Enumerable.Range(0, 4).Select(i => (Spec(i) with
            {
                Sampling = sampling,
                Data = DataSpec.Of(Small.Data, 50, 1 + (i / 3)),
                Schedule = Spec(i).Schedule.WithTrainingSetSize(50),
            }, subsets[i / 3]))];
            foreach (var ((spec, data), together) in replicas.Zip(ReplicaTrainer.Train(replicas)))
            {
                using (together)
                {
                    using var alone = Trainer.Train(
                        spec.Plan(), spec.Network, data, new TrainingSettings { Seed = spec.Seed, EvaluationEpochs = spec.EvaluationEpochs, Sampling = sampling });
                    Agree(alone, together);
                }
            }

            Array.ForEach(subsets, subset => subset.Dispose());
        }
    }

    private static void Resumes()
    {
        using var folder = new TemporaryFolder();
        RunSpec[] specs = [Spec(0), Spec(1) with { Schedule = Spec(1).Schedule.WithLearningRate(1e9) }, Spec(2)];
        var whole = Together(specs).Select(Read).ToList();
        var checkpoints = new CheckpointSettings(Path.Combine(folder.Path, "group")) { Interval = null, EveryUpdates = 1 };
        (RunSpec, ImageDataSet)[] replicas = [.. specs.Select(spec => (spec, Small.Data))];
        var stops = 0;
        foreach (var after in (int[])[1, 4, 9, 16])
        {
            using var source = new CancellationTokenSource();
            var tell = new Tell<TrainingProgress>(progress => { if (progress.Update >= after) source.Cancel(); });
            try
            {
                ReplicaTrainer.Train(replicas, checkpoints, tell, source.Token);
            }
            catch (OperationCanceledException)
            {
                stops++;
            }
        }

        var outcomes = ReplicaTrainer.Train(replicas, checkpoints);
        Check.True(stops > 0 && outcomes[0].ResumedAt > 0, "it was stopped and resumed");
        foreach (var (expected, outcome) in whole.Zip(outcomes))
        {
            Check.Sequence(expected.Records, outcome.Records);
            if (outcome.Divergence is null)
                Check.Sequence(expected.Values, Small.Values(outcome.Parameters));
        }
    }

    private static void Refuses()
    {
        Check.Throws<ArgumentException>(() => Together([]), "at least one");
        Check.Throws<ArgumentException>(() => Together(Spec(0), Spec(1) with { EvaluationEpochs = [1] }), "another shape");
        Check.Throws<ArgumentException>(() => Together(Spec(0) with { GradientPenalty = 0.1 }), "gradient penalty");
        Check.Throws<ArgumentException>(() => Together(Spec(0) with { Network = new WideResNet(Shape, 10, 10, 1, new ResidualNormalisation.SkipInit()) }), "neither");
        Check.Throws<ArgumentException>(() => (Spec(0) with { MicroBatchSize = 4 }).Validate(), "Stacked", "pieces");
        Check.Throws<ArgumentException>(() => (Spec(0) with { Threads = 2 }).Validate(), "Stacked", "2 threads");
        Check.True(Spec(0).Hash != (Spec(0) with { Stacked = false }).Hash, "the arithmetic is part of the name");
        Check.Equal(ReplicaRule.ShapeOf(Spec(0)), ReplicaRule.ShapeOf(Spec(5)));
    }

    private static void HowMany()
    {
        int Most(params int[] widths) => ReplicaRule.MostTogether(Spec(0, new MultilayerPerceptron(Shape, 10, widths)));
        Check.Equal(32, Most());
        Check.True(Most(200) is > 1 and < 32, "784-200-10");
        Check.Equal(1, Most(2000, 2000));
    }
}
