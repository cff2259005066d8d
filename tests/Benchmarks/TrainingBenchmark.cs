using NoiseScale.Training;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using TorchSharp;

namespace NoiseScale.Benchmarks;

/// <summary>
/// Training steps side by side with PyTorch, in turns, where Python's torch is installed. The aim is at most 1.0 times PyTorch's time.
/// </summary>
static class TrainingBenchmark
{
    static readonly ImageShape Shape = new(1, 28, 28);

    public static void Run(int rounds)
    {
        var python = PyTorch.IsThere();
        if (!python)
            Console.WriteLine("python3 has no torch here: no comparison, only our own times");

        Console.WriteLine($"{"training step, ms (medians of medians)",-42}{"threads",8}{"ours",10}{"PyTorch",10}{"ratio",8}   [least, most]");
        foreach (var threads in new[] { 1, 2 })
        {
            foreach (var (kind, batch, calls) in new[] { ("mlp", 32, 400), ("mlp", 1000, 60), ("conv", 32, 200) })
            {
                var ours = new List<double>();
                var theirs = new List<double>();
                for (var round = 0; round < rounds; round++)
                {
                    ours.Add(Step(kind, batch, threads, calls));
                    if (python)
                        theirs.Add(PyTorch.Step(kind, batch, threads, calls));
                }

                var name = $"{(kind == "mlp" ? "784-800-10" : "conv 16-32")}, SGD with momentum, B = {batch}";
                var ratios = ours.Zip(theirs, (a, b) => a / b).Order().ToList();
                Console.WriteLine($"{name,-42}{threads,8}{Median(ours),10:F3}" + (python
                    ? $"{Median(theirs),10:F3}{Median(ratios),8:F2}   [{ratios[0]:F2}, {ratios[^1]:F2}]"
                    : ""));
            }
        }
    }

    // the step alone: one batch that lies ready
    static double Step(string kind, int batch, int threads, int calls)
    {
        torch.set_num_threads(threads);
        Network network = kind == "mlp" ? new MultilayerPerceptron(Shape, 10, 800) : new ConvolutionalNetwork(Shape, 10);
        using var scope = torch.NewDisposeScope();
        var (images, labels) = (torch.randn(batch, 1, 28, 28), torch.randint(10, batch));
        var parameters = network.Initialise(1);
        using var rule = new MomentumRule(parameters);
        var gradients = new torch.Tensor[parameters.Length];
        return Measure.MedianMilliseconds(() => Step(network, parameters, gradients, rule, images, labels), calls / 4, calls);
    }

    static void Step(Network network, torch.Tensor[] parameters, torch.Tensor[] gradients, UpdateRule rule, torch.Tensor images, torch.Tensor labels)
    {
        using var scope = torch.NewDisposeScope();
        torch.nn.functional.cross_entropy(network.Apply(parameters, images), labels).backward();
        for (var i = 0; i < parameters.Length; i++)
        {
            gradients[i] = parameters[i].grad!;
            parameters[i].grad = null;
        }

        rule.Step(gradients, 1e-3, 0.9);
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
