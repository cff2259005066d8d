using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Widths;

/// <summary>The exponent p of y ∝ w^p, as measured over several widths by several seeds.</summary>
public static class PowerOfWidth
{
    /// <summary>The slope of ln y against ln w by least squares, one of each seed; their mean with its interval over seeds (Student's t).</summary>
    /// <param name="widths">w, at least 2 different ones.</param>
    /// <param name="values">y &gt; 0 of each seed, at least 2 seeds, each with a value for every width.</param>
    /// <returns>The mean of p and its 95 % interval.</returns>
    /// <exception cref="ArgumentException">Too few widths or seeds, a value is missing, or one is not positive and finite.</exception>
    public static MeanInterval Exponent(IReadOnlyList<int> widths, IReadOnlyList<IReadOnlyList<double>> values)
    {
        ArgumentNullException.ThrowIfNull(widths);
        ArgumentNullException.ThrowIfNull(values);
        if (widths.Distinct().Count() < 2 || widths.Any(width => width < 1))
            throw new ArgumentException("an exponent needs at least 2 different widths, each 1 or more", nameof(widths));

        if (values.Any(own => own.Count != widths.Count || own.Any(y => !(y > 0 && double.IsFinite(y)))))
            throw new ArgumentException("every seed has a positive, finite value for every width", nameof(values));

        double[] logs = [.. widths.Select(width => Math.Log(width))];
        return Statistics.Mean([.. values.Select(own => MathNet.Numerics.Fit.Line(logs, [.. own.Select(y => Math.Log(y))]).Item2)]);
    }
}
