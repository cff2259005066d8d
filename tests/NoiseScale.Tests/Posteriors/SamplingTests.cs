using Expecto;
using Expecto.CSharp;
using NoiseScale.Tests.Torch;
using NoiseScale.Torch;
using TorchSharp;
using static NoiseScale.Tests.Torch.SmallNetwork;
using static TorchSharp.torch;
using Posterior = NoiseScale.Theory.Sampling;

namespace NoiseScale.Tests.Posteriors;

/// <summary>Posterior sampling as a C# program asks for it.</summary>
internal static class SamplingTests
{
    private const double Precision = 0.5;

    // two overlapping clouds in the plane
    private static (Tensor Inputs, Tensor Labels) Clouds(int examples)
    {
        using var generator = new Generator(7);
        var inputs = randn([examples, 2], dtype: ScalarType.Float64, generator: generator);
        var noise = randn([examples], dtype: ScalarType.Float64, generator: generator);
        using var zero = 0.ToScalar();
        return (inputs, (inputs.select(1, 0).add(noise, 1)).gt(zero).to(ScalarType.Int64));
    }

    // E w₀ and var w₀ of the logistic posterior e^(−C/T), by sums over a grid
    private static (double Mean, double Variance) ByQuadrature(Tensor inputs, Tensor labels, double temperature)
    {
        var (x, y) = (inputs.data<double>().ToArray(), labels.data<long>().ToArray());
        const int points = 161;
        double[] axis = [.. Enumerable.Range(0, points).Select(i => -3 + (8.0 * i / (points - 1)))];
        var (total, first, second) = (0.0, 0.0, 0.0);
        foreach (var a in axis)
        {
            foreach (var b in axis)
            {
                var cost = Precision / 2 * ((a * a) + (b * b));
                for (var i = 0; i < y.Length; i++)
                {
                    var z = (a * x[2 * i]) + (b * x[(2 * i) + 1]);
                    cost += Math.Log(1 + Math.Exp(y[i] == 1 ? -z : z));
                }

                var weight = Math.Exp(-(cost - 20) / temperature);
                (total, first, second) = (total + weight, first + (weight * a), second + (weight * a * a));
            }
        }

        return (first / total, (second / total) - (first / total * (first / total)));
    }

    private static readonly ChainOptions Short = new() { Chains = 2, BurnIn = 5, Samples = 8, Thinning = 3, Seed = 3 };

