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

    public static void Run(int rounds)
    {
        var python = PyTorch.IsThere();
        using var data = Data();
        Console.WriteLine($"{Replicas} replicas, SGD with momentum; replicas a second for 1000 updates each; medians of {rounds} rounds in turns, [least, most] of ratios");
        Console.WriteLine($"{"network",-16}{"B",4}{"at once",9}{"together",10}{"one by one",12}{"ratio",7}{"",16}{"PyTorch",9}{"ratio",7}");
        foreach (var (kind, width, batch) in new[]
        {
            ("mlp", 12, 8), ("mlp", 12, 64), ("mlp", 50, 32), ("mlp", 200, 1), ("mlp", 200, 8), ("mlp", 200, 16), ("mlp", 200, 32), ("mlp", 200, 64), ("mlp", 200, 256),
            ("mlp", 800, 32), ("mlp", 800, 128), ("conv", 0, 8), ("conv", 0, 32),
        })
        {
            Network network = kind == "mlp" ? new MultilayerPerceptron(Shape, 10, width) : new ConvolutionalNetwork(Shape, 10);
            var updates = (int)Math.Clamp(3e10 / (network.ParameterCount * (batch + 12) * (kind == "mlp" ? 6 : 60)), 20, 2000);
            var (together, alone, theirs) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                together.Add(Rate(network, data, batch, updates, stacked: true));
                alone.Add(Rate(network, data, batch, updates, stacked: false));
                if (python)
                    theirs.Add(PyTorch.Replicas(kind, width, batch, Replicas / 4, updates) * updates / 1000);
            }

            var ratios = together.Zip(alone, (a, b) => a / b).Order().ToList();
            var spec = Spec(network, data, batch, updates, 0, stacked: true);
            Console.WriteLine(
                $"{network.Name,-16}{batch,4}{ReplicaRule.MostTogether(spec),9}{Median(together),10:F2}{Median(alone),12:F2}{ratios[rounds / 2],7:F2}"
                + $"{$"[{ratios[0]:F2}, {ratios[^1]:F2}]",16}" + (python ? $"{Median(theirs),9:F2}{Median(together) / Median(theirs),7:F2}" : ""));
        }
    }

    static double Rate(Network network, ImageDataSet data, int batch, int updates, bool stacked)
    {
        var folder = Directory.CreateTempSubdirectory("noisescale-bench-");
        try
        {
            var specs = Enumerable.Range(0, Replicas).Select(seed => Spec(network, data, batch, updates, seed, stacked)).ToList();
            var start = Stopwatch.GetTimestamp();
            var results = new RunStore(folder.FullName).GetOrRun(specs, data);
            if (results.Any(result => result.Updates != updates))
                throw new InvalidOperationException($"a run ended early: {results.First(result => result.Updates != updates).FailureReason}");

            return Replicas * (updates / 1000.0) / Stopwatch.GetElapsedTime(start).TotalSeconds;
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

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
