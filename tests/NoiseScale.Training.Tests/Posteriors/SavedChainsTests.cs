using System.Text.Json.Nodes;
using NoiseScale.Training.Posteriors;

namespace NoiseScale.Training.Tests.Posteriors;

/// <summary>Chains in a file, against the same chains run at once.</summary>
internal static class SavedChainsTests
{
    private const double Precision = 0.5;

    // neither the burn-in nor the samples are whole numbers of the parts after which is saved
    private static readonly ChainOptions Options = new() { Chains = 2, BurnIn = 47, Samples = 45, Thinning = 3, Seed = 8 };
    private const long Total = 47 + (3 * 45);

    public static Test All => TestList("saved chains",
    [
        TestCase("what is saved on the way is what one run has, for more samples too", WholeRun),
        TestCase("a run that was stopped goes on, in its burn-in and after it, to the same bits", Stopped),
        TestCase("a file of other settings, another model or other data is refused", OtherSettings),
        TestCase("a damaged file is refused by name", Damaged),
        TestCase("nothing is left in memory, however a run ends", Memory),
    ]);

    private static PosteriorModel Model(double precision = Precision)
    {
        using var scope = torch.NewDisposeScope();
        using var generator = new torch.Generator(5);
        var inputs = torch.randn([20, 2], torch.ScalarType.Float64, generator: generator);
        var labels = torch.randint(0, 2, [20], torch.ScalarType.Int64, generator: generator);
        return PosteriorModel.Linear(inputs.DetachFromDisposeScope(), labels.DetachFromDisposeScope(), 2, precision);
    }

    // with minibatches, momenta and an averaged metric: all that a checkpoint holds
    private static Sampler[] Rules =>
    [
        Samplers.Langevin(0.1, batchSize: 4),
        Samplers.Hamiltonian(0.1, 0.3, batchSize: 4),
        Samplers.NaturalGradient(0.1, 4, new FisherInformation { Damping = 0.1, Average = 0.8 }),
    ];

    private static void Same(PosteriorSamples expected, PosteriorSamples actual)
    {
        Check.Close(expected.Positions, actual.Positions, 0);
        Check.Sequence(expected.Updates, actual.Updates);
        Check.Equal(expected.Temperature, actual.Temperature);
        Check.Equal((expected.State.Update, expected.State.Chains, expected.Count), (actual.State.Update, actual.State.Chains, actual.Count));
        Check.Sequence(expected.State.Positions, actual.State.Positions);
        Check.Sequence(expected.State.Momenta ?? [], actual.State.Momenta ?? []);
        Check.Sequence(expected.State.AverageMetric ?? [], actual.State.AverageMetric ?? []);
    }

    private static void WholeRun()
    {
        var model = Model();
        foreach (var rule in Rules)
        {
            using var folder = new TemporaryFolder();
            var path = System.IO.Path.Combine(folder.Path, "new", "chains.json");
            using var whole = model.Sample(rule, Options);
            List<SamplingProgress> seen = [];
            using var saved = SavedChains.Run(model, rule, Options, path, "digits", new Listener(seen.Add));
            Same(whole, saved);
            Check.Equal(new SamplingProgress(Total, Total, 45), seen[^1]);
            Check.True(seen.All(at => at.Total == Total) && seen.Zip(seen.Skip(1)).All(pair => pair.First.Done < pair.Second.Done && pair.First.Kept <= pair.Second.Kept));

            using var again = SavedChains.Run(model, rule, Options, path, "digits", new Listener(_ => throw new InvalidOperationException("there is nothing left to do")));
            Same(whole, again);
            using var longer = model.Sample(rule, Options with { Samples = 60 });
            using var more = SavedChains.Run(model, rule, Options with { Samples = 60 }, path, "digits");
            Same(longer, more);
        }
    }