    internal static Test All => Runner.TestList("sampling", [
        Runner.TestCase("logistic regression: mean and variance of the tempered posterior, by sums over a grid", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(40);
            var model = PosteriorModel.Linear(inputs, labels, 2, Precision, bias: false);
            Check.Equal((2, 40, 2, Precision), (model.Parameters, model.Examples, model.ClassCount, model.PriorPrecision), "sizes");
            foreach (var temperature in new[] { 0.5, 1 })
            {
                using var samples = model.Sample(
                    Samplers.NaturalLangevin(0.05, new(temperature), new FisherInformation { Damping = 0.02 }),
                    new ChainOptions { Chains = 64, BurnIn = 300, Samples = 250, Thinning = 8, Seed = 11 });
                var (mean, variance) = ByQuadrature(inputs, labels, temperature);
                var found = samples.Summary(0);
                Check.Equal(new PosteriorTemperature(temperature), samples.Temperature, "T");
                // chains worth 50 draws each scatter R̂ by some hundredths
                Check.True(found.Rhat < 1.05 && found.BulkSize > 2000, $"mixed: {found}");

                // the discretisation biases by O(ε), some hundredths of a standard deviation at ε = 0.05
                Check.True(Math.Abs(found.Mean - mean) < (4.5 * found.StandardError) + (0.05 * Math.Sqrt(variance)), $"mean {found} of {mean}");
                Check.Close(variance, found.Variance, 0.12, $"variance at T = {temperature}");
            }
        }),
        Runner.TestCase("a batch size is a temperature: natural gradient descent, with and without corrections", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(40);
            var model = PosteriorModel.Linear(inputs, labels, 2, Precision, bias: false);
            var (batch, temperature) = new PosteriorTemperature(1).ToBatchSize(0.2, 40);
            Check.Equal(4, batch, "B = N/(2T/ε + 1) = 3.64, rounded");
            Check.Close(0.1 * ((40.0 / 4) - 1), temperature.Value, 1e-15, "the temperature of 4");
            Check.Equal(temperature, PosteriorTemperature.OfBatch(0.2, 4, 40), "and back");
            var fisher = new FisherInformation { Damping = 0.05 };
            foreach (var sampler in new[]
                     {
                         Samplers.NaturalGradient(0.2, batch, fisher), Samplers.StochasticNaturalGradient(0.2, batch, fisher), Samplers.StochasticNaturalGradient(0.2, batch, fisher, probes: 2),
                     })
            {
                using var samples = model.Sample(sampler, Short);
                Check.Equal(temperature, samples.Temperature, "T of the samples");
                Check.SequenceEqual([8L, 11, 14, 17, 20, 23, 26, 29], samples.Updates, "every third after five");
                Check.SequenceEqual([8L, 2, 2], samples.Positions.shape, "samples, chains, parameters");
            }
        }),
        Runner.TestCase("the same seed gives the same samples, and a run that goes on is the longer run", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(30);
            var model = PosteriorModel.Linear(inputs, labels, 2, Precision);
            foreach (var sampler in (Sampler[])
                     [
                         Samplers.Langevin(0.1, batchSize: 7),
                         Samplers.Hamiltonian(0.05, 0.2),
                         Samplers.NaturalLangevin(0.1, fisher: new FisherInformation { Damping = 0.1 }),
                         Samplers.NaturalGradient(0.1, 5, new FisherInformation { Kind = FisherKind.MonteCarlo, Damping = 0.1, Examples = 20, Average = 0.9 }),
                     ])
            {
                using var whole = model.Sample(sampler, Short with { Samples = 20 });
                using var first = model.Sample(sampler, Short);
                using var rest = first.Continue(12);
                var joined = cat([first.Positions, rest.Positions], 0);
                Check.True(joined.eq(whole.Positions).all().item<bool>(), $"{sampler}: bit for bit");
                Check.SequenceEqual(whole.Updates, first.Updates.Concat(rest.Updates), "updates");
                using var other = model.Sample(sampler, Short with { Seed = 4 });
                Check.True(!other.Positions.eq(first.Positions).all().item<bool>(), "another seed");
            }
        }),
        Runner.TestCase("the ensemble's prediction is the mean of the samples'", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(30);
            var model = PosteriorModel.Linear(inputs, labels, 2, Precision);
            using var samples = model.Sample(Samplers.Langevin(0.2), Short);
            var weights = samples.Positions.reshape(-1, 3);
            var z = mm(cat([inputs, ones([30, 1], ScalarType.Float64)], 1), weights.t());
            var p = z.sigmoid().mean([1L]);
            var predicted = samples.Predict(inputs);
            Check.True(allclose(predicted.select(1, 1), p, 1e-12, 1e-14) && allclose(predicted.sum(1), ones_like(p), 1e-12, 1e-14), "probabilities");
            var score = samples.Score(inputs, labels);
            var y = labels.to(ScalarType.Float64);
            Check.Close(nn.functional.binary_cross_entropy(p, y).item<double>(), score.CrossEntropy, 1e-10, "cross-entropy");
            Check.Close(
                nn.functional.binary_cross_entropy_with_logits(z, y.unsqueeze(1).expand_as(z)).item<double>(), score.SingleCrossEntropy, 1e-10, "of single samples");
            Check.True(score.CrossEntropy <= score.SingleCrossEntropy && score.Samples == 16, "Jensen");
            using var half = 0.5.ToScalar();
            using var zero = 0.ToScalar();
            Tensor Right(Tensor one, Tensor truth) => one.eq(truth).to(ScalarType.Float64).mean();
            Check.Close(Right(p.gt(half), labels.gt(zero)).item<double>(), score.Accuracy, 1e-12, "accuracy");
            Check.Close(Right(z.gt(zero), labels.gt(zero).unsqueeze(1).expand_as(z)).item<double>(), score.SingleAccuracy, 1e-12, "of single samples");
            Check.True(score.Accuracy != score.SingleAccuracy, "two numbers");
        }),
        Runner.TestCase("a parameter's draws are its own, and its summary theirs", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(30);
            var model = PosteriorModel.Linear(inputs, labels, 2, Precision);
            using var samples = model.Sample(Samplers.Langevin(0.5), new ChainOptions { Chains = 3, BurnIn = 50, Samples = 400, Thinning = 4, Seed = 2 });
            for (var parameter = 0; parameter < 3; parameter++)
            {
                var draws = samples.Draws(parameter);
                for (var chain = 0; chain < 3; chain++)
                    Check.SequenceEqual(samples.Positions.select(2, parameter).select(1, chain).contiguous().data<double>().ToArray(), draws[chain], $"parameter {parameter}, chain {chain}");

                var found = samples.Summary(parameter);
                var all = draws.SelectMany(chain => chain).ToArray();
                Check.Close(all.Average(), found.Mean, 1e-12, "mean");
                Check.Close(all.Average(x => (x - all.Average()) * (x - all.Average())), found.Variance, 0.02, "variance");
                var core = Posterior.DrawsModule.ofArrays(draws);
                Check.Equal(
                    (Posterior.EffectiveSampleSize.bulk(core).ResultValue, Posterior.EffectiveSampleSize.tail(core).ResultValue, Posterior.PotentialScaleReduction.rankNormalised(core).ResultValue),
                    (found.BulkSize, found.TailSize, found.Rhat), "worth and agreement");
                Check.True(found.BulkSize != found.TailSize, "two numbers");
                Check.Close(Math.Sqrt(found.Variance / Posterior.EffectiveSampleSize.mean(core).ResultValue), found.StandardError, 0.02, "σ/√ESS");
            }
        }),
        Runner.TestCase("a perceptron's chains begin at weights of their seed", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Batch(12);
            var model = PosteriorModel.Perceptron(inputs, labels, 3, Precision, [4]);
            double First(long seed)
            {
                using var samples = model.Sample(Samplers.Langevin(1e-9, new(0)), new ChainOptions { Chains = 1, BurnIn = 0, Samples = 1, Seed = seed });
                return samples.Positions.data<double>().First();
            }

            Check.True(First(1) == First(1) && Math.Abs(First(1) - First(2)) > 1e-6, "without noise, the seed is in the start alone");
        }),
        Runner.TestCase("a perceptron, and the same as any model, take the same steps", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Batch(12);
            var model = PosteriorModel.Perceptron(inputs, labels, 3, Precision, [4]);
            Check.Equal((5 * 4) + 4 + (4 * 3) + 3, model.Parameters, "parameters");
            using var generator = new Generator(3);
            Tensor[] w = [.. ((long[][])[[4, 5], [4], [3, 4], [3]]).Select(shape => randn(shape, dtype: ScalarType.Float64, generator: generator))];
            var any = PosteriorModel.Of(
                (p, x) => nn.functional.linear(nn.functional.relu(nn.functional.linear(x, p[0], p[1])), p[2], p[3]), w, inputs, labels, 3, Precision);
            var start = cat([.. w.Select(part => part.flatten())]);
            foreach (var sampler in (Sampler[])
                     [
                         Samplers.Langevin(0.1, batchSize: 5),
                         Samplers.NaturalGradient(0.1, 5, new FisherInformation { Damping = 0.1 }),
                         Samplers.NaturalLangevin(0.1, new(0.5), new FisherInformation { Kind = FisherKind.Empirical, Damping = 0.2 }, SampledMeasure.Uncorrected),
                     ])
            {
                using var layers = model.Sample(sampler, Short with { Samples = 2 }, start);
                using var loops = any.Sample(sampler, Short with { Samples = 2 });
                Check.True(allclose(layers.Positions, loops.Positions, 1e-8, 1e-10), $"{sampler}");
                Check.True(layers.Score(inputs, labels) is { Accuracy: >= 0 and <= 1, SingleCrossEntropy: > 0 }, "scored");
            }
        }),
        Runner.TestCase("what cannot be sampled is refused by name, with what to change", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(12);
            var model = PosteriorModel.Linear(inputs, labels, 2, Precision);
            void Refused(Sampler sampler, string part) =>
                Check.True(Check.Throws<ArgumentException>(() => model.Sample(sampler, Short), part).Message.Contains(part, StringComparison.Ordinal), part);
            Refused(Samplers.Langevin(0.1, new(-1)), "a temperature is 0 or more");
            Refused(Samplers.Langevin(-0.1), "learningRate is -0.1");
            Refused(Samplers.NaturalGradient(0.1, 13), "1 to 12 examples, not 13");
            Refused(Samplers.Hamiltonian(0.1, 2), "friction is 2");
            Refused(Samplers.NaturalLangevin(0.1, fisher: new() { Average = 0.5 }), "moving average");
            Refused(Samplers.NaturalLangevin(0.1, probes: 0), "probes is 0");
            Refused(Samplers.NaturalLangevin(0.1, fisher: new() { Damping = -1 }), "damping is -1");
            Check.Throws<ArgumentException>(() => model.Sample(Samplers.Langevin(0.1), Short with { Chains = 0 }), "no chain");
            Check.Throws<ArgumentException>(() => PosteriorModel.Linear(inputs, labels + 5, 2, 1), "labels out of range");
            Check.Throws<ArgumentException>(() => PosteriorTemperature.OfBatch(0.1, 13, 12), "B > N");
            Check.Throws<ArgumentException>(() => new PosteriorTemperature(100).ToBatchSize(0.1, 12), "a batch below 1");

            var (x, y) = Batch(6);
            var wide = PosteriorModel.Perceptron(x, y, 3, Precision, [4]);
            var singular = Check.Throws<SamplingException>(() => wide.Sample(Samplers.NaturalGradient(0.1, 3), Short), "fewer examples than parameters");
            Check.True(singular.Message.Contains("damping", StringComparison.Ordinal) && singular.Update == 0, singular.Message);
            var diverged = Check.Throws<SamplingException>(
                () => model.Sample(Samplers.Langevin(1e6, new(0)), Short with { LargestParameter = 1e6, Samples = 1000 }, full([3], 5.0, ScalarType.Float64)), "too long steps");
            Check.True(diverged.Message.Contains("smaller learning rate", StringComparison.Ordinal) && diverged.Update > 0 && diverged.Chain == 0, diverged.Message);
            using var near = model.Sample(Samplers.Langevin(0.01, new(0)), Short, full([3], 5.0, ScalarType.Float64));
            var far = Check.Throws<SamplingException>(
                () => model.Sample(Samplers.Langevin(0.01, new(0)), Short with { LargestParameter = 4 }, full([3], 5.0, ScalarType.Float64)), "beyond the largest parameter");
            Check.True(far.Message.Contains("largest parameter", StringComparison.Ordinal), far.Message);
        }),
        Runner.TestCase("progress is told, a run can be stopped, and nothing is left behind", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(12);
            var model = PosteriorModel.Linear(inputs, labels, 2, Precision);
            List<SamplingProgress> seen = [];
            using var samples = model.Sample(Samplers.Langevin(0.1), Short, progress: new Listener(seen.Add));
            Check.Equal(new SamplingProgress(29, 29, 8), seen[^1], "the end");
            Check.True(seen.Zip(seen.Skip(1)).All(pair => pair.First.Fraction < pair.Second.Fraction) && seen[^1].Fraction == 1, "forwards");
            using var stop = new CancellationTokenSource();
            Check.Throws<OperationCanceledException>(
                () => model.Sample(Samplers.Langevin(0.1), Short, progress: new Listener(p => { if (p.Done > 10) stop.Cancel(); }), cancellationToken: stop.Token), "stopped");
            Live.NothingLeftBy(
                () =>
                {
                    using var kept = model.Sample(Samplers.NaturalGradient(0.1, 5, new FisherInformation { Damping = 0.1 }), Short);
                    using var more = kept.Continue(2);
                    using var predicted = more.Predict(inputs);
                    more.Score(inputs, labels);
                },
                "sampling");
        }),
        Runner.TestCase("tempering the likelihood alone is tempering the posterior with another prior", () =>
        {
            var (temperature, precision) = new LikelihoodTemperature(0.25).ToPosterior(3);
            Check.Equal((new PosteriorTemperature(0.25), 0.75), (temperature, precision), "T and Tλ");
        }),
    ]);

    private sealed class Listener(Action<SamplingProgress> told) : IProgress<SamplingProgress>
    {
        public void Report(SamplingProgress value) => told(value);
    }
}
