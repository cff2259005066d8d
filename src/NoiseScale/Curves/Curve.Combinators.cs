namespace NoiseScale;

// Curves from curves. Piecewise-constant ones stay piecewise constant.
public sealed partial class Curve
{
    /// <summary>c(t) → factor·c(t).</summary>
    /// <param name="factor">Finite.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">The factor is not finite.</exception>
    public Curve Scale(double factor) => Checked(Core.CurveModule.scale(factor, Inner));

    /// <summary>c(t) → c(t/factor): everything happens <paramref name="factor"/> times later.</summary>
    /// <param name="factor">Greater than 0.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">The factor is not finite and positive.</exception>
    public Curve Stretch(double factor) => Checked(Core.CurveModule.stretch(RequirePositive(factor, nameof(factor)), Inner));

    /// <summary>c(t) → min(high, max(low, c(t))).</summary>
    /// <param name="low">The lower limit.</param>
    /// <param name="high">The upper limit, not below the lower one.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">The limits are not finite or out of order.</exception>
    public Curve Clamp(double low, double high)
    {
        if (!double.IsFinite(low) || !(low <= high))
        {
            throw ScheduleException.OutOfRange(nameof(low), low, "it must be finite and not exceed the upper limit");
        }

        if (!double.IsFinite(high))
        {
            throw ScheduleException.OutOfRange(nameof(high), high, "it must be finite");
        }

        return Checked(Core.CurveModule.clamp(low, high, Inner));
    }

    /// <summary>c(t) → c(t)^exponent.</summary>
    /// <param name="exponent">Finite; −1 is the reciprocal.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">The exponent, or a value of the result, is not finite.</exception>
    public Curve Power(double exponent) => Checked(Core.CurveModule.power(exponent, Inner));

    /// <summary>c(t) → 1/c(t).</summary>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">A constant piece of this curve is 0.</exception>
    public Curve Reciprocal() => Checked(Core.CurveModule.reciprocal(Inner));

    /// <summary>
    /// This curve until the boundary, then another that starts there from its own epoch 0: c(t), then next(t − boundary).
    /// </summary>
    /// <param name="boundary">0 or more; at 0 only <paramref name="next"/> is left.</param>
    /// <param name="next">The curve from the boundary on.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">The boundary is negative or not finite.</exception>
    public Curve Then(Epochs boundary, Curve next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return Checked(Core.CurveModule.join(Inner, RequireTime(boundary, nameof(boundary)), next.Inner));
    }

    /// <summary>This curve until the boundary, then another that keeps absolute time: c(t), then other(t).</summary>
    /// <param name="boundary">0 or more.</param>
    /// <param name="other">The curve from the boundary on.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">The boundary is negative or not finite.</exception>
    public Curve SwitchTo(Epochs boundary, Curve other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Checked(Core.CurveModule.splice(Inner, RequireTime(boundary, nameof(boundary)), other.Inner));
    }

    /// <summary>c(t) → c(t + by): the curve from an epoch on.</summary>
    /// <param name="by">0 or more.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException"><paramref name="by"/> is negative or not finite.</exception>
    public Curve Skip(Epochs by) => Checked(Core.CurveModule.shift(RequireTime(by, nameof(by)), Inner));

    /// <summary>A linear warm-up to this curve's first value, then this curve from its beginning.</summary>
    /// <param name="duration">The length of the warm-up, greater than 0.</param>
    /// <param name="from">The value at which the warm-up starts; for a learning rate greater than 0.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public Curve WithLinearWarmUp(Epochs duration, double from) =>
        Checked(Core.CurveModule.warmUpLinear(from, RequirePositive(duration.Value, nameof(duration)), ValueAt(Epochs.Zero), Inner));

    /// <summary>A warm-up along half a cosine to this curve's first value, then this curve from its beginning.</summary>
    /// <param name="duration">The length of the warm-up, greater than 0.</param>
    /// <param name="from">The value at which the warm-up starts; for a learning rate greater than 0.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">An argument is outside its range.</exception>
    public Curve WithCosineWarmUp(Epochs duration, double from) =>
        Checked(Core.CurveModule.warmUpCosine(from, RequirePositive(duration.Value, nameof(duration)), ValueAt(Epochs.Zero), Inner));

    /// <summary>The pointwise sum.</summary>
    public static Curve operator +(Curve left, Curve right) => Combine(Core.CurveModule.sum, left, right);

    /// <summary>The pointwise product.</summary>
    public static Curve operator *(Curve left, Curve right) => Combine(Core.CurveModule.product, left, right);

    /// <summary>The pointwise quotient.</summary>
    public static Curve operator /(Curve left, Curve right) => Combine(Core.CurveModule.quotient, left, right);

    private static Curve Combine(Func<Core.Curve, Core.Curve, Core.Curve> operation, Curve left, Curve right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return Checked(operation(left.Inner, right.Inner));
    }
}
