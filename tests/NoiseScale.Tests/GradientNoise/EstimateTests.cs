using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests.GradientNoise;

/// <summary>The façade of the noise estimates and of the critical batch; the mathematics is tested where it lives.</summary>
internal static class EstimateTests
{
    // four micro-batches of the gradients 1, 2, 3, 6 and their mean 3: Σb(g − ḡ)² = 14·b, so tr Σ̂ = 14b/3
    private static readonly double[] Squares = [1, 4, 9, 36];

    private static IEnumerable<GradientNoiseMeasurement> Scattered(double noise, double signal, double spread) =>
        Enumerable.Range(0, 20).Select(i => new GradientNoiseMeasurement(noise * (1 + 0.1 * Math.Sin(i)), signal + spread * Math.Cos(3 * i)));

    internal static Test All => Runner.TestList("gradient noise", [
        Runner.TestCase("measurements: the formulas on numbers one can check by hand", () =>
        {
            var micro = GradientNoiseMeasurement.OfMicroBatches([2, 2, 2, 2], Squares, 9);
            Check.Close(28.0 / 3, micro.TraceOfCovariance, 1e-14, "tr Σ");
            Check.Close(9 - 28.0 / 3 / 8, micro.SquaredGradientNorm, 1e-14, "‖G‖²");
            var whole = GradientNoiseMeasurement.OfMicroBatches([2, 2, 2, 2], Squares, 9, trainingSetSize: 8);
            Check.Close(9, whole.SquaredGradientNorm, 1e-14, "all of the training set");
            var examples = GradientNoiseMeasurement.OfExamples(Squares, 9);
            Check.Close(14.0 / 3, examples.TraceOfCovariance, 1e-14, "tr Σ of examples");
            // ‖g_b‖² = ‖G‖² + tr Σ/b with ‖G‖² = 3, tr Σ = 40
            var two = GradientNoiseMeasurement.OfTwoBatches(4, 13, 20, 5);
            Check.Close(40, two.TraceOfCovariance, 1e-14, "tr Σ of two sizes");
            Check.Close(3, two.SquaredGradientNorm, 1e-14, "‖G‖² of two sizes");
        }),
        Runner.TestCase("an estimate has a value inside its interval, and says so", () =>
        {
            var estimate = GradientNoiseEstimate.Of(Scattered(40, 2, 0.1));
            Check.Equal(EstimateKind.Bounded, estimate.Kind, "kind");
            Check.True(estimate.Low < estimate.SimpleNoiseScale && estimate.SimpleNoiseScale < estimate.High, $"{estimate}");
            Check.Close(20, estimate.SimpleNoiseScale!.Value, 0.02, "B_simple");
            Check.Equal(20, estimate.Measurements, "measurements");
            var wider = GradientNoiseEstimate.Of(Scattered(40, 2, 0.1), confidenceLevel: 0.99);
            Check.True(wider.Low < estimate.Low && wider.High > estimate.High, "99 % is wider");
            Check.True(estimate.ToString().StartsWith("B_simple = ", StringComparison.Ordinal), estimate.ToString());
            Check.True(estimate.ToString().Contains("95 %", StringComparison.Ordinal), estimate.ToString());
        }),
        Runner.TestCase("a denominator near 0: no value, no upper end, or refused", () =>
        {
            var estimate = GradientNoiseEstimate.Of(Scattered(40, 0.01, 1));
            Check.Equal(EstimateKind.DenominatorNotSignificant, estimate.Kind, "kind");
            Check.Equal(null, estimate.SimpleNoiseScale, "no value");
            Check.Equal(double.PositiveInfinity, estimate.High, "no upper end");
            var bound = GradientNoiseEstimate.Of(Scattered(40, 0.01, 1), policy: DenominatorPolicy.LowerBound);
            Check.True(bound.Low > estimate.Low && estimate.Low > 0, "one-sided");
            var refused = Check.Throws<InvalidOperationException>(
                () => GradientNoiseEstimate.Of(Scattered(40, 0.01, 1), policy: DenominatorPolicy.Refuse), "refused");
            Check.True(refused.Message.Contains("cannot be told from 0", StringComparison.Ordinal), refused.Message);
            Check.True(estimate.ToString().Contains("∞)", StringComparison.Ordinal), estimate.ToString());
        }),
        Runner.TestCase("equal gradients are noise scale 0, by name", () =>
        {
            var same = GradientNoiseMeasurement.OfMicroBatches([1, 3], [4, 4], 4);
            var estimate = GradientNoiseEstimate.Of([same, same]);
            Check.Equal(EstimateKind.NoNoise, estimate.Kind, "kind");
            Check.Equal(0.0, estimate.SimpleNoiseScale, "value");
        }),
        Runner.TestCase("the critical batch", () =>
        {
            var critical = new CriticalBatch(1000, 64_000);
            Check.Close(64, critical.BatchSize, 1e-15, "B_crit");
            Check.Close(2000, critical.Updates(64), 1e-15, "S");
            Check.Close(128_000, critical.Examples(64), 1e-15, "E");
            Check.Close(0.25, CriticalBatch.OptimalLearningRate(1, 96, 32), 1e-15, "ε_opt");
            var fit = CriticalBatch.Fit(new[] { 8.0, 32, 64, 256, 1024 }.Select((b, i) =>
                (critical.Updates(b) * (1 + 0.01 * (i % 2)), critical.Examples(b) * (1 + 0.01 * (i % 2)))));
            Check.Close(64, fit.Fitted.BatchSize, 0.05, "fitted");
            Check.True(fit.BatchSize.Low < 64 && fit.BatchSize.High > 64, $"{fit.BatchSize}");
        }),
        Runner.TestCase("bad input is refused", () =>
        {
            var one = new GradientNoiseMeasurement(1, 1);
            Check.Throws<InvalidOperationException>(() => GradientNoiseEstimate.Of([one]), "one measurement");
            Check.Throws<InvalidOperationException>(() => GradientNoiseEstimate.Of([default, default]), "all gradients 0");
            Check.Throws<InvalidOperationException>(() => GradientNoiseEstimate.Of([one, new(double.NaN, 1)]), "NaN");
            Check.Throws<ArgumentException>(() => GradientNoiseEstimate.Of([one, one], confidenceLevel: 1), "level");
            Check.Throws<ArgumentOutOfRangeException>(() => GradientNoiseEstimate.Of([one, one], policy: (DenominatorPolicy)7), "policy");
            Check.Throws<InvalidOperationException>(() => GradientNoiseMeasurement.OfMicroBatches([4], [1], 1), "one micro-batch");
            Check.Throws<InvalidOperationException>(() => GradientNoiseMeasurement.OfExamples([1, double.NaN], 1), "NaN");
            Check.Throws<ArgumentException>(() => GradientNoiseMeasurement.OfMicroBatches([4, 0], [1, 1], 1), "an empty one");
            Check.Throws<ArgumentException>(() => GradientNoiseMeasurement.OfMicroBatches([4, 4], [1], 1), "a norm too few");
            Check.Throws<ArgumentException>(() => GradientNoiseMeasurement.OfTwoBatches(4, 1, 4, 1), "equal sizes");
            Check.Throws<ArgumentException>(() => new CriticalBatch(0, 1), "S_min");
            Check.Throws<InvalidOperationException>(() => _ = default(CriticalBatch).BatchSize, "made of nothing");
            Check.Throws<ArgumentOutOfRangeException>(() => new CriticalBatch(1, 1).Updates(0), "no batch");
            Check.Throws<ArgumentException>(() => CriticalBatch.Fit([(1, 1)]), "one run");
        }),
    ]);
}
