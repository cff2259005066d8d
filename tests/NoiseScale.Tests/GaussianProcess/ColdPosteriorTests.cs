using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using static NoiseScale.Tests.Torch.SmallNetwork;
using static TorchSharp.torch;

namespace NoiseScale.Tests.GaussianProcess;

/// <summary>Posteriors of labels by sums over a grid: one training example, two classes, functions through the origin.</summary>
internal static class ColdPosteriorTests
{
    private const double Variance = 4;
    private const double At = 0.8;
    private static readonly double[] Points = [-1, 0.5, 2];
    private static readonly long[] Labels = [1, 1, 1];

    private static double Logistic(double z) => 1 / (1 + Math.Exp(-z));

    // −mean ln E p(y | f(x)) with f(x) = f·x/0.8 and f ~ p(1 | f)^(1/T) N(f; 0, v) in both classes
    private static double ByQuadrature(Func<double, double, double> likelihood, Func<double, double> predicted, double temperature, double priorScale)
    {
        var variance = Variance * At * At * priorScale;
        const int count = 301;
        var reach = 9 * Math.Sqrt(variance);
        double[] axis = [.. Enumerable.Range(0, count).Select(i => reach * ((2.0 * i / (count - 1)) - 1))];
        var (total, right) = (0.0, new double[Points.Length]);
        foreach (var first in axis)
        {
            foreach (var second in axis)
            {
                var weight = Math.Pow(likelihood(first, second), 1 / temperature) * Math.Exp(-((first * first) + (second * second)) / (2 * variance));
                total += weight;
                for (var i = 0; i < Points.Length; i++)
                    right[i] += weight * predicted((second - first) * Points[i] / At);
            }
        }

        return -right.Average(sum => Math.Log(sum / total));
    }

    // N(f; ln α − v/2, v), v = ln(1/α + 1)
    private static double Dirichlet(double f, double alpha)
    {
        var v = Math.Log((1 / alpha) + 1);
        var off = f - Math.Log(alpha) + (v / 2);
        return Math.Exp(-off * off / (2 * v)) / Math.Sqrt(2 * Math.PI * v);
    }

    private static (Tensor Inputs, Tensor Labels) Training => (tensor((double[])[At], [1, 1]), ones([1], ScalarType.Int64));

    private static IReadOnlyList<ColdPosteriorPoint> Curve(LabelModel likelihood, LabelModel predicted, Tempering tempering, int chains = 100, int draws = 20, long seed = 0) =>
        ColdPosterior.Curve(ProcessKernel.Linear(Variance), 2, likelihood, predicted, [tempering], Training, (tensor(Points, [3, 1]), tensor(Labels)), chains, draws, seed);

