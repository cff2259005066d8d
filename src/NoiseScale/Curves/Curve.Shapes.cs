namespace NoiseScale;

// The shapes that curves start from. Every one refuses parameters outside their range with a ScheduleException.
public sealed partial class Curve
{
    /// <summary>c(t) = value.</summary>
    /// <param name="value">The constant, finite.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">The value is not finite.</exception>
    public static Curve Constant(double value) => Checked(Core.CurveModule.constant(value));

    /// <summary>Piecewise constant: c(t) = initial, then each value from its epoch on.</summary>
    /// <param name="initial">The value before the first change.</param>
    /// <param name="changes">Epochs, 0 or more and increasing, each with the value from there on.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">A value is not finite or the epochs are out of order.</exception>
    public static Curve Step(double initial, params IReadOnlyList<(Epochs At, double Value)> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        // checked before `step` tidies changes that change nothing, and their order with them
        Core.CurveAnalysis.validate("curve", Core.Curve.NewStep(initial, changes.ToFSharpList())).OrThrow();
        return Checked(Core.CurveModule.step(initial, changes.ToFSharpList()));
    }

    /// <summary>Multi-step decay: the value is divided by <paramref name="factor"/> at each boundary in turn. (P1 Fig. 1)</summary>
    /// <param name="initial">The first value.</param>
    /// <param name="factor">Greater than 0.</param>
    /// <param name="at">Boundaries in epochs, increasing.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    [Source(Paper.P1, "Fig. 1")]
    public static Curve StepDecay(double initial, double factor, params IReadOnlyList<Epochs> at) =>
        Steps(initial, factor, at, static (value, factor) => value / factor);

    /// <summary>Multi-step growth: the value is multiplied by <paramref name="factor"/> at each boundary in turn. (P1 Fig. 1)</summary>
    /// <param name="initial">The first value.</param>
    /// <param name="factor">Greater than 0.</param>
    /// <param name="at">Boundaries in epochs, increasing.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    [Source(Paper.P1, "Fig. 1")]
    public static Curve StepGrowth(double initial, double factor, params IReadOnlyList<Epochs> at) =>
        Steps(initial, factor, at, static (value, factor) => value * factor);

    /// <summary>c(t) = first + (last − first)·t/duration until duration, then last.</summary>
    /// <param name="first">The value at 0.</param>
    /// <param name="last">The value from <paramref name="duration"/> on.</param>
    /// <param name="duration">Greater than 0.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public static Curve Linear(double first, double last, Epochs duration) => Checked(Core.CurveModule.linear(first, last, duration.Value));

    /// <summary>c(t) = last + (first − last)·(1 − t/duration)^power until duration, then last.</summary>
    /// <param name="first">The value at 0.</param>
    /// <param name="last">The value from <paramref name="duration"/> on.</param>
    /// <param name="duration">Greater than 0.</param>
    /// <param name="power">Greater than 0.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public static Curve Polynomial(double first, double last, Epochs duration, double power) =>
        Checked(Core.CurveModule.polynomial(first, last, duration.Value, power));

    /// <summary>c(t) = initial·e^(−rate·t).</summary>
    /// <param name="initial">The value at 0.</param>
    /// <param name="rate">Per epoch; negative: growth.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is not finite.</exception>
    public static Curve Exponential(double initial, double rate) => Checked(Core.CurveModule.exponential(initial, rate));

    /// <summary>c(t) = initial/(1 + rate·t).</summary>
    /// <param name="initial">The value at 0.</param>
    /// <param name="rate">Per epoch, 0 or more.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public static Curve InverseTime(double initial, double rate) => Checked(Core.CurveModule.inverseTime(initial, rate));

    /// <summary>c(t) = initial/√(1 + t/timescale).</summary>
    /// <param name="initial">The value at 0.</param>
    /// <param name="timescale">Greater than 0.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public static Curve InverseSquareRoot(double initial, Epochs timescale) =>
        Checked(Core.CurveModule.inverseSquareRoot(initial, timescale.Value));

    /// <summary>c(t) = last + (first − last)·(1 + cos(πt/duration))/2 until duration, then last. (Loshchilov &amp; Hutter 2017)</summary>
    /// <param name="first">The value at 0.</param>
    /// <param name="last">The value from <paramref name="duration"/> on.</param>
    /// <param name="duration">Greater than 0.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public static Curve Cosine(double first, double last, Epochs duration) => Checked(Core.CurveModule.cosine(first, last, duration.Value));

    /// <summary>Cosines from high to low with warm restarts: cycle i lasts period·growthⁱ. (SGDR: Loshchilov &amp; Hutter 2017)</summary>
    /// <param name="high">The value at every restart.</param>
    /// <param name="low">The value that every cycle falls towards.</param>
    /// <param name="period">The length of the first cycle, greater than 0.</param>
    /// <param name="growth">Each cycle's length over that of the one before, 1 or more.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public static Curve CosineRestarts(double high, double low, Epochs period, double growth = 1) =>
        Checked(Core.CurveModule.cosineRestarts(high, low, period.Value, growth));

    /// <summary>
    /// One cycle: a cosine from first up to peak during the rise, a cosine down to last by the end. (Smith &amp; Topin 2019)
    /// </summary>
    /// <param name="first">The value at 0.</param>
    /// <param name="peak">The value at the end of the rise.</param>
    /// <param name="last">The value from <paramref name="duration"/> on.</param>
    /// <param name="rise">The length of the rise, greater than 0.</param>
    /// <param name="duration">The length of the whole, greater than the rise.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public static Curve OneCycle(double first, double peak, double last, Epochs rise, Epochs duration) =>
        Checked(Core.CurveModule.oneCycle(first, peak, last, rise.Value, duration.Value));

    /// <summary>Warm-up, stable, decay: linear from first to peak, constant, then linear to last over the final epochs.</summary>
    /// <param name="first">The value at 0.</param>
    /// <param name="peak">The value after the warm-up.</param>
    /// <param name="last">The value from <paramref name="duration"/> on.</param>
    /// <param name="warmUp">The length of the warm-up, greater than 0.</param>
    /// <param name="decay">The length of the decay, greater than 0.</param>
    /// <param name="duration">The length of the whole, at least warm-up and decay together.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public static Curve WarmUpStableDecay(double first, double peak, double last, Epochs warmUp, Epochs decay, Epochs duration)
    {
        if (!(warmUp + decay <= duration))
        {
            throw ScheduleException.OutOfRange(nameof(duration), duration.Value, "it must be at least warm-up and decay together");
        }

        return Checked(Core.CurveModule.warmUpStableDecay(first, peak, last, warmUp.Value, decay.Value, duration.Value));
    }

    private static Curve Steps(double initial, double factor, IReadOnlyList<Epochs> at, Func<double, double, double> next)
    {
        ArgumentNullException.ThrowIfNull(at);
        RequirePositive(factor, nameof(factor));
        var changes = new (Epochs At, double Value)[at.Count];
        var value = initial;
        for (var i = 0; i < changes.Length; i++)
        {
            value = next(value, factor);
            changes[i] = (at[i], value);
        }

        return Step(initial, changes);
    }
}
