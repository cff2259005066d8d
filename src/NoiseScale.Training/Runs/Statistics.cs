using MathNet.Numerics.Distributions;

namespace NoiseScale.Training.Runs;

/// <summary>A mean over independent repetitions and the interval that covers the true mean with the stated confidence.</summary>
/// <param name="Mean">x̄.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
/// <param name="Deviation">s, the sample standard deviation with denominator n − 1.</param>
/// <param name="Count">n.</param>
/// <param name="Confidence">The probability with which such intervals cover the true mean.</param>
public readonly record struct MeanInterval(double Mean, double Low, double High, double Deviation, int Count, double Confidence)
{
    /// <summary>Half the width of the interval.</summary>
    public double HalfWidth => (High - Low) / 2;
}

/// <summary>The two one-sided tests of "the difference is smaller than the margin".</summary>
/// <param name="Difference">Mean of the differences.</param>
/// <param name="Margin">δ: differences within (−δ, δ) count as none.</param>
/// <param name="PValue">The larger of the two one-sided p values: under a true difference of δ or more, at most this probable.</param>
/// <param name="Low">Lower end of the interval of confidence 1 − 2α.</param>
/// <param name="High">Upper end of the interval of confidence 1 − 2α.</param>
/// <param name="Level">α.</param>
/// <param name="Count">Number of pairs.</param>
public readonly record struct EquivalenceTest(double Difference, double Margin, double PValue, double Low, double High, double Level, int Count)
{
    /// <summary>Whether equivalence within the margin is shown at level α; the same as: the interval lies within (−δ, δ).</summary>
    public bool IsEquivalent => PValue < Level;
}

/// <summary>A band of curves over repetitions: at each place the mean and its interval.</summary>
/// <param name="X">The places, common to all curves.</param>
/// <param name="Y">The means with their intervals.</param>
public sealed record Band(IReadOnlyList<double> X, IReadOnlyList<MeanInterval> Y);

/// <summary>Means, differences and equivalence over seeds, by Student's t.</summary>
/// <remarks>
/// All intervals take the repetitions for independent and their means for normal. Repetitions of one seed under two schedules are a pair: the
/// shared initialisation and data order cancel in the difference.
/// </remarks>
public static class Statistics
{
    /// <summary>x̄ ± t(1−(1−c)/2; n−1)·s/√n.</summary>
    /// <param name="values">One a repetition, at least 2, finite.</param>
    /// <param name="confidence">c, in (0, 1).</param>
    /// <exception cref="ArgumentException">Fewer than two values, or one that is not finite.</exception>
    public static MeanInterval Mean(IReadOnlyList<double> values, double confidence = 0.95)
    {
        RequireFinite(values, nameof(values));
        RequireWithin(confidence, 0, 1, nameof(confidence));
        var (mean, deviation) = Moments(values);
        var half = StudentT.InvCDF(0, 1, values.Count - 1, 0.5 + (confidence / 2)) * deviation / Math.Sqrt(values.Count);
        return new MeanInterval(mean, mean - half, mean + half, deviation, values.Count, confidence);
    }

    /// <summary>The mean of the differences first − second with its interval.</summary>
    /// <param name="first">One value a pair.</param>
    /// <param name="second">One value a pair, in the same order.</param>
    /// <param name="confidence">c, in (0, 1).</param>
    /// <exception cref="ArgumentException">The lists differ in length, or break a rule of <see cref="Mean"/>.</exception>
    public static MeanInterval PairedDifference(IReadOnlyList<double> first, IReadOnlyList<double> second, double confidence = 0.95) =>
        Mean(Differences(first, second), confidence);

