namespace NoiseScale;

/// <summary>
/// What a batch size costs: training to some loss takes S updates and E = S·B examples, (S/S_min − 1)·(E/E_min − 1) = 1.
/// (McCandlish et al. 2018, Eq. 2.11)
/// </summary>
[Source(Paper.McCandlish2018, "Eq. 2.11")]
public readonly record struct CriticalBatch
{
    private readonly Noise.CriticalBatch core;

    private CriticalBatch(Noise.CriticalBatch core) => this.core = core;

    /// <summary>The trade-off from its two ends.</summary>
    /// <param name="minimumUpdates">S_min, updates, with a batch without end; positive.</param>
    /// <param name="minimumExamples">E_min, examples, with a batch of next to nothing; positive.</param>
    /// <exception cref="ArgumentException">One is not positive and finite.</exception>
    public CriticalBatch(double minimumUpdates, double minimumExamples)
        : this(Noise.CriticalBatchModule.create(minimumUpdates, minimumExamples))
    {
    }

    /// <summary>S_min, updates.</summary>
    public double MinimumUpdates => Core.MinimumUpdates;

    /// <summary>E_min, examples.</summary>
    public double MinimumExamples => Core.MinimumExamples;

    /// <summary>B_crit = E_min/S_min, examples: it takes twice S_min updates and twice E_min examples.</summary>
    public double BatchSize => Core.BatchSize;

    // default(CriticalBatch) has been given nothing
    private Noise.CriticalBatch Core => core ?? throw new InvalidOperationException("this critical batch was made without its two ends");

    /// <summary>S = S_min·(1 + B_crit/B), updates.</summary>
    /// <param name="batchSize">B, examples, positive.</param>
    /// <returns>S.</returns>
    /// <exception cref="ArgumentOutOfRangeException">B is not positive.</exception>
    public double Updates(double batchSize) => Core.Updates(Positive(batchSize));

    /// <summary>E = E_min·(1 + B/B_crit), examples.</summary>
    /// <param name="batchSize">B, examples, positive.</param>
    /// <returns>E.</returns>
    /// <exception cref="ArgumentOutOfRangeException">B is not positive.</exception>
    public double Examples(double batchSize) => Core.Examples(Positive(batchSize));

    /// <summary>ε_opt(B) = ε_max/(1 + B_noise/B), the learning rate that lowers a quadratic loss most in the mean. (McCandlish et al. 2018, Eq. 2.6)</summary>
    /// <param name="largest">ε_max, the best learning rate for the full gradient.</param>
    /// <param name="noiseScale">B_noise, examples, 0 or more.</param>
    /// <param name="batchSize">B, examples, positive.</param>
    /// <returns>ε_opt.</returns>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    [Source(Paper.McCandlish2018, "Eq. 2.6")]
    public static double OptimalLearningRate(double largest, double noiseScale, double batchSize) =>
        Noise.CriticalBatchModule.optimalLearningRate(largest, noiseScale, batchSize);

    /// <summary>Fits S_min and E_min to runs that reached one loss at several batch sizes.</summary>
    /// <param name="runs">Updates S and examples E of each run; at least three, at two or more batch sizes E/S.</param>
    /// <param name="confidenceLevel">The level of each interval, in (0, 1).</param>
    /// <returns>The fit with its intervals.</returns>
    /// <exception cref="ArgumentException">There are too few runs, or their batch sizes do not tell the critical one.</exception>
    public static CriticalBatchFit Fit(IEnumerable<(double Updates, double Examples)> runs, double confidenceLevel = 0.95)
    {
        ArgumentNullException.ThrowIfNull(runs);
        var fit = Noise.CriticalBatchModule.fit(confidenceLevel, runs.Select(run => Tuple.Create(run.Updates, run.Examples)));
        return new CriticalBatchFit(
            new CriticalBatch(fit.Fitted), Ends(fit.MinimumUpdates), Ends(fit.MinimumExamples), Ends(fit.BatchSize), fit.RelativeError, fit.Level);

        static (double Low, double High) Ends(Tuple<double, double> interval) => (interval.Item1, interval.Item2);
    }

    private static double Positive(double batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        return batchSize;
    }
}

/// <summary>A critical batch fitted to runs.</summary>
/// <param name="Fitted">What fits best.</param>
/// <param name="MinimumUpdates">The interval of S_min, updates.</param>
/// <param name="MinimumExamples">The interval of E_min, examples.</param>
/// <param name="BatchSize">The interval of B_crit, examples.</param>
/// <param name="RelativeError">The standard deviation of ln S about the fit.</param>
/// <param name="ConfidenceLevel">The level of each interval by itself.</param>
public readonly record struct CriticalBatchFit(
    CriticalBatch Fitted,
    (double Low, double High) MinimumUpdates,
    (double Low, double High) MinimumExamples,
    (double Low, double High) BatchSize,
    double RelativeError,
    double ConfidenceLevel);
