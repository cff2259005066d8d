using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using static NoiseScale.Tests.Torch.SmallNetwork;
using static TorchSharp.torch;

namespace NoiseScale.Tests.Posteriors;

/// <summary>Where chains begin and go on, what models take as inputs, and what is refused.</summary>
internal static class ChainTests
{
    private const double Rate = 0.3;
    private const double Precision = 0.7;

    // one update, no noise
    private static readonly ChainOptions One = new() { Chains = 2, BurnIn = 0, Samples = 1 };

    private static (Tensor Inputs, Tensor Labels) Two(int examples)
    {
        using var generator = new Generator(23);
        var inputs = randn([examples, 2], dtype: ScalarType.Float64, generator: generator);
        return (inputs, randint(0, 2, [examples], dtype: ScalarType.Int64, generator: generator));
    }

    private static void Near(Tensor expected, Tensor actual, string what) => Check.True(allclose(expected, actual, 1e-10, 1e-12), $"{what}: {expected.str()} and {actual.str()}");

    internal static Test All => Runner.TestList("chains", [
        Runner.TestCase("chains begin where they are told, each at its own place or all at one", () => InScope(() =>
        {
            var (x, y) = Two(9);
            var model = PosteriorModel.Linear(x, y, 2, Precision, bias: false);
            var start = tensor((double[])[0.6, -0.4, -1.1, 2.5], [2, 2]);
            Tensor After(Tensor w)
            {
                // w − ε∇C/N, ∇C = Xᵀ(σ(Xw) − y) + λw
                var slope = x.t().matmul(x.matmul(w).sigmoid() - y.to(ScalarType.Float64)) + (Precision * w);
                return w - (Rate / 9 * slope);
            }

            using var own = model.Sample(Samplers.Langevin(Rate, new(0)), One, start);
            Near(stack([After(start[0]), After(start[1])]), own.Positions[0], "each at its own");
            using var same = model.Sample(Samplers.Langevin(Rate, new(0)), One, start[1]);
            Near(stack([After(start[1]), After(start[1])]), same.Positions[0], "all at one");
            using var narrow = model.Sample(Samplers.Langevin(Rate, new(0)), One, start.to(ScalarType.Float32));
            Check.True(narrow.Positions.dtype == ScalarType.Float64 && allclose(own.Positions, narrow.Positions, 1e-6, 1e-6), "of another type");
            Check.Throws<ArgumentException>(() => model.Sample(Samplers.Langevin(Rate), One, zeros([2, 3], ScalarType.Float64)), "three parameters");
            var three = Check.Throws<ArgumentException>(() => model.Sample(Samplers.Langevin(Rate), One, zeros([3, 2], ScalarType.Float64)), "three places for two chains");
            Check.True(three.ParamName == "start" && three.Message.Contains("[2, 2]", StringComparison.Ordinal), three.Message);
        })),
        Runner.TestCase("a chain that stops is named, with its update", () => InScope(() =>
        {
            var (x, y) = Two(9);
            var model = PosteriorModel.Linear(x, y, 2, Precision, bias: false);
            var start = tensor((double[])[0, 0, 0, 0, 9, 9], [3, 2]);
            foreach (var burnIn in new[] { 0, 5 })
            {
                var stopped = Check.Throws<SamplingException>(
                    () => model.Sample(Samplers.Langevin(0.01, new(0)), new ChainOptions { Chains = 3, BurnIn = burnIn, Samples = 2, LargestParameter = 8 }, start), "the last chain");
                Check.Equal((2, Math.Max(1L, burnIn)), (stopped.Chain, stopped.Update), "chain and update, looked at when the burn-in ends");
            }
        })),
        Runner.TestCase("going on tells its own progress, and can be stopped", () => InScope(() =>
        {
            var (x, y) = Two(9);
            var model = PosteriorModel.Linear(x, y, 2, Precision, bias: false);
            using var first = model.Sample(Samplers.Langevin(Rate), new ChainOptions { Chains = 2, BurnIn = 5, Samples = 3, Thinning = 4 });
            List<SamplingProgress> seen = [];
            using var rest = first.Continue(6, new Listener(seen.Add));
            Check.Equal(new SamplingProgress(24, 24, 6), seen[^1], "six, four updates apart, and no burn-in");
            Check.True(rest.Count == 6 && rest.State.Update == 5 + 12 + 24, "all updates are counted");
            Check.Throws<OperationCanceledException>(() => first.Continue(6, cancellationToken: new(true)), "stopped");
            Check.Throws<ArgumentOutOfRangeException>(() => first.Continue(0), "no samples");
            Check.Equal((0.25, 1), (new SamplingProgress(1, 4, 0).Fraction, new SamplingProgress(0, 0, 0).Fraction), "a part, and nothing to do");
        })),
        Runner.TestCase("a parameter that is none has no draws", () => InScope(() =>
        {
            var (x, y) = Two(9);
            using var samples = PosteriorModel.Linear(x, y, 2, Precision).Sample(Samplers.Langevin(Rate), new ChainOptions { Chains = 2, BurnIn = 0, Samples = 9 });
            Check.Equal(9, samples.Draws(2)[1].Length, "the last");
            foreach (var none in new[] { -1, 3 })
            {
                Check.Throws<ArgumentOutOfRangeException>(() => samples.Draws(none), $"draws of {none}");
                Check.Throws<ArgumentOutOfRangeException>(() => samples.Summary(none), $"summary of {none}");
            }
        })),
        Runner.TestCase("inputs of any shape and type: rows of float64, or whole numbers as they are", () => InScope(() =>
        {
            var (rows, labels) = Batch(12);
            var images = cat([rows, rows.narrow(1, 0, 1)], 1).to(ScalarType.Float32).reshape(12, 2, 3);
            var flat = images.to(ScalarType.Float64).reshape(12, 6);
            var start = linspace(-1, 1, 21, ScalarType.Float64);
            PosteriorModel[] Models(Tensor x) =>
            [
                PosteriorModel.Linear(x, labels, 3, Precision), PosteriorModel.Perceptron(x, labels, 3, Precision, [2]),
                PosteriorModel.Of((p, z) => z.reshape(z.shape[0], 6).matmul(p[0].reshape(6, 3)), [start.narrow(0, 0, 18).to(ScalarType.Float32)], x, labels, 3, Precision),
            ];
            foreach (var (one, other) in Models(images).Zip(Models(flat)))
            {
                var at = one.Parameters == 21 ? start : linspace(-1, 1, one.Parameters, ScalarType.Float64);
                using var ofImages = one.Sample(Samplers.Langevin(Rate, new(0)), One, at);
                using var ofRows = other.Sample(Samplers.Langevin(Rate, new(0)), One, at);
                Near(ofRows.Positions, ofImages.Positions, $"{one.Parameters} parameters");
                Near(ofRows.Predict(flat), ofImages.Predict(images), "predictions");
            }

            // a table of logits by whole numbers: ∇ of row k is Σ (softmax w_k − e_y) over the examples of k, and λw
            long[] words = [0, 1, 1, 2, 0, 1], classes = [0, 1, 0, 1, 1, 1];
            double[] table = [0.2, -0.3, 0.5, 0.1, -0.6, 0.4];
            double[] slopes = [.. table.Select(w => Precision * w)];
            for (var i = 0; i < words.Length; i++)
            {
                var first = 2 * words[i];
                var probability = 1 / (1 + Math.Exp(table[first] - table[first + 1]));
                slopes[first] += classes[i] - probability;
                slopes[first + 1] += probability - classes[i];
            }

            var lookup = PosteriorModel.Of((p, z) => p[0].index_select(0, z), [tensor(table, [3, 2])], tensor(words), tensor(classes), 2, Precision);
            using var found = lookup.Sample(Samplers.Langevin(Rate, new(0)), One);
            Near(tensor([.. table.Zip(slopes).Select(pair => pair.First - (Rate / 6 * pair.Second))]), found.Positions[0][0], "whole numbers");
        })),
        Runner.TestCase("labels are int64, there is a hidden layer, and enums have names", () => InScope(() =>
        {
            var (x, y) = Two(9);
            var model = PosteriorModel.Linear(x, y, 2, Precision, bias: false);
            using var samples = model.Sample(Samplers.Langevin(Rate), One);
            foreach (var type in new[] { ScalarType.Int32, ScalarType.Float64, ScalarType.Bool })
            {
                var other = y.to(type);
                foreach (var action in (Action[])
                         [
                             () => PosteriorModel.Linear(x, other, 2, Precision), () => PosteriorModel.Perceptron(x, other, 2, Precision, [3]),
                             () => PosteriorModel.Of((p, z) => z.matmul(p[0]), [zeros([2, 2], ScalarType.Float64)], x, other, 2, Precision), () => samples.Score(x, other),
                         ])
                    Check.Equal("labels", Check.Throws<ArgumentException>(action, $"{type}").ParamName, "which");
            }

            foreach (var widths in (int[][])[[], [4, 0]])
                Check.Equal("hiddenWidths", Check.Throws<ArgumentException>(() => PosteriorModel.Perceptron(x, y, 2, Precision, widths), "no layer").ParamName, "which");

            Check.Throws<ArgumentOutOfRangeException>(() => PosteriorModel.Linear(x, zeros_like(y), 1, Precision), "one class");
            foreach (var sampler in new[]
                     {
                         Samplers.NaturalGradient(Rate, 3, new() { Kind = (FisherKind)4 }), Samplers.StochasticNaturalGradient(Rate, 3, measure: (SampledMeasure)3),
                         Samplers.NaturalLangevin(Rate, measure: (SampledMeasure)(-1)),
                     })
                Check.Throws<ArgumentOutOfRangeException>(() => model.Sample(sampler, One), $"{sampler}");

            Check.Equal(
                new ChainOptions { Chains = 4, BurnIn = 1000, Thinning = 1, Samples = 1000, LargestParameter = double.PositiveInfinity, Seed = 0 }, new ChainOptions(), "without options");
        })),
    ]);

    private sealed class Listener(Action<SamplingProgress> told) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => told(value);
    }
}