    private static void Stopped()
    {
        var model = Model();
        foreach (var rule in Rules)
        {
            using var whole = model.Sample(rule, Options);
            foreach (var after in new[] { 21, 47 + 30 })
            {
                using var folder = new TemporaryFolder();
                var path = System.IO.Path.Combine(folder.Path, "chains.json");
                using var stop = new CancellationTokenSource();
                var stopper = new Listener(at =>
                {
                    if (at.Done >= after)
                        stop.Cancel();
                });
                Check.Throws<OperationCanceledException>(() => SavedChains.Run(model, rule, Options, path, "digits", stopper, stop.Token));

                // a part of the burn-in is 2 updates, one of the samples 2·3: no more than that is lost
                List<SamplingProgress> seen = [];
                using var rest = SavedChains.Run(model, rule, Options, path, "digits", new Listener(seen.Add));
                Check.True(seen[0].Done > after - 6, $"goes on at {seen[0]} after {after}");
                Check.Equal(new SamplingProgress(Total, Total, 45), seen[^1]);
                Same(whole, rest);
            }
        }
    }

    private static void OtherSettings()
    {
        using var folder = new TemporaryFolder();
        var path = System.IO.Path.Combine(folder.Path, "chains.json");
        var (model, rule) = (Model(), Samplers.Langevin(0.1));
        using (SavedChains.Run(model, rule, Options, path, "digits"))
        {
        }

        foreach (var other in (Action[])
                 [
                     () => SavedChains.Run(model, rule, Options, path, "letters"),
                     () => SavedChains.Run(Model(0.6), rule, Options, path, "digits"),
                     () => SavedChains.Run(model, Samplers.Langevin(0.2), Options, path, "digits"),
                     () => SavedChains.Run(model, Samplers.Langevin(0.1, new(0.5)), Options, path, "digits"),
                     () => SavedChains.Run(model, Samplers.Hamiltonian(0.1), Options, path, "digits"),
                     () => SavedChains.Run(model, rule, Options with { Seed = 9 }, path, "digits"),
                     () => SavedChains.Run(model, rule, Options with { Thinning = 2 }, path, "digits"),
                     () => SavedChains.Run(model, rule, Options with { BurnIn = 46 }, path, "digits"),
                     () => SavedChains.Run(model, rule, Options with { Chains = 3 }, path, "digits"),
                 ])
            Check.Throws<InvalidDataException>(other, "other settings or data");
    }

    private static void Damaged()
    {
        using var folder = new TemporaryFolder();
        var path = System.IO.Path.Combine(folder.Path, "chains.json");
        var (model, rule) = (Model(), Samplers.Hamiltonian(0.1));
        using (SavedChains.Run(model, rule, Options with { Samples = 3 }, path, "digits"))
        {
        }

        var text = File.ReadAllText(path);
        void Refused(string piece, Action<JsonObject> damage)
        {
            var content = JsonNode.Parse(text)!.AsObject();
            damage(content);
            File.WriteAllText(path, content.ToJsonString());
            Check.Throws<InvalidDataException>(() => SavedChains.Run(model, rule, Options, path, "digits"), path, piece);
        }

        Refused("damaged", content => content["Positions"]!.AsArray().RemoveAt(0));
        Refused("damaged", content => content["Updates"]!.AsArray().RemoveAt(0));
        Refused("damaged", content => content["State"]!["Positions"]!.AsArray().RemoveAt(0));
        Refused("damaged", content => content["Positions"] = "many");
        Refused("a field is missing", content => content.Remove("Updates"));
        Refused("a field is missing", content => content.Remove("State"));
        File.WriteAllText(path, text[..^20]);
        Check.Throws<InvalidDataException>(() => SavedChains.Run(model, rule, Options, path, "digits"), path, "damaged");
    }

    private static void Memory()
    {
        var (model, rule) = (Model(), Samplers.Langevin(0.1));
        void Leaves(Action<string> run)
        {
            using var folder = new TemporaryFolder();
            var path = System.IO.Path.Combine(folder.Path, "chains.json");
            var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
            run(path);
            Check.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        }

        void Whole(string path) => SavedChains.Run(model, rule, Options, path, "digits").Dispose();
        using (var folder = new TemporaryFolder())
            Whole(System.IO.Path.Combine(folder.Path, "first.json"));

        Leaves(Whole);
        Leaves(path =>
        {
            using var stop = new CancellationTokenSource();
            var stopper = new Listener(at =>
            {
                if (at.Kept > 20)
                    stop.Cancel();
            });
            Check.Throws<OperationCanceledException>(() => SavedChains.Run(model, rule, Options, path, "digits", stopper, stop.Token));
            Whole(path);
        });
    }

    private sealed class Listener(Action<SamplingProgress> told) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => told(value);
    }
}
