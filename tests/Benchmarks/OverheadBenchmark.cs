using System.Diagnostics;
using System.Runtime.InteropServices;
using NoiseScale.Training;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using TorchSharp;

namespace NoiseScale.Benchmarks;

/// <summary>
/// What plan, data, checks and bookkeeping add to a training step of 784-800-10 at B = 32 on one thread; the aim is at most 3 %.
/// </summary>
/// <remarks>
/// The trainer is compared with a step written out in calls of TorchSharp: the same operators forward and backward, the same fused update, a
/// fresh batch of the 31 MB of images each time, and nothing else, not even reading the loss. Both run in turns of a twentieth of a second on
/// one thread: the trainer's hook for augmentation, which it calls once a batch, runs the others in between. Time is that of the process on a
/// processor and by the clock; the median ratio of neighbouring turns counts, and the ratio of all time shows what comes seldom, as reshuffling.
/// </remarks>
static class OverheadBenchmark
{
    const int Batch = 32, TrainCount = 10_000;
    const int Steps = 50; // of a turn
    const double LearningRate = 1e-3, Momentum = 0.9;

    public static void Run(int rounds)
    {
        torch.set_num_threads(1);
        using var data = SyntheticDigits.Generate(new SyntheticDigitsSettings { TrainCount = TrainCount, TestCount = 10 });
        var network = new MultilayerPerceptron(data.Train.Shape, data.ClassCount, 800);
        using var scope = torch.NewDisposeScope();
        using var consecutive = new BareStep(network, data.Train, shuffled: false);
        using var shuffled = new BareStep(network, data.Train, shuffled: true);
        var turns = new Turns([consecutive, shuffled]);
        var plan = Schedule.StepDecay(
            LearningRate, factor: 5, at: [2], batchSize: Batch, momentum: Momentum, epochs: (rounds + 2.0) * Steps * Batch / TrainCount, trainingSetSize: TrainCount).Plan();
        using var outcome = Trainer.Train(plan, network, data, new TrainingSettings { Seed = 1, TrainEvaluationSize = 10, Augmentation = turns });

        // the first block warms up; the last ends with the run, unmeasured
        var blocks = turns.Blocks[1..];
        Console.WriteLine();
        Console.WriteLine($"plan, data and bookkeeping on a step of 784-800-10 at B = {Batch}, N = {TrainCount}, 1 thread; {blocks.Count} rounds of {Steps} steps of each");
        Console.WriteLine($"{"over a written-out step",-42}{"ms",8}{"trainer",10}   overhead: median [95 %], of all time");
        foreach (var (name, i) in new[] { ("on consecutive images, never shuffled", 1), ("on images gathered in a shuffled order", 2) })
        {
            Report($"{name}, processor", [.. blocks.Select(block => block[i].Processor)], [.. blocks.Select(block => block[0].Processor)]);
            Report($"{name}, clock", [.. blocks.Select(block => block[i].Clock)], [.. blocks.Select(block => block[0].Clock)]);
        }
    }

    static void Report(string name, double[] bare, double[] trainer)
    {
        // an interval for the median without a distribution: k-th least and k-th largest, k from the binomial, here its normal approximation
        var ratios = trainer.Zip(bare, (ours, theirs) => (ours / theirs) - 1).Order().ToArray();
        var k = Math.Max(0, (int)Math.Floor((ratios.Length / 2.0) - (0.98 * Math.Sqrt(ratios.Length))) - 1);
        Console.WriteLine($"{name,-50}{Median(bare),8:F4}{Median(trainer),10:F4}   {Median(ratios):P1} [{ratios[k]:P1}, {ratios[^(k + 1)]:P1}], "
            + $"{(trainer.Sum() / bare.Sum()) - 1:P1}");
    }

    static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    /// <summary>Milliseconds a step: of the process on a processor, and by the clock.</summary>
    readonly record struct Cost(double Processor, double Clock)
    {
        public static Cost Now => new(ProcessorMilliseconds(), Stopwatch.GetElapsedTime(0).TotalMilliseconds);

        public static Cost PerStep(Cost start, Cost end) => new((end.Processor - start.Processor) / Steps, (end.Clock - start.Clock) / Steps);
    }

