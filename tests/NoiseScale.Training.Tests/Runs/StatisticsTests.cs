using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Tests.Runs;

internal static class StatisticsTests
{
    public static Test All => TestList("statistics",
    [
        TestCase("the interval of a mean has the tables' quantiles", IntervalOfMean),
        TestCase("intervals cover the true mean as often as they say", Coverage),
        TestCase("pairs cancel what they share", Pairs),
        TestCase("equivalence is shown for a small difference and not for a large or an uncertain one", Equivalence),
        TestCase("false claims of equivalence are as rare as the level says", FalseClaims),
        TestCase("a band is the interval at each place", Bands),
        TestCase("bad input is refused", BadInput),
    ]);

    // standard normal numbers from a seed
    private static double[] Normal(Random random, int count, double mean = 0, double deviation = 1) =>
        [.. Enumerable.Range(0, count).Select(_ =>
            mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    private static void IntervalOfMean()
    {
        // t(0.975; 4) = 2.776445, t(0.95; 4) = 2.131847 from the tables
        var interval = Statistics.Mean([1, 2, 3, 4, 5]);
        Check.Close(3, interval.Mean, 1e-15);
        Check.Close(Math.Sqrt(2.5), interval.Deviation, 1e-15);
        Check.Close(2.776445 * Math.Sqrt(2.5 / 5), interval.HalfWidth, 1e-6);
        Check.Close(2.131847 * Math.Sqrt(2.5 / 5), Statistics.Mean([1, 2, 3, 4, 5], 0.9).HalfWidth, 1e-6);
        Check.Equal(5, interval.Count);
        Check.Close(0, Statistics.Mean([7, 7]).HalfWidth, 0);

        // numbers close to each other
        Check.Close(1, Statistics.Mean([1e9 + 1, 1e9 + 2, 1e9 + 3]).Deviation, 1e-12);
    }

    private static void Coverage()
    {
        var random = new Random(3);
        var covered = Enumerable.Range(0, 4000).Count(_ => Statistics.Mean(Normal(random, 4, 2, 3)) is var i && i.Low <= 2 && 2 <= i.High);
        Check.Close(0.95, covered / 4000.0, 4 * Math.Sqrt(0.95 * 0.05 / 4000)); // four standard errors
    }

    private static void Pairs()
    {
        var random = new Random(4);
        var shared = Normal(random, 6, 0, 10);
        var first = shared.Zip(Normal(random, 6, 0.5, 0.1), (a, b) => a + b).ToArray();
        var difference = Statistics.PairedDifference(first, shared);
        Check.True(difference.Low > 0.2 && difference.High < 0.8, $"[{difference.Low}, {difference.High}] is near 0.5");
    }

    private static void Equivalence()
    {
        // differences −0.1, 0, 0.1, 0.2: mean 0.05, s = 0.129099, error 0.0645497; t = (0.5 ± 0.05)/0.0645497 with 3 degrees of freedom
        double[] second = [1, 2, 3, 4], first = [0.9, 2, 3.1, 4.2];
        var test = Statistics.Equivalence(first, second, 0.5);
        Check.Close(0.05, test.Difference, 1e-12);
        Check.True(test.IsEquivalent, "it is shown");
        Check.Close(0.05 + (2.353363 * 0.0645497), test.High, 1e-6); // t(0.95; 3)
        Check.Close(0.003, test.PValue, 0.001); // t = 6.971: 1 − F(6.971; 3) = 0.00303

        Check.True(!Statistics.Equivalence(first, second, 0.05).IsEquivalent, "not with a margin as small as the difference");
        Check.True(!Statistics.Equivalence([1, 5], [5, 1], 0.5).IsEquivalent, "not where the difference is uncertain");
        Check.True(!Statistics.Equivalence([2, 3.001], [1, 2], 0.5).IsEquivalent, "not where it is large");
        Check.Equal(0.0, Statistics.Equivalence([1, 2], [1, 2], 0.1).PValue);
        Check.Equal(1.0, Statistics.Equivalence([2, 3], [1, 2], 0.1).PValue);

        // the interval and the p value say the same
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var t = Statistics.Equivalence(Normal(random, 5), Normal(random, 5), 2.0);
            Check.Equal(t.Low > -2 && t.High < 2, t.IsEquivalent);
        }
    }

    private static void FalseClaims()
    {
        // the true difference is the margin itself: the worst case of the null hypothesis
        var random = new Random(6);
        var claims = Enumerable.Range(0, 4000).Count(_ => Statistics.Equivalence(Normal(random, 8, 1, 0.2), new double[8], 1).IsEquivalent);
        Check.Close(0.05, claims / 4000.0, 4 * Math.Sqrt(0.05 * 0.95 / 4000));
    }

    private static void Bands()
    {
        var band = Statistics.BandOf([0, 1], [[1, 10], [3, 30], [5, 20]]);
        Check.Sequence([3.0, 20], band.Y.Select(y => y.Mean));
        Check.Equal(Statistics.Mean([10, 30, 20]), band.Y[1]);
        Check.Throws<ArgumentException>(() => Statistics.BandOf([0, 1], [[1, 10], [3]]), "curve 1 has 1 values for 2 places");
    }

    private static void BadInput()
    {
        Check.Throws<ArgumentException>(() => Statistics.Mean([1]), "at least 2");
        Check.Throws<ArgumentException>(() => Statistics.Mean([1, double.NaN]), "NaN");
        Check.Throws<ArgumentOutOfRangeException>(() => Statistics.Mean([1, 2], 1), "confidence");
        Check.Throws<ArgumentException>(() => Statistics.PairedDifference([1, 2], [1]), "pairs");
        Check.Throws<ArgumentOutOfRangeException>(() => Statistics.Equivalence([1, 2], [1, 3], 0), "margin");
        Check.Throws<ArgumentOutOfRangeException>(() => Statistics.Equivalence([1, 2], [1, 3], 1, 0.5), "level");
    }
}
