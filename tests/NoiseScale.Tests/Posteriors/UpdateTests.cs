using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NoiseScale.Tests.Posteriors;

/// <summary>One or two updates of every sampler against its formula, written out for logistic regression with two weights.</summary>
internal static class UpdateTests
{
    private const int N = 30;
    private const double Rate = 0.2;
    private const double Precision = 0.7;

    // as many chains as tell a variance to 2 %: 4.9 deviations are 8 % of it
    private const int Many = 3000;

    private static readonly double[] Start = [0.6, -0.4];
    private static readonly double[][] X = Rows();
    private static readonly double[] Y = [.. X.Select((x, i) => x[0] + (((i * 7) % 5) / 2.0) - 1 > 0 ? 1.0 : 0)];

    private static double[][] Rows()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(17);
        var numbers = randn([N, 2], dtype: ScalarType.Float64, generator: generator).data<double>().ToArray();
        return [.. Enumerable.Range(0, N).Select(i => (double[])[numbers[2 * i], numbers[(2 * i) + 1]])];
    }

    private static double Probability(double[] w, double[] x) => 1 / (1 + Math.Exp(-(w[0] * x[0]) - (w[1] * x[1])));

    // the data's part of each example's gradient, (p − y)x
    private static double[][] Gradients(double[] w) => [.. X.Select((x, i) => (double[])[(Probability(w, x) - Y[i]) * x[0], (Probability(w, x) - Y[i]) * x[1]])];

    // ∇C/N, C with the prior
    private static double[] Gradient(double[] w) => [.. Enumerable.Range(0, 2).Select(k => (Gradients(w).Sum(g => g[k]) + (Precision * w[k])) / N)];

    private static double[,] Summed(IEnumerable<(double Weight, double[] Vector)> terms, double scale, double damping = 0)
    {
        var sum = new double[2, 2];
        foreach (var (weight, v) in terms)
        {
            for (var i = 0; i < 2; i++)
            {
                for (var j = 0; j < 2; j++)
                    sum[i, j] += scale * weight * v[i] * v[j];
            }
        }

        (sum[0, 0], sum[1, 1]) = (sum[0, 0] + damping, sum[1, 1] + damping);
        return sum;
    }

    // (1/N)·Σ p(1 − p)xxᵀ
    private static double[,] Model(double[] w, double damping) => Summed(X.Select(x => (Probability(w, x) * (1 - Probability(w, x)), x)), 1.0 / N, damping);

    private static double[,] Covariance(double[] w, double damping)
    {
        var gradients = Gradients(w);
        double[] mean = [gradients.Average(g => g[0]), gradients.Average(g => g[1])];
        return Summed(gradients.Select(g => (1.0, (double[])[g[0] - mean[0], g[1] - mean[1]])), 1.0 / (N - 1), damping);
    }

    private static double[,] Inverse(double[,] a)
    {
        var det = (a[0, 0] * a[1, 1]) - (a[0, 1] * a[1, 0]);
        return new[,] { { a[1, 1] / det, -a[0, 1] / det }, { -a[1, 0] / det, a[0, 0] / det } };
    }

    private static double[] Times(double[,] a, double[] v) => [(a[0, 0] * v[0]) + (a[0, 1] * v[1]), (a[1, 0] * v[0]) + (a[1, 1] * v[1])];

    private static double[] Minus(double[] a, double[] b) => [a[0] - b[0], a[1] - b[1]];

    // ∂a/∂wⱼ by central differences, element by element
    private static double Slope(Func<double[], double> a, double[] w, int j)
    {
        const double h = 1e-5;
        double[] Moved(double by) => [w[0] + (j == 0 ? by : 0), w[1] + (j == 1 ? by : 0)];
        return (a(Moved(h)) - a(Moved(-h))) / (2 * h);
    }

    // what the measure adds to the drift, −Σⱼ F⁻¹(∂ⱼF)F⁻¹ = Σⱼ ∂ⱼ(F⁻¹)ᵢⱼ, and for Jeffreys ½F⁻¹ Tr(F⁻¹∂F) = ½F⁻¹∇ln det F
    private static double[] Correction(SampledMeasure measure, double damping)
    {
        double[,] F(double[] w) => Model(w, damping);
        double LogDet(double[] w) => Math.Log((F(w)[0, 0] * F(w)[1, 1]) - (F(w)[0, 1] * F(w)[1, 0]));
        double[] divergence = [.. Enumerable.Range(0, 2).Select(i => Enumerable.Range(0, 2).Sum(j => Slope(w => Inverse(F(w))[i, j], Start, j)))];
        var volume = Times(Inverse(F(Start)), [0.5 * Slope(LogDet, Start, 0), 0.5 * Slope(LogDet, Start, 1)]);
        return measure switch
        {
            SampledMeasure.Uncorrected => [0, 0],
            SampledMeasure.Uniform => divergence,
            _ => [divergence[0] + volume[0], divergence[1] + volume[1]],
        };
    }

    // positions after so many updates from the start, [update][chain]
    private static double[][][] Walk(Sampler sampler, int chains = 1, int updates = 1, long seed = 5, bool atMinimum = false)
    {
        using var scope = NewDisposeScope();
        var inputs = tensor([.. X.SelectMany(x => x)], [N, 2]);
        var labels = tensor([.. Y.Select(y => (long)y)]);
        var model = PosteriorModel.Linear(inputs, labels, 2, Precision, bias: false);
        using var samples = model.Sample(sampler, new ChainOptions { Chains = chains, BurnIn = 0, Samples = updates, Seed = seed }, atMinimum ? null : tensor(Start));
        var all = samples.Positions.data<double>().ToArray();
        return [.. Enumerable.Range(0, updates).Select(u => Enumerable.Range(0, chains).Select(c => (double[])[all[2 * ((u * chains) + c)], all[(2 * ((u * chains) + c)) + 1]]).ToArray())];
    }

    private static void Near(double[] expected, double[] actual, double tolerance, string what) => Check.True(
        Math.Abs(expected[0] - actual[0]) <= tolerance && Math.Abs(expected[1] - actual[1]) <= tolerance, $"{what}: ({expected[0]}, {expected[1]}) and ({actual[0]}, {actual[1]})");

    // the spread of chains after one update, against a covariance
    private static void Spread(double[,] expected, Sampler sampler, string what)
    {
        var chains = Walk(sampler, Many)[0];
        double[] mean = [chains.Average(w => w[0]), chains.Average(w => w[1])];
        double Of(int i, int j) => chains.Average(w => (w[i] - mean[i]) * (w[j] - mean[j]));
        var scale = Math.Sqrt(expected[0, 0] * expected[1, 1]);
        Check.Close(expected[0, 0], Of(0, 0), 0.13, $"{what}: var w₀");
        Check.Close(expected[1, 1], Of(1, 1), 0.13, $"{what}: var w₁");
        Check.True(Math.Abs(expected[0, 1] - Of(0, 1)) < 0.13 * scale, $"{what}: covariance {expected[0, 1]}, found {Of(0, 1)}");
    }

    private static double[,] Scaled(double[,] a, double by) => new[,] { { by * a[0, 0], by * a[0, 1] }, { by * a[1, 0], by * a[1, 1] } };

    private static readonly double[,] One = { { 1, 0 }, { 0, 1 } };

    internal static Test All => Runner.TestList("one update of a sampler", [
        Runner.TestCase("without noise: −ε∇C/N, and with momentum twice", () =>
        {
            var step = Times(Scaled(One, Rate), Gradient(Start));
            Near(Minus(Start, step), Walk(Samplers.Langevin(Rate, new(0)))[0][0], 1e-12, "Langevin");
            foreach (var friction in new[] { 0.25, 1.0 })
            {
                var walk = Walk(Samplers.Hamiltonian(Rate, friction, new(0)), updates: 2);
                var first = walk[0][0];
                Near(Minus(Start, step), first, 1e-12, "from rest");
                var momentum = Minus(first, Start);
                var second = Minus([first[0] + ((1 - friction) * momentum[0]), first[1] + ((1 - friction) * momentum[1])], Times(Scaled(One, Rate), Gradient(first)));
                Near(second, walk[1][0], 1e-12, $"v ← (1 − γ)v − ε∇C/N, γ = {friction}");
            }

            // where no start is given, chains begin at the minimum of C and are still there
            var minimum = Walk(Samplers.Langevin(Rate, new(0)), atMinimum: true)[0][0];
            Near([0, 0], Gradient(minimum), 1e-8, "∇C = 0 at the minimum, with the prior's own precision");
        }),
        Runner.TestCase("injected noise: 2Tε/N, by the metric's inverse where there is one", () =>
        {
            foreach (var t in new[] { 0.5, 2 })
            {
                Spread(Scaled(One, 2 * t * Rate / N), Samplers.Langevin(Rate, new(t)), $"Langevin at T = {t}");
                Spread(Scaled(One, 2 * t * Rate / N), Samplers.Hamiltonian(Rate, 1, new(t)), $"Hamiltonian without memory at T = {t}");
                var fisher = new FisherInformation { Damping = 0.05 };
                Spread(
                    Scaled(Inverse(Model(Start, 0.05)), 2 * t * Rate / N), Samplers.NaturalLangevin(Rate, new(t), fisher, SampledMeasure.Uncorrected), $"natural Langevin at T = {t}");
            }

            // the first momenta are those of the stationary law, of variance εT/N each
            Spread(Scaled(One, ((0.75 * 0.75) + (2 * 0.25)) * Rate / N), Samplers.Hamiltonian(Rate, 0.25), "Hamiltonian with memory, T = 1 by default");
            Spread(Scaled(One, 2 * Rate / N), Samplers.Langevin(Rate), "Langevin, T = 1 by default");
            Spread(
                Scaled(Inverse(Model(Start, 0.05)), 2 * Rate / N), Samplers.NaturalLangevin(Rate, fisher: new() { Damping = 0.05 }, measure: SampledMeasure.Uncorrected),
                "natural Langevin, T = 1 by default");
        }),
        Runner.TestCase("noise of minibatches: (1/B)(1 − B/N) of the examples' covariance", () =>
        {
            const int batch = 6;
            var noise = Scaled(Covariance(Start, 0), Rate * Rate / batch * (1 - ((double)batch / N)));
            Spread(noise, Samplers.Langevin(Rate, new(0), batch), "Langevin");
            Spread(noise, Samplers.Hamiltonian(Rate, 1, new(0), batch), "Hamiltonian");
            var inverse = Inverse(Model(Start, 0.05));
            double[] first = Times(inverse, [1, 0]), second = Times(inverse, [0, 1]);
            var turned = new double[2, 2];
            for (var i = 0; i < 2; i++)
            {
                for (var j = 0; j < 2; j++)
                {
                    turned[i, j] = (noise[0, 0] * first[i] * first[j]) + (noise[1, 1] * second[i] * second[j]) + (noise[0, 1] * ((first[i] * second[j]) + (second[i] * first[j])));
                }
            }

            var fisher = new FisherInformation { Damping = 0.05 };
            Spread(turned, Samplers.NaturalGradient(Rate, batch, fisher), "natural gradient");
            Spread(turned, Samplers.NaturalLangevin(Rate, new(0), fisher, SampledMeasure.Uncorrected, batch), "natural Langevin");
        }),
        Runner.TestCase("every metric: −ε(F + δ)⁻¹∇C/N on all examples", () =>
        {
            foreach (var damping in new[] { 0.0, 0.3 })
            {
                foreach (var (kind, matrix) in new[]
                         {
                             (FisherKind.Model, Model(Start, damping)), (FisherKind.Empirical, Summed(Gradients(Start).Select(g => (1.0, g)), 1.0 / N, damping)),
                             (FisherKind.Covariance, Covariance(Start, damping)),
                         })
                {
                    var expected = Minus(Start, Times(Scaled(Inverse(matrix), Rate), Gradient(Start)));
                    Near(expected, Walk(Samplers.NaturalGradient(Rate, N, new() { Kind = kind, Damping = damping }))[0][0], 1e-9, $"{kind}, δ = {damping}");
                }
            }

            // labels drawn from the model: their mean is the model's Fisher, and ten times as many scatter √10 times less
            double Scatter(int draws)
            {
                var chains = Walk(Samplers.NaturalGradient(Rate, N, new() { Kind = FisherKind.MonteCarlo, Draws = draws, Damping = 0.3 }), 400)[0];
                var mean = chains.Average(w => w[0]);
                Check.Close(Minus(Start, Times(Scaled(Inverse(Model(Start, 0.3)), Rate), Gradient(Start)))[0], mean, 0.02, $"{draws} draws: mean");
                return Math.Sqrt(chains.Average(w => (w[0] - mean) * (w[0] - mean)));
            }

            Check.Close(Math.Sqrt(10), Scatter(1) / Scatter(10), 0.25, "scatter of one and of ten draws");
            var few = Walk(Samplers.NaturalGradient(Rate, N, new() { Damping = 0.3, Examples = 10 }), 5)[0];
            Check.Equal(5, few.Select(w => w[0]).Distinct().Count(), "a batch of its own for every chain");
            var all = Walk(Samplers.NaturalGradient(Rate, N, new() { Damping = 0.3 }), 5)[0];
            Check.True(all.Max(w => w[0]) - all.Min(w => w[0]) < 1e-12, "all examples are the same for all");
        }),
        Runner.TestCase("a moving average of the metric keeps α of what was", () =>
        {
            const double alpha = 0.8;
            var walk = Walk(Samplers.NaturalGradient(Rate, N, new() { Damping = 0.1, Average = alpha }), updates: 2);
            var first = Minus(Start, Times(Scaled(Inverse(Model(Start, 0.1)), Rate), Gradient(Start)));
            Near(first, walk[0][0], 1e-9, "the first is itself");
            var (before, now) = (Model(Start, 0.1), Model(first, 0.1));
            var mixed = new double[2, 2];
            for (var i = 0; i < 2; i++)
            {
                for (var j = 0; j < 2; j++)
                    mixed[i, j] = (alpha * before[i, j]) + ((1 - alpha) * now[i, j]);
            }

            Near(Minus(first, Times(Scaled(Inverse(mixed), Rate), Gradient(first))), walk[1][0], 1e-9, "αF̄ + (1 − α)F");
            Check.Close(Math.Pow(0.95, 50), FisherInformation.AverageFor(0.05), 1e-12, "α = 0.95^(ε/0.001)");
        }),
        Runner.TestCase("every measure: what it adds to the drift, with signs put right, and nothing to the noise", () =>
        {
            const double t = 1.5;
            const int batch = 6;
            var fisher = new FisherInformation { Damping = 0.05 };
            var noise = Rate / 2 * (((double)N / batch) - 1);
            foreach (var measure in new[] { SampledMeasure.Uniform, SampledMeasure.Jeffreys })
            {
                var added = Correction(measure, 0.05);
                var plain = Walk(Samplers.NaturalLangevin(Rate, new(t), fisher, SampledMeasure.Uncorrected))[0][0];
                var moved = Walk(Samplers.NaturalLangevin(Rate, new(t), fisher, measure))[0][0];
                Near(Times(Scaled(One, Rate * t / N), added), Minus(moved, plain), 1e-7, $"natural Langevin, {measure}: εT/N times it");

                plain = Walk(Samplers.NaturalGradient(Rate, batch, fisher))[0][0];
                moved = Walk(Samplers.StochasticNaturalGradient(Rate, batch, fisher, measure))[0][0];
                Near(Times(Scaled(One, Rate * noise / N), added), Minus(moved, plain), 1e-7, $"SNGD, {measure}: T of its batch");

                // along random directions the mean is the same and every chain has its own
                foreach (var sampler in new[] { Samplers.StochasticNaturalGradient(Rate, N - 1, fisher, measure, probes: 1), Samplers.NaturalLangevin(Rate, new(t), fisher, measure, probes: 1) })
                {
                    var exact = sampler is NaturalGradientSampler ? Samplers.StochasticNaturalGradient(Rate, N - 1, fisher, measure) : Samplers.NaturalLangevin(Rate, new(t), fisher, measure);
                    Check.True(Walk(sampler)[0][0][0] != Walk(exact)[0][0][0], $"{measure}: probes are no exact derivative");
                }
            }
        }),
    ]);
}
