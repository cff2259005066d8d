using System.Globalization;
using NoiseScale.Interop;

namespace NoiseScale;

/// <summary>
/// The simple noise scale B_simple = tr Σ/‖G‖², in examples, with its confidence interval: about the batch size up to which a larger batch makes
/// training faster in proportion. (McCandlish et al. 2018, Eq. 2.9)
/// </summary>
/// <remarks>
/// <para>Each part is the mean of unbiased measurements; their ratio is Beale's, whose bias is of second order; the interval is Fieller's with
/// quantiles of Student's distribution.</para>
/// <para>At a nominal level of 95 % the interval covers the true ratio in 93 to 97 % of simulated cases where there are at least 10 measurements, the
/// noise spreads over five or more directions ((tr Σ)²/tr Σ² ≥ 5), and ‖G‖² is at least three of its standard errors. Nearer to 0 the interval has no upper
/// end, and covers more often (up to 99 %). Parameters that move between measurements add to the interval, which is then that of the average.</para>
/// </remarks>
[Source(Paper.McCandlish2018, "Eq. 2.9")]
public sealed record GradientNoiseEstimate
{
    private GradientNoiseEstimate()
    {
    }

    /// <summary>The mean of the estimates of tr Σ.</summary>
    public double TraceOfCovariance { get; private init; }

    /// <summary>The mean of the estimates of ‖G‖².</summary>
    public double SquaredGradientNorm { get; private init; }

    /// <summary>The standard error of <see cref="TraceOfCovariance"/>.</summary>
    public double TraceStandardError { get; private init; }

    /// <summary>The standard error of <see cref="SquaredGradientNorm"/>.</summary>
    public double NormStandardError { get; private init; }

    /// <summary>B_simple, examples; null where ‖G‖² cannot be told from 0.</summary>
    public double? SimpleNoiseScale { get; private init; }

    /// <summary>The lower end of the interval of B_simple, 0 or more.</summary>
    public double Low { get; private init; }

    /// <summary>The upper end of the interval of B_simple; positive infinity where there is none.</summary>
    public double High { get; private init; }

    /// <summary>The level of the interval, such as 0.95.</summary>
    public double ConfidenceLevel { get; private init; }

    /// <summary>What kind of result it is.</summary>
    public EstimateKind Kind { get; private init; }

    /// <summary>How a denominator near 0 was to be reported.</summary>
    public DenominatorPolicy Policy { get; private init; }

    /// <summary>How many measurements went into it.</summary>
    public int Measurements { get; private init; }

    /// <summary>The noise scale from independent measurements of equal weight.</summary>
    /// <param name="measurements">At least two.</param>
    /// <param name="confidenceLevel">The level of the interval, in (0, 1).</param>
    /// <param name="policy">What to report where ‖G‖² cannot be told from 0.</param>
    /// <returns>The estimate; nothing in it is NaN, and the noise scale is not negative.</returns>
    /// <exception cref="ArgumentException">The level is outside (0, 1), or the policy is not defined.</exception>
    /// <exception cref="InvalidOperationException">
    /// There are fewer than two measurements, one is not finite, all gradients are 0, or the policy refuses a denominator.
    /// </exception>
    public static GradientNoiseEstimate Of(
        IEnumerable<GradientNoiseMeasurement> measurements,
        double confidenceLevel = 0.95,
        DenominatorPolicy policy = DenominatorPolicy.Unbounded)
    {
        ArgumentNullException.ThrowIfNull(measurements);
        Noise.NoiseMeasurement[] all = [.. measurements.Select(one => new Noise.NoiseMeasurement(one.TraceOfCovariance, one.SquaredGradientNorm))];
        var estimate = Noise.NoiseScaleEstimateModule.ofMeasurements(confidenceLevel, policy.ToCore(), all).OrThrow();
        var parts = estimate.Parts;
        return new GradientNoiseEstimate
        {
            TraceOfCovariance = parts.Noise,
            SquaredGradientNorm = parts.Signal,
            TraceStandardError = Math.Sqrt(parts.NoiseVariance),
            NormStandardError = Math.Sqrt(parts.SignalVariance),
            SimpleNoiseScale = estimate.Value?.Value,
            Low = estimate.Low,
            High = estimate.High,
            ConfidenceLevel = confidenceLevel,
            Kind = estimate.Kind.ToPublic(),
            Policy = policy,
            Measurements = all.Length,
        };
    }

    /// <summary>The noise scale and its interval, in the invariant culture.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"B_simple = {(SimpleNoiseScale is { } value ? value.ToString("G4", CultureInfo.InvariantCulture) : "?")} examples, {ConfidenceLevel:P0} [{Low:G4}, {(double.IsPositiveInfinity(High) ? "∞)" : High.ToString("G4", CultureInfo.InvariantCulture) + "]")}, {Measurements} measurements");
}
