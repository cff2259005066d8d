using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests;

internal static class CurveTests
{
    private static void At(Curve curve, params (double Epoch, double Value)[] points)
    {
        foreach (var (epoch, value) in points)
        {
            var off = Math.Abs(curve.ValueAt(epoch) - value);
            Check.True(off <= 1e-14 * Math.Max(1, Math.Abs(value)), $"{curve} at {epoch}: expected {value}, got {curve.ValueAt(epoch)}");
        }
    }

    internal static Test All => Runner.TestList("curves", [
        Runner.TestCase("shapes have the values of their formulas", () =>
        {
            At(Curve.Step(1, (2, 3), (5, 0.5)), (0, 1), (1.99, 1), (2, 3), (5, 0.5), (99, 0.5));
            At(Curve.StepDecay(1, 2, 1, 3), (0, 1), (1, 0.5), (3, 0.25));
            At(Curve.StepGrowth(1, 2, [1, 3]), (0, 1), (1, 2), (3, 4));
            At(Curve.Linear(1, 0, 4), (1, 0.75), (4, 0), (5, 0));
            At(Curve.Polynomial(1, 0, 4, 2), (2, 0.25), (4, 0));
            At(Curve.Exponential(2, 0.5), (2, 2 * Math.Exp(-1)));
            At(Curve.InverseTime(2, 0.5), (2, 1));
            At(Curve.InverseSquareRoot(2, 1), (3, 1));
            At(Curve.Cosine(1, 0, 4), (0, 1), (2, 0.5), (4, 0));
            At(Curve.CosineRestarts(1, 0, 2, growth: 2), (1, 0.5), (2, 1), (4, 0.5), (6, 1));
            At(Curve.OneCycle(0.1, 1, 0, rise: 2, duration: 6), (0, 0.1), (1, 0.55), (2, 1), (4, 0.5), (6, 0));
            At(Curve.WarmUpStableDecay(0, 1, 0.2, warmUp: 2, decay: 4, duration: 10), (1, 0.5), (2, 1), (6, 1), (8, 0.6), (10, 0.2));
        }),
        Runner.TestCase("combinators do what they say", () =>
        {
            var line = Curve.Linear(0, 8, 8);
            At(line.Scale(2), (3, 6));
            At(line.Stretch(2), (4, 2));
            At(line.Clamp(2, 5), (1, 2), (4, 4), (7, 5));
            At(line.Power(2), (3, 9));
            At(line.Skip(3), (1, 4));
            At(line.Then(4, Curve.Linear(1, 0, 4)), (3, 3), (4, 1), (6, 0.5));
            At(line.SwitchTo(4, Curve.Linear(8, 0, 8)), (3, 3), (4, 4), (6, 2));
            At(Curve.Constant(4).WithCosineWarmUp(2, from: 0), (0, 0), (1, 2), (2, 4));
            At(line + Curve.Constant(1), (2, 3));
            At(line * line, (3, 9));
            At(2 / Curve.Constant(4), (0, 0.5));
            At(Curve.StepDecay(1, 2, 3).Reciprocal(), (0, 1), (3, 2));
        }),
        Runner.TestCase("integrals, bounds and breakpoints", () =>
        {
            var curve = Curve.Cosine(1, 0, 4).Then(4, 2);
            Check.Close(2 + 2 * 6, curve.Integral(0, 10), 1e-14, "area under half a cosine and a constant");
            Check.Equal(0, curve.Integral(3, 3), "nothing under a point");
            Check.True(curve.HasClosedFormIntegral(0, 10), "both have antiderivatives");
            Check.True(!(Curve.Cosine(1, 0.1, 4) * Curve.Exponential(1, 1)).HasClosedFormIntegral(0, 4), "this product has none that is known");
            Check.SequenceEqual([4], curve.Breakpoints(10).Select(t => t.Value), "breakpoints");
            Check.Equal(0, curve.Breakpoints(0).Count, "none before the start");
            Check.Equal((1.0, 2.0), Curve.Step(1, (5, 2)).Range(0, 10), "bounds");
        }),
        Runner.TestCase("curves compare by value, and numbers are constants", () =>
        {
            Check.True(Curve.StepDecay(0.1, 5, 60) == Curve.Step(0.1, (60, 0.1 / 5)), "a decay is its steps");
            Check.True(Curve.Constant(3) == 3 && Curve.Constant(3) != 4, "numbers");
            Check.Equal(Curve.Linear(1, 0, 5).GetHashCode(), Curve.Linear(1, 0, 5).GetHashCode(), "hash codes");
            Check.True(Curve.Step(1, (3, 1)).IsPiecewiseConstant && !Curve.Linear(1, 0, 5).IsPiecewiseConstant, "pieces");
        }),
    ]);
}
