using TorchSharp;
using static TorchSharp.torch;

namespace NoiseScale.Benchmarks;

/// <summary>
/// The gradient of C + (λ/4)‖∇C‖² of a module side by side with PyTorch, in turns: at most 1.0 times its time.
/// </summary>
static class PenaltyBenchmark
{
    public static void Run(int rounds)
    {
        var python = PyTorch.IsThere();
        if (!python)
            Console.WriteLine("python3 has no torch here: no comparison, only our own times");

        Console.WriteLine($"{"gradient of C + (λ/4)‖∇C‖², 784-800-10, ms",-48}{"threads",8}{"ours",10}{"PyTorch",10}{"ratio",8}   [least, most]");
        foreach (var threads in new[] { 1, 2 })
        {
            foreach (var (batch, calls) in new[] { (32, 150), (1000, 25) })
            {
                List<double> module = [], theirs = [];
                for (var round = 0; round < rounds; round++)
                {
                    set_num_threads(threads);
                    module.Add(OfModule(batch, calls));
                    if (python)
                        theirs.Add(PyTorch.Step("penalty", batch, threads, calls));
                }

                Report($"a torch.nn module, B = {batch}", threads, module, theirs);
            }
        }
    }

    static void Report(string name, int threads, List<double> ours, List<double> theirs)
    {
        var ratios = ours.Zip(theirs, (a, b) => a / b).Order().ToList();
        Console.WriteLine($"{name,-48}{threads,8}{Median(ours),10:F3}" + (ratios.Count > 0
            ? $"{Median(theirs),10:F3}{Median(ratios),8:F2}   [{ratios[0]:F2}, {ratios[^1]:F2}]"
            : ""));
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    static double OfModule(int batch, int calls)
    {
        using var scope = NewDisposeScope();
        var (images, labels) = (randn(batch, 784), randint(10, batch));
        var model = nn.Sequential(nn.Linear(784, 800), nn.ReLU(), nn.Linear(800, 10));
        var penalty = new Torch.GradientPenalty(0.1);
        return Measure.MedianMilliseconds(
            () =>
            {
                using var step = NewDisposeScope();
                foreach (var parameter in model.parameters())
                    parameter.grad = null;
                penalty.Backward(model.parameters(), () => nn.functional.cross_entropy(model.call(images), labels));
            },
            calls / 4,
            calls);
    }
}
