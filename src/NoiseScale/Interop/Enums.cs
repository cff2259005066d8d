namespace NoiseScale.Interop;

/// <summary>The enums of the façade as the unions of the algebra; an undefined value is refused.</summary>
internal static class Enums
{
    internal static Core.Form ToCore(this NoiseScaleForm form) => form switch
    {
        NoiseScaleForm.Exact => Core.Form.Exact,
        NoiseScaleForm.Linear => Core.Form.Linear,
        _ => throw Undefined(form, nameof(form)),
    };

    internal static Core.TradeRule ToCore(this TradeRule rule) => rule switch
    {
        TradeRule.Linear => Core.TradeRule.Linear,
        TradeRule.SquareRoot => Core.TradeRule.SquareRoot,
        TradeRule.Seesaw => Core.TradeRule.Seesaw,
        _ => throw Undefined(rule, nameof(rule)),
    };

    internal static Core.PartialBatch ToCore(this PartialBatch partialBatch) => partialBatch switch
    {
        PartialBatch.CarryOver => Core.PartialBatch.CarryOver,
        PartialBatch.Keep => Core.PartialBatch.Keep,
        PartialBatch.Drop => Core.PartialBatch.Drop,
        _ => throw Undefined(partialBatch, nameof(partialBatch)),
    };

    internal static Core.BatchRounding ToCore(this BatchRounding rounding) => rounding switch
    {
        BatchRounding.Leave => Core.BatchRounding.Leave,
        BatchRounding.CompensateExact => Core.BatchRounding.NewCompensate(Core.Form.Exact),
        BatchRounding.CompensateLinear => Core.BatchRounding.NewCompensate(Core.Form.Linear),
        _ => throw Undefined(rounding, nameof(rounding)),
    };

    internal static Core.Parameterisation ToCore(this Parameterisation parameterisation) => parameterisation switch
    {
        Parameterisation.Standard => Core.Parameterisation.Standard,
        Parameterisation.Ntk => Core.Parameterisation.Ntk,
        Parameterisation.MuP => Core.Parameterisation.MuP,
        _ => throw Undefined(parameterisation, nameof(parameterisation)),
    };

    internal static Core.LayerRole ToCore(this LayerRole role) => role switch
    {
        LayerRole.Input => Core.LayerRole.Input,
        LayerRole.Hidden => Core.LayerRole.Hidden,
        LayerRole.Output => Core.LayerRole.Output,
        LayerRole.Fixed => Core.LayerRole.Fixed,
        _ => throw Undefined(role, nameof(role)),
    };

    internal static Core.RateFamily ToCore(this RateFamily family) => family switch
    {
        RateFamily.Sgd => Core.RateFamily.Sgd,
        RateFamily.Adam => Core.RateFamily.Adam,
        _ => throw Undefined(family, nameof(family)),
    };

    internal static PartialBatch ToPublic(this Core.PartialBatch partialBatch) =>
        partialBatch.IsCarryOver ? PartialBatch.CarryOver : partialBatch.IsKeep ? PartialBatch.Keep : PartialBatch.Drop;

    internal static BatchRounding ToPublic(this Core.BatchRounding rounding) => rounding switch
    {
        Core.BatchRounding.Compensate { Item.IsExact: true } => BatchRounding.CompensateExact,
        Core.BatchRounding.Compensate => BatchRounding.CompensateLinear,
        _ => BatchRounding.Leave,
    };

    internal static Core.MomentumConvention ToCore(this MomentumConvention convention) => convention switch
    {
        MomentumConvention.LearningRateOutside => Core.MomentumConvention.LearningRateOutside,
        MomentumConvention.LearningRateInside => Core.MomentumConvention.LearningRateInside,
        MomentumConvention.Dampened => Core.MomentumConvention.Dampened,
        _ => throw Undefined(convention, nameof(convention)),
    };

    internal static MomentumConvention ToPublic(this Core.MomentumConvention convention) =>
        convention.IsLearningRateOutside ? MomentumConvention.LearningRateOutside
        : convention.IsLearningRateInside ? MomentumConvention.LearningRateInside
        : MomentumConvention.Dampened;

    private static ArgumentOutOfRangeException Undefined<T>(T value, string parameter) where T : struct, Enum =>
        new(parameter, value, $"is none of {string.Join(", ", Enum.GetNames<T>())}");
}
