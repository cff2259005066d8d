using NoiseScale.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NoiseScale.Benchmarks;

/// <summary>
/// What a monitor of the gradient noise adds to training with a module and an optimizer of TorchSharp: at most 5 % at its default.
/// </summary>
/// <remarks>
/// Two copies of one network train on the same batches in turns, one with <c>loss.backward()</c> and one with the monitor; a turn is as many updates as
/// lie between two measurements, so each monitored one has exactly one of them. Time is that of the process on a processor. The median ratio of
/// neighbouring turns counts; where the machine is busy its noise is larger than the overhead, and the cost of measured updates, taken by themselves with a
/// monitor that measures always, says more: (measured/plain − 1)/every.
/// </remarks>
static class MonitorBenchmark
{
    public static void Run(int rounds)
    {
        var every = new GradientNoiseOptions().Every;
        Console.WriteLine($"{$"gradient-noise monitor, every {every}, processor ms",-52}{"threads",8}{"plain",9}{"measured",10}{"in plain",10}{"by cost",9}   overhead: median [middle half]");
        foreach (var threads in new[] { 1, 2 })
        {
            set_num_threads(threads);
            foreach (var (name, batch) in new[] { ("784-200-10", 64), ("784-200-10", 256), ("conv 16-32", 64), ("conv 16-32", 256) })
            {
                using var scope = NewDisposeScope();
                using var plain = new Loop(name, batch, null);
                using var monitored = new Loop(name, batch, new GradientNoiseOptions());
                using var always = new Loop(name, batch, new GradientNoiseOptions { Every = 1 });
                plain.Take(every);
                monitored.Take(every);
                always.Take(10);
                List<double> alone = [], measured = [], ratios = [];
                for (var round = 0; round < rounds; round++)
                {
                    // every other round in the other order
                    var (first, second) = round % 2 == 0 ? (plain, monitored) : (monitored, plain);
                    var (a, b) = (first.Take(every), second.Take(every));
                    var (ours, theirs) = round % 2 == 0 ? (b, a) : (a, b);
                    alone.Add(theirs);
                    ratios.Add((ours / theirs) - 1);
                    measured.Add(always.Take(every / 5));
                }

                ratios.Sort();
                var cost = (Median(measured) / Median(alone)) - 1;
                Console.WriteLine($"{$"{name}, SGD with momentum, B = {batch}",-52}{threads,8}{Median(alone),9:F3}{Median(measured),10:F3}"
                    + $"{cost + 1,10:F2}{cost / every,9:P1}   {ratios[rounds / 2]:P1} [{ratios[rounds / 4]:P1}, {ratios[rounds * 3 / 4]:P1}]");
            }
        }
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>A training loop as one would write it.</summary>
    sealed class Loop : IDisposable
    {
        private readonly nn.Module<Tensor, Tensor> model;
        private readonly optim.Optimizer optimizer;
        private readonly Tensor inputs = randn(4096, 1, 28, 28);
        private readonly Tensor labels = randint(10, 4096);
        private readonly GradientNoiseMonitor? monitor;
        private readonly int batch;
        private int next;

        public Loop(string name, int batch, GradientNoiseOptions? options)
        {
            this.batch = batch;
            model = name == "conv 16-32"
                ? nn.Sequential(
                    nn.Conv2d(1, 16, 5, stride: 2, padding: 2), nn.ReLU(), nn.Conv2d(16, 32, 3, stride: 2, padding: 1), nn.ReLU(), nn.Flatten(), nn.Linear(1568, 10))
                : nn.Sequential(nn.Flatten(), nn.Linear(784, 200), nn.ReLU(), nn.Linear(200, 10));
            optimizer = optim.SGD(model.parameters(), 1e-3, momentum: 0.9);
            monitor = options is null ? null : new GradientNoiseMonitor(model.parameters(), options);
        }

        /// <summary>Milliseconds an update, the mean over some.</summary>
        public double Take(int updates)
        {
            var start = OverheadBenchmark.ProcessorMilliseconds();
            for (var i = 0; i < updates; i++)
            {
                using var scope = NewDisposeScope();
                next = next + (2 * batch) > 4096 ? 0 : next + batch;
                var (x, y) = (inputs.narrow(0, next, batch), labels.narrow(0, next, batch));
                optimizer.zero_grad();
                if (monitor is null)
                    nn.functional.cross_entropy(model.call(x), y).backward();
                else
                    monitor.Backward(x, y, (x, y) => nn.functional.cross_entropy(model.call(x), y));

                optimizer.step();
            }

            return (OverheadBenchmark.ProcessorMilliseconds() - start) / updates;
        }

        public void Dispose()
        {
            model.Dispose();
            optimizer.Dispose();
            inputs.Dispose();
            labels.Dispose();
        }
    }
}
