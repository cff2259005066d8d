using System.Globalization;
using TorchSharp.Modules;

namespace NoiseScale.Torch;

/// <summary>One parameter group of a TorchSharp optimizer, as far as a plan has to know it: what can be read and what can be set.</summary>
internal abstract class ParameterGroup(torch.optim.ILearningRateController inner)
{
    /// <summary>The group's momentum; null where it has none.</summary>
    internal virtual double? Momentum => null;

    /// <summary>The convention of its momentum; null where it has none, or none that can be read.</summary>
    internal virtual MomentumConvention? Convention => null;

    /// <summary>Why its momentum fits no convention; null where it does.</summary>
    internal virtual string? Flaw => null;

    /// <summary>Whether it looks ahead as Nesterov does.</summary>
    internal virtual bool Nesterov => false;

    /// <summary>Whether it has moment coefficients β in the place of a momentum.</summary>
    internal virtual bool HasBetas => false;

    internal void SetLearningRate(double learningRate) => inner.LearningRate = learningRate;

    /// <summary>Sets m, and the dampening with it where the convention is the dampened one.</summary>
    internal virtual void SetMomentum(double momentum)
    {
    }

    internal virtual void SetBetas(double beta1, double beta2, double epsilon)
    {
    }

    internal virtual void SetWeightDecay(double weightDecay)
    {
    }

    /// <summary>The groups of an optimizer. L-BFGS has one learning rate, and its group is a copy that changes nothing.</summary>
    internal static ParameterGroup[] AllOf(torch.optim.Optimizer optimizer) =>
        optimizer is LBFGS single ? [new PlainGroup(single)] : [.. optimizer.ParamGroups.Select(Of)];

    private static ParameterGroup Of(torch.optim.ILearningRateController group) => group switch
    {
        SGD.ParamGroup sgd => new SgdGroup(sgd),
        RMSProp.ParamGroup rmsProp => new RmsPropGroup(rmsProp),
        torch.optim.IBetas betas => new BetasGroup(group, betas),
        torch.optim.IMomentum momentum => new UnreadableGroup(group, momentum),
        _ => new PlainGroup(group),
    };

    // v ← m·v + (1 − dampening)·ĝ, w ← w − ε·v
    private sealed class SgdGroup(SGD.ParamGroup inner) : ParameterGroup(inner)
    {
        // as the optimizer was made: momentum 0 with dampening 0, reached on the way, must not pass for another convention
        private readonly double _dampening = inner.Options.dampening ?? 0;
        private readonly double _momentum = inner.Options.momentum ?? 0;

        internal override double? Momentum => inner.Options.momentum ?? 0;

        internal override MomentumConvention? Convention =>
            _dampening == 0 ? MomentumConvention.LearningRateOutside
            : _dampening == _momentum ? MomentumConvention.Dampened
            : null;

        internal override string? Flaw => Convention is not null
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"its dampening {_dampening} is neither 0 nor its momentum {_momentum}, which is no convention");

        internal override bool Nesterov => inner.Options.nesterov ?? false;

        internal override void SetMomentum(double momentum)
        {
            if (Convention == MomentumConvention.Dampened)
            {
                inner.Options.dampening = momentum;
            }

            inner.Options.momentum = momentum;
        }

        internal override void SetWeightDecay(double weightDecay) => inner.Options.weight_decay = weightDecay;
    }

    // v ← m·v + ĝ/√s, w ← w − ε·v
    private sealed class RmsPropGroup(RMSProp.ParamGroup inner) : ParameterGroup(inner)
    {
        internal override double? Momentum => inner.Options.momentum ?? 0;

        internal override MomentumConvention? Convention => MomentumConvention.LearningRateOutside;

        // TorchSharp makes its buffers with the optimizer, and only where there is momentum then
        internal override string? Flaw => Momentum == 0 ? "it was made without momentum and has no buffers; make it with any momentum above 0" : null;

        internal override void SetMomentum(double momentum) => inner.Options.momentum = momentum;

        internal override void SetWeightDecay(double weightDecay) => inner.Options.weight_decay = weightDecay;
    }

    private sealed class BetasGroup(torch.optim.ILearningRateController group, torch.optim.IBetas inner) : ParameterGroup(group)
    {
        internal override bool HasBetas => true;

        internal override void SetBetas(double beta1, double beta2, double epsilon)
        {
            inner.Betas = (beta1, beta2);
            switch ((inner as ParamGroup)?.Options)
            {
                case Adam.Options options:
                    options.eps = epsilon;
                    break;
                case AdamW.Options options:
                    options.eps = epsilon;
                    break;
                case Adamax.Options options:
                    options.eps = epsilon;
                    break;
                case NAdam.Options options:
                    options.eps = epsilon;
                    break;
                case RAdam.Options options:
                    options.eps = epsilon;
                    break;
            }
        }

        internal override void SetWeightDecay(double weightDecay)
        {
            switch ((inner as ParamGroup)?.Options)
            {
                case Adam.Options options:
                    options.weight_decay = weightDecay;
                    break;
                case AdamW.Options options:
                    options.weight_decay = weightDecay;
                    break;
                case Adamax.Options options:
                    options.weight_decay = weightDecay;
                    break;
                case NAdam.Options options:
                    options.weight_decay = weightDecay;
                    break;
                case RAdam.Options options:
                    options.weight_decay = weightDecay;
                    break;
            }
        }
    }

    // An optimizer that TorchSharp does not bring along: its momentum can be set, its arithmetic not be read.
    private sealed class UnreadableGroup(torch.optim.ILearningRateController group, torch.optim.IMomentum inner) : ParameterGroup(group)
    {
        internal override double? Momentum => inner.Momentum;

        internal override void SetMomentum(double momentum) => inner.Momentum = momentum;
    }

    private sealed class PlainGroup(torch.optim.ILearningRateController group) : ParameterGroup(group);
}
