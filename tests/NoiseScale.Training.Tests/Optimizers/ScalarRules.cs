namespace NoiseScale.Training.Tests.Optimization;

/// <summary>An update rule for one number, written out from its definition.</summary>
internal interface IScalarRule
{
    double[] Start();

    double Step(double w, double gradient, ref double[] state, double rate, double momentum, int count);
}

internal sealed class SgdScalar(double decay) : IScalarRule
{
    public double[] Start() => [];

    public double Step(double w, double gradient, ref double[] state, double rate, double momentum, int count) => w - (rate * (gradient + (decay * w)));
}

internal sealed class MomentumScalar(MomentumConvention convention, bool nesterov, double decay) : IScalarRule
{
    public double[] Start() => [0];

    public double Step(double w, double gradient, ref double[] state, double rate, double momentum, int count)
    {
        var h = gradient + (decay * w);
        ref var v = ref state[0];
        switch (convention)
        {
            case MomentumConvention.LearningRateOutside:
                v = (momentum * v) + h;
                return w - (rate * (nesterov ? (momentum * v) + h : v));
            case MomentumConvention.LearningRateInside:
                v = (momentum * v) + (rate * h);
                return w - (nesterov ? (momentum * v) + (rate * h) : v);
            default:
                v = (momentum * v) + ((1 - momentum) * h);
                return w - (rate * (nesterov ? (momentum * v) + ((1 - momentum) * h) : v));
        }
    }
}

internal sealed class AdamScalar(double beta1, double beta2, double epsilon, double decay, bool decoupled) : IScalarRule
{
    public double[] Start() => [0, 0];

    public double Step(double w, double gradient, ref double[] state, double rate, double momentum, int count)
    {
        var h = decoupled ? gradient : gradient + (decay * w);
        var start = decoupled ? w * (1 - (rate * decay)) : w;
        state[0] = (beta1 * state[0]) + ((1 - beta1) * h);
        state[1] = (beta2 * state[1]) + ((1 - beta2) * h * h);
        var first = state[0] / (1 - Math.Pow(beta1, count));
        var second = state[1] / (1 - Math.Pow(beta2, count));
        return start - (rate * first / (Math.Sqrt(second) + epsilon));
    }
}
