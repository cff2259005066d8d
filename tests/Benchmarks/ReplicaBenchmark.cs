using System.Diagnostics;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps.Replicas;
using TorchSharp;

namespace NoiseScale.Benchmarks;

/// <summary>
/// Replicas a second: runs of one shape that a sweep trains together, against the same sweep one by one (both with a worker a processor, as
/// `noisescale sweep` runs them) and against PyTorch one by one. The aim is twice the rate for 16 replicas of 784-200-10 at B ≤ 64.
/// </summary>
static class ReplicaBenchmark
{
    const int Replicas = 16;
    static readonly ImageShape Shape = new(1, 28, 28);

    static readonly (string Kind, int Width, int[] Batches)[] Shapes =
    [
        ("mlp", 12, [8, 64]), ("mlp", 50, [8, 32]), ("mlp", 200, [1, 8, 16, 32, 64, 256]), ("mlp", 800, [8, 32, 128]), ("conv", 0, [1, 8, 32]),
    ];

    public static void Run(int rounds, string which = "")
    {
        var python = PyTorch.IsThere();
        using var data = Data();
        Console.WriteLine($"{Replicas} replicas, SGD with momentum, {Environment.ProcessorCount} processors; replicas a second for 1000 updates each, medians of {rounds} rounds in turns,");
        Console.WriteLine("and ratios of them, and of processor time a replica (which other work on the machine disturbs less): median [least, most]");
        Console.WriteLine($"{"network",-16}{"B",4}{"at once",9}{"together",10}{"one by one",12}{"PyTorch",9}   {"over one by one",-19}{"by processor",-19}{"over PyTorch",-19}{"by processor",-19}");
        foreach (var (kind, width, batches) in Shapes)
        {
            foreach (var batch in batches)
            {
                Network network = kind == "mlp" ? new MultilayerPerceptron(Shape, 10, width) : new ConvolutionalNetwork(Shape, 10);
                if (network.Name.Contains(which, StringComparison.Ordinal))
                    Compare(network, kind, width, batch, data, rounds, python);
            }
        }
    }

    static void Compare(Network network, string kind, int width, int batch, ImageDataSet data, int rounds, bool python)
    {
        var updates = (int)Math.Clamp(2e10 / (network.ParameterCount * (batch + 12) * (kind == "mlp" ? 6 : 60)), 20, 2000);
        var (together, alone, theirs) = (new List<(double Clock, double Processor)>(), new List<(double Clock, double Processor)>(), new List<(double Clock, double Processor)>());
        for (var round = 0; round < rounds; round++)
        {
            together.Add(Rate(network, data, batch, updates, stacked: true));
            alone.Add(Rate(network, data, batch, updates, stacked: false));
            if (python)
            {
                var rate = PyTorch.Replicas(kind, width, batch, Replicas / 4, updates);
                theirs.Add((rate.Clock * updates / 1000, rate.Processor * updates / 1000));
            }
        }

        var atOnce = ReplicaRule.MostTogether(Spec(network, data, batch, updates, 0, stacked: true));
        Console.WriteLine(
            $"{network.Name,-16}{batch,4}{atOnce,9}{Median(together),10:F2}{Median(alone),12:F2}{(python ? $"{Median(theirs):F2}" : "–"),9}   "
            + Ratios(together, alone) + (python ? Ratios(together, theirs) : ""));
    }

    static string Ratios(List<(double Clock, double Processor)> ours, List<(double Clock, double Processor)> others)
    {
        string Ratio(Func<(double Clock, double Processor), double> rate)
        {
            var ratios = ours.Zip(others, (a, b) => rate(a) / rate(b)).Order().ToList();
            return $"{$"{ratios[ratios.Count / 2]:F2} [{ratios[0]:F2}, {ratios[^1]:F2}]",-19}";
        }

        return Ratio(rate => rate.Clock) + Ratio(rate => rate.Processor);
    }

    static (double Clock, double Processor) Rate(Network network, ImageDataSet data, int batch, int updates, bool stacked)
    {
        var folder = Directory.CreateTempSubdirectory("noisescale-bench-");
        try
        {
            var specs = Enumerable.Range(0, Replicas).Select(seed => Spec(network, data, batch, updates, seed, stacked)).ToList();
            using var process = Process.GetCurrentProcess();
            var (start, processor) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
            var results = new RunStore(folder.FullName).GetOrRun(specs, data);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            process.Refresh();
            if (results.FirstOrDefault(result => result.Updates != updates) is { } early)
                throw new InvalidOperationException($"a run ended early: {early.Status} {early.FailureReason}");

            var replicas = Replicas * (updates / 1000.0);
            return (replicas / seconds, replicas / (process.TotalProcessorTime - processor).TotalSeconds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static RunSpec Spec(Network network, ImageDataSet data, int batch, int updates, long seed, bool stacked) => new()
    {
        Data = DataSpec.Of(data),
        Network = network,
        Schedule = Schedule.Constant(1e-5 * (1 + seed), batch, (double)updates * batch / data.Train.Count, data.Train.Count, momentum: 0.9),
        Seed = seed,
        TrainEvaluationSize = 100,
        Stacked = stacked,
    };

    static ImageDataSet Data()
    {
        static ImageSet Set(int count) => new(torch.randn(count, 1, 28, 28), torch.randint(10, count));
        return new ImageDataSet("noise", Set(10_000), Set(100), 10, new Normalisation([0.0], [1.0]), "noise");
    }

    static double Median(List<(double Clock, double Processor)> rates) => rates.Select(rate => rate.Clock).Order().ElementAt(rates.Count / 2);
}
