using DiffSharp;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using NoiseScale.Theory.GaussianProcess;
using TorchSharp;

namespace NoiseScale.Benchmarks;

/// <summary>
/// Regression with a Gaussian process of fixed hyper-parameters: fitted once, with its evidence, and asked for mean and variance at 1000 points; float64,
/// in turns with scikit-learn where Python has it (aim: at most 1.0 times its time).
/// </summary>
static class GaussianProcessBenchmark
{
    public static void Run(int rounds)
    {
        Console.WriteLine($"{"GP regression, fit and 1000 points, ms",-40}{"threads",8}{"ours",10}{"sklearn",10}{"scipy",10}{"ratio",8}   [least, most]   to scipy's");
        foreach (var threads in new[] { 1, 2 })
        {
            torch.set_num_threads(threads);
            foreach (var examples in new[] { 1000, 4000 })
            {
                const int inputs = 8;
                using var scope = torch.NewDisposeScope();
                var x = TorchTensors.Wrap(torch.randn(examples, inputs, torch.ScalarType.Float64));
                var y = TorchTensors.Wrap(torch.randn(examples, torch.ScalarType.Float64));
                var points = TorchTensors.Wrap(torch.randn(1000, inputs, torch.ScalarType.Float64));
                var kernel = Kernel.NewRadialBasis(1.0, ListModule.OfSeq([1.5]));
                List<(double Ours, double? ScikitLearn, double? SciPy)> measured = [];
                for (var round = 0; round < rounds; round++)
                {
                    var theirs = PyTorch.GaussianProcess(examples, inputs, 1000, threads, 3);
                    measured.Add((Measure.MedianMilliseconds(() => Once(kernel, x, y, points), 1, 3), theirs?.ScikitLearn, theirs?.SciPy));
                }

                var ratios = measured.Select(m => m.Ours / m.ScikitLearn ?? double.NaN).Order().ToArray();
                Console.WriteLine($"{$"n = {examples}, {inputs} inputs",-40}{threads,8}{Median(measured.Select(m => m.Ours)),10:F0}"
                    + $"{Median(measured.Select(m => m.ScikitLearn ?? double.NaN)),10:F0}{Median(measured.Select(m => m.SciPy ?? double.NaN)),10:F0}"
                    + $"{ratios[rounds / 2],8:F2}   [{ratios[0]:F2}, {ratios[^1]:F2}]   {Median(measured.Select(m => m.Ours / m.SciPy ?? double.NaN)):F2}");
            }
        }
    }

    static double Once(Kernel kernel, DiffSharp.Tensor x, DiffSharp.Tensor y, DiffSharp.Tensor points) =>
        dsharp.scope(FuncConvert.FromFunc(() =>
        {
            var model = GpRegressionModule.fit(kernel, 0.01, x, y).ResultValue;
            var variance = GpRegressionModule.predict(points, model).Variance;
            return model.LogEvidence + TorchTensors.Unwrap(variance).sum().item<double>();
        }));

    static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }
}