    internal static Test All => Runner.TestList("posteriors of labels", [
        Runner.TestCase("every likelihood and tempering: the test cross-entropy, by sums over a grid", () => InScope(() =>
        {
            double Flipped(double p) => (0.8 * p) + (0.2 * (1 - p));
            foreach (var (likelihood, predicted, tempering, expected) in new[]
                     {
                         (LabelModel.GivenAgreement(3), LabelModel.Flipped(0.2), Tempering.Of(new LikelihoodTemperature(0.4)),
                             ByQuadrature((a, b) => Logistic(3 * (b - a)), z => Flipped(Logistic(z)), 0.4, 1)),
                         (LabelModel.Flipped(0.2), LabelModel.Softmax, Tempering.Of(new PosteriorTemperature(2)), ByQuadrature((a, b) => Flipped(Logistic(b - a)), Logistic, 2, 2)),
                         (LabelModel.NoisyDirichlet(0.01), LabelModel.GivenAgreement(2), Tempering.None,
                             ByQuadrature((a, b) => Dirichlet(a, 0.01) * Dirichlet(b, 1.01), z => Logistic(2 * z), 1, 1)),
                     })
            {
                var found = Curve(likelihood, predicted, tempering)[0];
                Check.Equal(tempering, found.Tempering, "which");
                Check.True(found.CrossEntropyError is > 0 and < 0.15, $"{likelihood}: precise, {found}");
                Check.True(Math.Abs(found.CrossEntropy - expected) < 4.5 * found.CrossEntropyError, $"{likelihood} at {tempering}: {expected}, found {found}");
            }
        })),
        Runner.TestCase("the seed decides the draws", () => InScope(() =>
        {
            double[] Found(long seed) => [.. Curve(LabelModel.Softmax, LabelModel.Softmax, Tempering.None, chains: 2, draws: 2, seed: seed).Select(point => point.CrossEntropy)];
            var first = Found(1);
            Check.SequenceEqual(first, Found(1), "the same seed");
            Check.True(first[0] != Found(2)[0], "another");
        })),
        Runner.TestCase("what two and three classes' priors expect of labels, by sums over a grid", () =>
        {
            foreach (var v in new[] { 0.5, 6 })
            {
                foreach (var classes in new[] { 2, 3 })
                {
                    // differences of the logits from the first's: N(0, v(1 + δ)) together
                    var (total, entropy, largest, agreement) = (0.0, 0.0, 0.0, 0.0);
                    const int count = 801;
                    var reach = 9 * Math.Sqrt(2 * v);
                    for (var i = 0; i < count; i++)
                    {
                        for (var j = 0; j < (classes == 2 ? 1 : count); j++)
                        {
                            var (a, b) = (reach * ((2.0 * i / (count - 1)) - 1), reach * ((2.0 * j / (count - 1)) - 1));
                            var weight = Math.Exp(classes == 2 ? -a * a / (4 * v) : -((a * a) - (a * b) + (b * b)) / (3 * v));
                            double[] e = classes == 2 ? [1, Math.Exp(a)] : [1, Math.Exp(a), Math.Exp(b)];
                            double[] p = [.. e.Select(one => one / e.Sum())];
                            total += weight;
                            entropy -= weight * p.Sum(one => one * Math.Log(one));
                            largest += weight * p.Max();
                            agreement += weight * p.Sum(one => one * one);
                        }
                    }

                    (entropy, largest, agreement) = (entropy / total, largest / total, agreement / total);
                    var found = AleatoricContent.Of(classes, v);
                    Check.Equal((classes, v, 0.0), (found.Classes, found.LogitVariance, found.StandardError), "what was asked, without chance");
                    Check.Close(entropy, found.Entropy, 1e-6, $"E H of {classes} at {v}");
                    Check.Close(largest, found.MaxProbability, 1e-3, $"E max p of {classes} at {v}, which has an edge");
                    Check.Close(agreement, found.Agreement, 1e-6, $"E Σp² of {classes} at {v}");

                    // given the first label the second is the same with that probability, and the others are alike
                    var second = -(agreement * Math.Log(agreement)) - ((1 - agreement) * Math.Log((1 - agreement) / (classes - 1)));
                    Check.Close(second - entropy, found.RelabellingGain, 1e-5, $"I(f; y₂ | y₁) of {classes} at {v}");
                }
            }
        }),
        Runner.TestCase("more classes: draws of a seed, with their standard error", () =>
        {
            var (one, two) = (AleatoricContent.Of(4, 2, 1), AleatoricContent.Of(4, 2, 2));
            Check.Equal(one, AleatoricContent.Of(4, 2, 1), "the same seed");
            Check.True(one.Entropy != two.Entropy && Math.Abs(one.Entropy - two.Entropy) < 4.5 * Math.Sqrt(2) * one.StandardError, $"another seed: {one}, {two}");

            // H is between 0 and ln 4, so its deviation is at most half of that
            Check.True(one.StandardError > 0 && one.StandardError < Math.Log(4) / 2 / Math.Sqrt(99_999), "of 100 000 draws");
        }),
    ]);
}
