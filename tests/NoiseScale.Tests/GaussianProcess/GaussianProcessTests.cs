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
        Runner.TestCase("some hyper-parameters stay, by their names; the likelihood's own temperature of most evidence", () => InScope(() =>
        {
            var (x, y) = Curve(20);
            var start = GaussianProcessRegression.Fit(ProcessKernel.RadialBasis(1.2, 0.7, 2), 0.4, x, y);
            (string, double)[] named = [("variance", 1.2), ("lengthScale[0]", 0.7), ("lengthScale[1]", 2), ("noiseVariance", 0.4)];
            Check.SequenceEqual(named, start.HyperParameters, "names and values");
            var (fitted, _) = GaussianProcessRegression.MaximiseEvidence(start.Kernel, 0.4, x, y, free: name => name is "lengthScale[1]" or "noiseVariance");
            var found = fitted.HyperParameters;
            Check.True(found[0].Value == 1.2 && found[1].Value == 0.7 && found[2].Value != 2 && found[3].Value != 0.4, "two of four moved");
            Check.True(fitted.LogEvidence > start.LogEvidence, "for evidence");

            var (best, converged) = start.BestLikelihoodTemperature();
            double At(double t) => start.Temper(Tempering.Of(new LikelihoodTemperature(t))).LogEvidence;
            Check.True(converged && new[] { 0.97, 1.03 }.All(f => At(best.Value * f) < At(best.Value)), $"{best}");
            Check.Throws<ArgumentException>(() => GaussianProcessRegression.Fit(ProcessKernel.RadialBasis(), 0, x, y).BestLikelihoodTemperature(), "no noise, no likelihood");
        })),
        Runner.TestCase("every kernel is its formula: the variance of a process that has seen one observation", () => InScope(() =>
        {
            // of one noisy observation at a: k(b, b) − k(a, b)²/(k(a, a) + σ²)
            double[] a = [0.3, -1.1], b = [0.9, 0.4];
            var distance = Math.Sqrt(Math.Pow(0.6 / 0.8, 2) + Math.Pow(1.5 / 1.7, 2));
            double Rbf(double r) => 1.3 * Math.Exp(-r * r / 2);
            var (dot, na, nb) = ((a[0] * b[0]) + (a[1] * b[1]), (a[0] * a[0]) + (a[1] * a[1]), (b[0] * b[0]) + (b[1] * b[1]));

            // Cho and Saul's first layer over (x·x′)σ_w²/d + σ_b²
            double Layer(double xx, double yy, double xy)
            {
                var angle = Math.Acos(Math.Min(1, xy / Math.Sqrt(xx * yy)));
                return (1.6 / (2 * Math.PI) * Math.Sqrt(xx * yy) * (Math.Sin(angle) + ((Math.PI - angle) * Math.Cos(angle)))) + 0.2;
            }

            double Input(double inner) => (1.6 * inner / 2) + 0.2;
            foreach (var (kernel, aa, bb, ab) in new[]
                     {
                         (ProcessKernel.Constant(0.7), 0.7, 0.7, 0.7),
                         (ProcessKernel.Linear(0.7), 0.7 * na, 0.7 * nb, 0.7 * dot),
                         (ProcessKernel.RadialBasis(1.3, 0.8, 1.7), 1.3, 1.3, Rbf(distance)),
                         (ProcessKernel.RadialBasis(), 1, 1, Math.Exp(-((0.6 * 0.6) + (1.5 * 1.5)) / 2)),
                         (ProcessKernel.Matern(0, 1.3, 0.8, 1.7), 1.3, 1.3, 1.3 * Math.Exp(-distance)),
                         (ProcessKernel.Matern(0), 1, 1, Math.Exp(-Math.Sqrt((0.6 * 0.6) + (1.5 * 1.5)))),
                         (ProcessKernel.Matern(1, 1.3, 0.8, 1.7), 1.3, 1.3, 1.3 * (1 + (Math.Sqrt(3) * distance)) * Math.Exp(-Math.Sqrt(3) * distance)),
                         (ProcessKernel.Matern(2, 1.3, 0.8, 1.7), 1.3, 1.3, 1.3 * (1 + (Math.Sqrt(5) * distance) + (5 * distance * distance / 3)) * Math.Exp(-Math.Sqrt(5) * distance)),
                         (ProcessKernel.WideNetwork(1, 1.6, 0.2), Layer(Input(na), Input(na), Input(na)), Layer(Input(nb), Input(nb), Input(nb)), Layer(Input(na), Input(nb), Input(dot))),
                         (ProcessKernel.RadialBasis(1.3, 0.8, 1.7) + ProcessKernel.Linear(0.7), 1.3 + (0.7 * na), 1.3 + (0.7 * nb), Rbf(distance) + (0.7 * dot)),
                         (ProcessKernel.RadialBasis(1.3, 0.8, 1.7) * ProcessKernel.Linear(0.7), 1.3 * 0.7 * na, 1.3 * 0.7 * nb, Rbf(distance) * 0.7 * dot),
                     })
            {
                var process = GaussianProcessRegression.Fit(kernel, 0.3, tensor(a, [1, 2]), tensor((double[])[2.0]));
                var (mean, variance) = process.Predict(tensor(b, [1, 2]));
                Check.Close(ab / (aa + 0.3) * 2, mean.item<double>(), 1e-9, $"{kernel}: mean");
                Check.Close(bb - (ab * ab / (aa + 0.3)), variance.item<double>(), 1e-9, $"{kernel}: variance");
            }
        })),
        Runner.TestCase("one input twice, without noise: the jitter that it took is told, and is in the evidence", () => InScope(() =>
        {
            var process = GaussianProcessRegression.Fit(ProcessKernel.RadialBasis(), 0, ones([2, 1], ScalarType.Float64), ones([2], ScalarType.Float64));
            Check.True(process.Jitter is > 0 and <= 1e-8, $"{process.Jitter}");

            // K has the eigenvalues 2 + j and j, and the targets lie along the first; a j as small as rounding is rounded in its logarithm
            var expected = -(1 / (2 + process.Jitter)) - (0.5 * Math.Log(2 + process.Jitter)) - (0.5 * Math.Log(process.Jitter)) - Math.Log(2 * Math.PI);
            Check.True(Math.Abs(process.LogEvidence - expected) < 0.05, $"ln p(y): {expected}, found {process.LogEvidence}");
            var other = zeros([2, 1], ScalarType.Float64);
            other[1] = tensor(double.NaN);
            Check.Throws<ArgumentException>(() => GaussianProcessRegression.Fit(ProcessKernel.RadialBasis(), 0, other, ones([2], ScalarType.Float64)), "an input that is no number");
            Check.Throws<GaussianProcessException>(
                () => GaussianProcessRegression.Fit(ProcessKernel.Linear(1e300), 0, full([2, 1], 1e10, ScalarType.Float64), ones([2], ScalarType.Float64)), "a covariance beyond numbers");
        })),
        Runner.TestCase("other starts are of the seed", () => InScope(() =>
        {
            var (x, y) = Curve(8);
            double[] From(int seed) =>
                [.. GaussianProcessRegression.MaximiseEvidence(ProcessKernel.RadialBasis(1, 50), 5, x, y, seed).Process.HyperParameters.Select(named => named.Value)];
            Check.SequenceEqual(From(2), From(2), "the same");
            var found = Enumerable.Range(2, 3).Select(seed => From(seed)[0]).Distinct().Count();
            Check.True(found > 1, $"{found} results");
        })),
        Runner.TestCase("a process keeps no tensor that it is given", () => InScope(() =>
        {
            var (x, y) = Curve(8);
            var process = GaussianProcessRegression.Fit(ProcessKernel.RadialBasis(), 0.2, x, y);
            var points = ones([1, 2], ScalarType.Float64);
            var (mean, variance) = process.Predict(points);
            var warm = process.Temper(Tempering.Of(new PosteriorTemperature(2))).LogEvidence;
            using var zero = 0.ToScalar();
            x.fill_(zero);
            y.fill_(zero);
            var (later, spread) = process.Predict(points);
            Check.True(allclose(mean, later, 0, 0) && allclose(variance, spread, 0, 0), "the same predictions");
            Check.Equal(warm, process.Temper(Tempering.Of(new PosteriorTemperature(2))).LogEvidence, "the same evidence");
        })),
        Runner.TestCase("scores of observations: the noise is in their density", () => InScope(() =>
        {
            var (x, y) = Curve(12);
            var process = GaussianProcessRegression.Fit(ProcessKernel.RadialBasis(1.5, 0.8), 0.3, x, y);
            var points = randn([4, 2], dtype: ScalarType.Float64);
            var targets = randn([4], dtype: ScalarType.Float64);
            var (mean, variance) = process.Predict(points);
            var (squares, logs) = (0.0, 0.0);
            for (var i = 0; i < 4; i++)
            {
                var off = targets[i].item<double>() - mean[i].item<double>();
                var spread = variance[i].item<double>() + 0.3;
                squares += off * off;
                logs -= Math.Log(Math.Exp(-off * off / (2 * spread)) / Math.Sqrt(2 * Math.PI * spread));
            }

            var score = process.Score(points, targets);
            Check.Close(Math.Sqrt(squares / 4), score.RootMeanSquare, 1e-12, "error");
            Check.Close(logs / 4, score.NegativeLogDensity, 1e-12, "density");
            Check.Equal(4, score.Count, "m");
            var certain = GaussianProcessRegression.Fit(ProcessKernel.Linear(), 0, ones([1, 1], ScalarType.Float64), ones([1], ScalarType.Float64));
            Check.Equal(double.PositiveInfinity, certain.Score(ones([1, 1], ScalarType.Float64), ones([1], ScalarType.Float64)).NegativeLogDensity, "a number has no density");
            Check.Throws<ArgumentException>(() => process.Score(points, targets.narrow(0, 0, 3)), "too few targets");
            Check.Throws<ArgumentException>(() => process.Score(points, full([4], double.NaN, ScalarType.Float64)), "no number");
            Check.Throws<ArgumentException>(() => process.Score(ones([4, 3], ScalarType.Float64), targets), "another dimension");
            Check.Throws<ArgumentException>(() => process.Score(zeros([0, 2], ScalarType.Float64), zeros([0], ScalarType.Float64)), "none");
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
            Check.True(curve.All(p => p.LogLikelihood is { Rhat: > 0.9 and < 1.3, BulkSize: > 10, Mean: < 0, StandardError: > 0 }), $"agree: {curve[0].LogLikelihood}");
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