    // changes nothing: at the end of every block of the trainer's steps it lets the others take theirs
    sealed class Turns(BareStep[] others) : IAugmentation
    {
        private long _batches;
        private Cost _start;

        /// <summary>Of every block the trainer's cost, then those of the others.</summary>
        public List<Cost[]> Blocks { get; } = [];

        public torch.Tensor Apply(torch.Tensor images, long firstPosition, int trainingSetSize)
        {
            if (_batches++ % Steps != 0)
                return images;

            var costs = new Cost[1 + others.Length];
            costs[0] = Cost.PerStep(_start, Cost.Now);
            using var gradients = torch.enable_grad();
            for (var i = 0; i < others.Length; i++)
            {
                // every other round in the other order
                var other = (i + Blocks.Count) % others.Length;
                var start = Cost.Now;
                others[other].Take(Steps);
                costs[1 + other] = Cost.PerStep(start, Cost.Now);
            }

            Blocks.Add(costs);
            _start = Cost.Now;
            return images;
        }
    }

    /// <summary>The step as one would write it by hand.</summary>
    sealed class BareStep : IDisposable
    {
        private static readonly Lazy<torch.jit.CompilationUnit> Update = new(() => torch.jit.compile("""
            def update(ps: List[Tensor], gs: List[Tensor], vs: List[Tensor], rate: float, m: float):
                torch._fused_sgd_(ps, gs, vs, weight_decay=0.0, momentum=m, lr=rate, dampening=0.0, nesterov=False, maximize=False, is_first_step=False)

            """));

        private readonly ImageSet _train;
        private readonly torch.Tensor? _order;
        private readonly torch.Tensor[] _parameters;
        private readonly torch.Tensor[] _gradients;
        private readonly object[] _arguments;
        private int _next;

        public BareStep(Network network, ImageSet train, bool shuffled)
        {
            _train = train;
            _order = shuffled ? torch.randperm(train.Count, torch.ScalarType.Int64) : null;
            _parameters = network.Initialise(1);
            _gradients = new torch.Tensor[_parameters.Length];
            _arguments = [_parameters, _gradients, Array.ConvertAll(_parameters, p => torch.zeros_like(p)), LearningRate.ToScalar(), Momentum.ToScalar()];
        }

        public void Take(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                using var scope = torch.NewDisposeScope();
                var (images, labels) = Next();
                var hidden = torch.nn.functional.relu(torch.nn.functional.linear(images.flatten(1), _parameters[0], _parameters[1]));
                torch.nn.functional.cross_entropy(torch.nn.functional.linear(hidden, _parameters[2], _parameters[3]), labels).backward();
                for (var j = 0; j < _parameters.Length; j++)
                {
                    _gradients[j] = _parameters[j].grad!;
                    _parameters[j].grad = null;
                }

                using var noGrad = torch.no_grad();
                Update.Value.invoke("update", _arguments);
            }
        }

        public void Dispose()
        {
            foreach (var parameter in _parameters)
                parameter.Dispose();
        }

        private Batch Next()
        {
            var first = _next;
            _next = first + (2 * Batch) > TrainCount ? 0 : first + Batch;
            if (_order is null)
                return new Batch(_train.Images.narrow(0, first, Batch), _train.Labels.narrow(0, first, Batch));

            var chosen = _order.narrow(0, first, Batch);
            return new Batch(_train.Images.index_select(0, chosen), _train.Labels.index_select(0, chosen));
        }
    }

    // .NET's own TotalProcessorTime counts in hundredths of a second
    internal static double ProcessorMilliseconds()
    {
        const int ofProcess = 2;
        return clock_gettime(ofProcess, out var time) == 0
            ? (time.Seconds * 1e3) + (time.Nanoseconds / 1e6)
            : throw new PlatformNotSupportedException("clock_gettime failed");
    }

    readonly record struct TimeSpec(long Seconds, long Nanoseconds);

    [DllImport("libc")]
    static extern int clock_gettime(int clock, out TimeSpec time);
}