    /// <summary>
    /// Whether paired values are equal up to a margin: rejects both "difference ≤ −δ", by t = (d̄ + δ)/(s/√n), and "difference ≥ δ", by
    /// t = (δ − d̄)/(s/√n).
    /// </summary>
    /// <param name="first">One value a pair.</param>
    /// <param name="second">One value a pair, in the same order.</param>
    /// <param name="margin">δ &gt; 0, in the unit of the values: stated before looking at them.</param>
    /// <param name="level">α, in (0, 1/2): the probability of claiming equivalence where there is none.</param>
    /// <remarks>Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15, 1987. A large p value says that equivalence was not shown, not that
    /// there is a difference. Where all differences are equal the p value is 0 or 1.</remarks>
    /// <exception cref="ArgumentException">The lists differ in length or break a rule of <see cref="Mean"/>, or a number is out of range.</exception>
    public static EquivalenceTest Equivalence(IReadOnlyList<double> first, IReadOnlyList<double> second, double margin, double level = 0.05)
    {
        var differences = Differences(first, second);
        RequireFinite(differences, nameof(first));
        RequireWithin(margin, 0, double.PositiveInfinity, nameof(margin));
        RequireWithin(level, 0, 0.5, nameof(level));
        var (mean, deviation) = Moments(differences);
        var error = deviation / Math.Sqrt(differences.Length);
        var freedom = differences.Length - 1;
        var p = error > 0
            ? Math.Max(StudentT.CDF(0, 1, freedom, -(mean + margin) / error), StudentT.CDF(0, 1, freedom, (mean - margin) / error))
            : Math.Abs(mean) < margin ? 0 : 1;
        var half = StudentT.InvCDF(0, 1, freedom, 1 - level) * error;
        return new EquivalenceTest(mean, margin, p, mean - half, mean + half, level, differences.Length);
    }

    /// <summary>The band of curves given at common places.</summary>
    /// <param name="x">The places.</param>
    /// <param name="curves">At least two curves, each with a value for every place.</param>
    /// <param name="confidence">c, in (0, 1), at each place by itself.</param>
    /// <exception cref="ArgumentException">A curve has another number of values than there are places, or a rule of <see cref="Mean"/> is broken.</exception>
    public static Band BandOf(IReadOnlyList<double> x, IReadOnlyList<IReadOnlyList<double>> curves, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(curves);
        for (var i = 0; i < curves.Count; i++)
        {
            if (curves[i].Count != x.Count)
                throw new ArgumentException($"curve {i} has {curves[i].Count} values for {x.Count} places", nameof(curves));
        }

        return new Band([.. x], [.. Enumerable.Range(0, x.Count).Select(place => Mean([.. curves.Select(curve => curve[place])], confidence))]);
    }

    /// <summary>The band of a quantity of runs against the requested epochs, which the runs must share.</summary>
    /// <param name="runs">At least two completed runs, of different seeds.</param>
    /// <param name="quantity">What to read from a record, such as <c>record => record.TrainLoss</c>.</param>
    /// <param name="confidence">c, in (0, 1), at each place by itself.</param>
    /// <exception cref="ArgumentException">The runs were evaluated at different epochs, or a rule of <see cref="Mean"/> is broken.</exception>
    public static Band BandOf(IReadOnlyList<RunResult> runs, Func<TrainingRecord, double> quantity, double confidence = 0.95)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(quantity);
        if (runs.Count == 0)
            throw new ArgumentException("is empty; a band needs at least two runs", nameof(runs));

        double[] x = [.. runs[0].Records.Select(record => record.RequestedEpoch)];
        foreach (var run in runs)
        {
            if (!run.Records.Select(record => record.RequestedEpoch).SequenceEqual(x))
                throw new ArgumentException($"run {run.SpecHash} was evaluated at other epochs than run {runs[0].SpecHash}", nameof(runs));
        }

        return BandOf(x, [.. runs.Select(run => (IReadOnlyList<double>)[.. run.Records.Select(quantity)])], confidence);
    }

    private static double[] Differences(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return first.Count == second.Count
            ? [.. first.Zip(second, (a, b) => a - b)]
            : throw new ArgumentException($"{second.Count} values for {first.Count}; they must be pairs", nameof(second));
    }

    // in two passes: the mean of numbers close to each other loses nothing
    private static (double Mean, double Deviation) Moments(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }

    private static void RequireFinite(IReadOnlyList<double> values, string name)
    {
        ArgumentNullException.ThrowIfNull(values, name);
        if (values.Count < 2)
            throw new ArgumentException($"{values.Count} values; an interval needs at least 2 repetitions", name);

        foreach (var value in values)
        {
            if (!double.IsFinite(value))
                throw new ArgumentException($"holds {value}; every value must be finite: count diverged runs, do not average them", name);
        }
    }

    private static void RequireWithin(double value, double low, double high, string name)
    {
        if (!(value > low && value < high))
            throw new ArgumentOutOfRangeException(name, value, $"must lie in ({low}, {high})");
    }
}
