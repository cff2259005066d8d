using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using static NoiseScale.Tests.Torch.SmallNetwork;
using static TorchSharp.torch;

namespace NoiseScale.Tests.GaussianProcess;

/// <summary>Gaussian processes and their tempering as a C# program asks for them.</summary>
internal static class GaussianProcessTests
{
    private static (Tensor Inputs, Tensor Targets) Curve(int count)
    {
        using var generator = new Generator(4);
        var inputs = randn([count, 2], dtype: ScalarType.Float64, generator: generator);
        return (inputs, inputs.select(1, 0).sin().add(randn([count], dtype: ScalarType.Float64, generator: generator), 1));
    }

    // v e^(−r²/2) by hand
    private static Tensor Covariance(Tensor a, Tensor b, double variance, double scale)
    {
        using var factor = (-0.5 / (scale * scale)).ToScalar();
        using var v = variance.ToScalar();
        return (a.unsqueeze(1) - b.unsqueeze(0)).square().sum(2).mul(factor).exp().mul(v);
    }

    private static void Near(Tensor expected, Tensor actual, string what) => Check.True(allclose(expected, actual, 1e-9, 1e-11), $"{what}: {expected.str()} and {actual.str()}");

    internal static Test All => Runner.TestList("Gaussian processes", [
        Runner.TestCase("regression: evidence, means and variances by dense algebra, at every temperature", () => InScope(() =>
        {
            var (x, y) = Curve(12);
            var points = randn([5, 2], dtype: ScalarType.Float64);
            var process = GaussianProcessRegression.Fit(ProcessKernel.RadialBasis(1.5, 0.8), 0.3, x, y);
            foreach (var (tempering, k, s) in new[]
                     {
                         (Tempering.None, 1.0, 1.0), (Tempering.Of(new PosteriorTemperature(0.25)), 0.25, 0.25), (Tempering.Of(new LikelihoodTemperature(3)), 1.0, 3.0),
                     })
            {
                var tempered = process.Temper(tempering);
                Check.Close(0.3 * s, tempered.NoiseVariance, 1e-14, $"{tempering}: σ²");
                var a = Covariance(x, x, 1.5 * k, 0.8) + (0.3 * s * eye(12, dtype: ScalarType.Float64));
                var inverse = linalg.inv(a);
                var across = Covariance(points, x, 1.5 * k, 0.8);
                var (mean, variance) = tempered.Predict(points);
                Near(across.matmul(inverse).matmul(y), mean, "mean");
                Near((1.5 * k) - across.matmul(inverse).mul(across).sum(1), variance, "variance");
                var evidence = (-0.5 * y.dot(inverse.matmul(y)).item<double>()) - (0.5 * linalg.slogdet(a).Item2.item<double>()) - (6 * Math.Log(2 * Math.PI));
                Check.Close(evidence, tempered.LogEvidence, 1e-10, "ln p(y)");
            }

            Check.Equal((12, 0.0), (process.Examples, process.Jitter), "sizes");
        })),
        Runner.TestCase("the temperature of most evidence, and hyper-parameters by it", () => InScope(() =>
        {
            var (x, y) = Curve(20);
            var process = GaussianProcessRegression.Fit(ProcessKernel.Matern(1, 0.5, 1) + ProcessKernel.Constant(0.1), 0.1, x, y);
            var best = process.BestTemperature;
            Check.Close(process.Temper(Tempering.Of(best)).LogEvidence, process.LogEvidenceAt(best), 1e-10, "two ways");
            Check.True(new[] { 0.9, 1.1 }.All(f => process.LogEvidenceAt(new(best.Value * f)) < process.LogEvidenceAt(best)), "T* is the best");
            Check.Close(1, process.Temper(Tempering.Of(best)).BestTemperature.Value, 1e-10, "nothing left to temper");
            var (fitted, converged) = GaussianProcessRegression.MaximiseEvidence(ProcessKernel.RadialBasis(1, 1), 0.1, x, y);
            Check.True(converged && fitted.LogEvidence >= GaussianProcessRegression.Fit(ProcessKernel.RadialBasis(1, 1), 0.1, x, y).LogEvidence, $"{fitted.Kernel}");
            Check.Close(1, fitted.BestTemperature.Value, 1e-3, "tuning T is tuning the prior");
        })),
        Runner.TestCase("what a prior expects of labels, at its ends", () =>
        {
            foreach (var classes in new[] { 2, 3, 10 })
            {
                var nothing = AleatoricContent.Of(classes, 0);
                Check.True(Math.Abs(nothing.Entropy - Math.Log(classes)) < 1e-9 && Math.Abs(nothing.MaxProbability - (1.0 / classes)) < 1e-9, $"pure chance: {nothing}");
                var sure = AleatoricContent.Of(classes, 1e6);
                Check.True(sure.Entropy < 0.02 && sure.MaxProbability > 0.99 && sure.Agreement > 0.99, $"certainty: {sure}");
                Check.True(AleatoricContent.Of(classes, 1).RelabellingGain > 0, "a second label says something");
            }
        }),
        Runner.TestCase("a cold-posterior curve of two separate clouds", () => InScope(() =>
        {
            using var generator = new Generator(9);
            var labels = cat([zeros(10, ScalarType.Int64), ones(10, ScalarType.Int64)]);
            var inputs = randn([20, 2], dtype: ScalarType.Float64, generator: generator) + (labels.unsqueeze(1) * 2).to(ScalarType.Float64);
            List<int> told = [];
            var curve = ColdPosterior.Curve(
                ProcessKernel.WideNetwork(1, 2, 0.5), 2, LabelModel.Softmax, LabelModel.Softmax, [Tempering.Of(new LikelihoodTemperature(0.3)), Tempering.Of(new LikelihoodTemperature(10))],
                (inputs, labels), (inputs, labels), chains: 4, draws: 20, progress: new Listener(told.Add));
            Check.SequenceEqual([1, 2], told, "progress");
            Check.True(curve[0].CrossEntropy + (3 * curve[0].CrossEntropyError) < curve[1].CrossEntropy, $"fitted labels are surer when cold: {curve[0]}, {curve[1]}");
            Check.True(curve.All(p => p.Accuracy > 0.7 && p.Acceptance is > 0.3 and <= 1 && p.CrossEntropyError > 0 && p.CrossEntropy < Math.Log(2)), "sensible");
        })),
        Runner.TestCase("what is no process is refused by name", () => InScope(() =>
        {
            var (x, y) = Curve(6);
            Check.Throws<ArgumentException>(() => ProcessKernel.RadialBasis(-1), "a negative variance");
            Check.Throws<ArgumentOutOfRangeException>(() => ProcessKernel.Matern(3), "too smooth");
            Check.Throws<ArgumentException>(() => ProcessKernel.WideNetwork(-1), "fewer layers than none");
            Check.Throws<ArgumentException>(() => GaussianProcessRegression.Fit(ProcessKernel.Linear(), -1, x, y), "a negative noise");
            Check.Throws<ArgumentException>(() => GaussianProcessRegression.Fit(ProcessKernel.Linear(), 1, x, y.narrow(0, 0, 3)), "too few targets");
            var process = GaussianProcessRegression.Fit(ProcessKernel.Linear(), 1, x, y);
            Check.Throws<ArgumentException>(() => process.Temper(Tempering.Of(new PosteriorTemperature(0))), "T = 0");
            Check.Throws<ArgumentException>(() => AleatoricContent.Of(1, 1), "one class");
            Check.Throws<ArgumentException>(
                () => ColdPosterior.Curve(ProcessKernel.Linear(), 2, LabelModel.Flipped(2), LabelModel.Softmax, [Tempering.None], (x, zeros(6, ScalarType.Int64)), (x, zeros(6, ScalarType.Int64))),
                "a rate of 2");
        })),
    ]);

    private sealed class Listener(Action<int> told) : IProgress<int>
    {
        public void Report(int value) => told(value);
    }
}
