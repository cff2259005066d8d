using Microsoft.FSharp.Core;

namespace NoiseScale;

/// <summary>
/// A number as a function of epochs of data seen, held as an immutable value with value equality: one can evaluate, integrate, combine and
/// compare it. Defined on [0, ∞) and continuous from the right. A plain number is a constant curve.
/// </summary>
public sealed partial class Curve : IEquatable<Curve>
{
    internal Curve(Core.Curve inner) => Inner = inner;

    internal Core.Curve Inner { get; }

    /// <summary>Takes a plain number for a constant curve.</summary>
    /// <param name="value">The constant, finite.</param>
    /// <exception cref="ScheduleException"><paramref name="value"/> is not finite.</exception>
    public static implicit operator Curve(double value) => Constant(value);

    /// <summary>Whether the curve is held as finitely many constant pieces, so that counts and plans need no quadrature.</summary>
    public bool IsPiecewiseConstant => Core.CurveModule.isPiecewiseConstant(Inner);

    /// <summary>c(t).</summary>
    /// <param name="epoch">t, 0 or more.</param>
    /// <returns>The curve's value there.</returns>
    /// <exception cref="ScheduleException"><paramref name="epoch"/> is negative or not finite.</exception>
    public double ValueAt(Epochs epoch) => Core.CurveModule.valueAt(RequireTime(epoch, nameof(epoch)), Inner);

    /// <summary>∫ c(t) dt over [from, until], in closed form wherever one is known, else by quadrature to 1e-13 relative.</summary>
    /// <param name="from">The lower limit, 0 or more.</param>
    /// <param name="until">The upper limit, not below the lower one.</param>
    /// <returns>The integral: the curve's unit times epochs.</returns>
    /// <exception cref="ScheduleException">A limit is negative or not finite, or they are out of order.</exception>
    public double Integral(Epochs from, Epochs until)
    {
        var (start, end) = RequireSpan(from, until);
        return start == end ? 0 : Core.CurveAnalysis.integral(start, end, Inner);
    }

    /// <summary>Whether <see cref="Integral"/> over [from, until] needs no quadrature.</summary>
    /// <param name="from">The lower limit, 0 or more.</param>
    /// <param name="until">The upper limit, not below the lower one.</param>
    /// <returns>Whether every piece has a known antiderivative.</returns>
    /// <exception cref="ScheduleException">A limit is negative or not finite, or they are out of order.</exception>
    public bool HasClosedFormIntegral(Epochs from, Epochs until)
    {
        var (start, end) = RequireSpan(from, until);
        return start == end || Core.CurveAnalysis.hasClosedFormIntegral(start, end, Inner);
    }

    /// <summary>The epochs inside (0, horizon) at which the curve's formula changes (jumps and kinks), in order.</summary>
    /// <param name="horizon">Until when, greater than 0.</param>
    /// <returns>The breakpoints.</returns>
    /// <exception cref="ScheduleException"><paramref name="horizon"/> is negative or not finite.</exception>
    public IReadOnlyList<Epochs> Breakpoints(Epochs horizon) =>
        RequireTime(horizon, nameof(horizon)) == 0
            ? []
            : [.. Core.CurveAnalysis.breakpoints(horizon.Value, Inner).Select(t => new Epochs(t))];

    /// <summary>Infimum and supremum on [from, until).</summary>
    /// <param name="from">The start, 0 or more.</param>
    /// <param name="until">The end, after the start.</param>
    /// <returns>The smallest and the largest value.</returns>
    /// <exception cref="ScheduleException">A limit is negative or not finite, or they are out of order.</exception>
    public (double Lowest, double Highest) Range(Epochs from, Epochs until)
    {
        var (start, end) = RequireSpan(from, until);
        if (start == end)
        {
            throw ScheduleException.OutOfRange(nameof(until), end, "it must come after the start");
        }

        var (lowest, highest) = Core.CurveAnalysis.range(start, end, Inner);
        return (lowest, highest);
    }

    /// <summary>
    /// Whether two curves are the same expression; curves built in different ways may differ and still have equal values.
    /// </summary>
    /// <param name="other">Another curve.</param>
    /// <returns>Whether they are equal.</returns>
    public bool Equals(Curve? other) => other is not null && Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Curve);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <summary>Whether two curves are the same expression.</summary>
    public static bool operator ==(Curve? left, Curve? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two curves are different expressions.</summary>
    public static bool operator !=(Curve? left, Curve? right) => !(left == right);

    /// <summary>
    /// A curve in the syntax of <see cref="Schedule.Parse"/>, such as <c>0.1 /5 @60,120</c> or <c>cosine(0.1, 0, 200)</c>.
    /// </summary>
    /// <param name="text">One curve.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ScheduleException">The text is malformed (with line and column), or a parameter breaks its rule.</exception>
    public static Curve Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Checked(Core.Syntax.parseCurve(text).OrThrow());
    }

    /// <summary>The curve in the syntax that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Core.Syntax.printCurve(Inner);

    // Every curve that C# code makes passes here, so that a curve's own parameters are wrong nowhere else.
    private static Curve Checked(Core.Curve curve)
    {
        Core.CurveAnalysis.validate("curve", curve).OrThrow();
        return new(curve);
    }

    private static double RequireTime(Epochs epoch, string parameter) =>
        double.IsFinite(epoch.Value) && epoch.Value >= 0
            ? epoch.Value
            : throw ScheduleException.OutOfRange(parameter, epoch.Value, "it must be finite and 0 or more");

    private static double RequirePositive(double value, string parameter) =>
        double.IsFinite(value) && value > 0
            ? value
            : throw ScheduleException.OutOfRange(parameter, value, "it must be finite and greater than 0");

    private static (double Start, double End) RequireSpan(Epochs from, Epochs until)
    {
        var (start, end) = (RequireTime(from, nameof(from)), RequireTime(until, nameof(until)));
        return end >= start ? (start, end) : throw ScheduleException.OutOfRange(nameof(until), end, "it must not come before the start");
    }
}
