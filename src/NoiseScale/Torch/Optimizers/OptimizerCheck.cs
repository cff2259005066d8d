using System.Globalization;
using TorchSharp.Modules;

namespace NoiseScale.Torch;

/// <summary>Whether a TorchSharp optimizer does the arithmetic that a schedule is for.</summary>
internal static class OptimizerCheck
{
    /// <summary>Throws where it does not; says what differs and how to mend it.</summary>
    /// <param name="optimizer">The TorchSharp optimizer.</param>
    /// <param name="groups">Its parameter groups.</param>
    /// <param name="wanted">What the schedule is for.</param>
    /// <param name="stated">The convention of an optimizer whose own cannot be read.</param>
    /// <param name="rescale">Whether buffers may be rescaled to turn one convention into another.</param>
    internal static void Require(
        torch.optim.Optimizer optimizer, ParameterGroup[] groups, Optimizer wanted, MomentumConvention? stated, bool rescale)
    {
        var type = optimizer.GetType().Name;
        for (var i = 0; i < groups.Length; i++)
        {
            if (Mismatch(optimizer, groups[i], wanted, stated, rescale) is { } mismatch)
            {
                throw new ArgumentException(
                    $"parameter group {i} of {type} cannot follow a schedule for {Name(wanted)}: {mismatch}", nameof(optimizer));
            }
        }
    }

    private static string? Mismatch(
        torch.optim.Optimizer optimizer, ParameterGroup group, Optimizer wanted, MomentumConvention? stated, bool rescale) => wanted switch
        {
            SgdOptimizer => Plain(group),
            HeavyBallOptimizer o => LooksAhead(optimizer, group, wanted: false) ?? Convention(optimizer, group, o.Convention, stated, rescale),
            NesterovOptimizer o => LooksAhead(optimizer, group, wanted: true) ?? Convention(optimizer, group, o.Convention, stated, rescale),
            AdamOptimizer => group.HasBetas && optimizer is not AdamW ? null : "it needs Adam, or another optimizer with β₁ and β₂ but not AdamW",
            AdamWOptimizer => optimizer is AdamW ? null : "it needs AdamW",
            _ => null,
        };

    private static string? Plain(ParameterGroup group) =>
        group.HasBetas ? "make the schedule one for Adam or AdamW (WithOptimizer)"
        : group.Momentum is > 0 and var m
            ? Invariant($"it has momentum {m}; give the schedule that momentum: WithOptimizer(Optimizers.HeavyBall(), {m})")
        : null;

    private static string? LooksAhead(torch.optim.Optimizer optimizer, ParameterGroup group, bool wanted) =>
        optimizer is not (SGD or RMSProp) || group.Nesterov == wanted ? null
        : wanted ? "it does not look ahead; make it with nesterov: true"
        : "it looks ahead as Nesterov does; make it with nesterov: false";

    private static string? Convention(
        torch.optim.Optimizer optimizer, ParameterGroup group, MomentumConvention wanted, MomentumConvention? stated, bool rescale)
    {
        if (group.Momentum is null)
            return "it has no momentum";
        if (group.Flaw is { } flaw)
            return flaw;
        if (group.Convention is { } read && stated is { } claimed && claimed != read)
            return $"its convention is {read}, and {claimed} was stated";
        if ((group.Convention ?? stated) is not { } actual)
            return "its momentum convention cannot be read; state it";

        var canRescale = (wanted, actual, optimizer)
            is (MomentumConvention.LearningRateInside, MomentumConvention.LearningRateOutside, SGD);
        return actual == wanted || (canRescale && rescale) ? null
            : $"its momentum convention is {actual}, the schedule's {wanted}; {Cure(wanted, canRescale)}make the schedule one for that convention";
    }

    private static string Cure(MomentumConvention wanted, bool canRescale) =>
        canRescale ? "let buffers be rescaled (rescaleBuffers: true), which is the same arithmetic, or "
        : wanted == MomentumConvention.Dampened ? "make the optimizer with dampening equal to its momentum, or "
        : "";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Name(Optimizer optimizer) => optimizer switch
    {
        SgdOptimizer => "plain SGD",
        HeavyBallOptimizer o => $"the heavy ball ({o.Convention})",
        NesterovOptimizer o => $"Nesterov's momentum ({o.Convention})",
        AdamOptimizer => "Adam",
        AdamWOptimizer => "AdamW",
        _ => optimizer.ToString(),
    };
}
