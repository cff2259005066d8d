namespace NoiseScale;

/// <summary>Which rule a curve, schedule, transformation or text breaks.</summary>
public enum ScheduleErrorKind
{
    /// <summary>Any other rule.</summary>
    Other,

    /// <summary>A quantity that must be positive is zero or negative.</summary>
    NonPositive,

    /// <summary>A quantity is infinite or not a number.</summary>
    NonFinite,

    /// <summary>The batch size falls below one example.</summary>
    BatchBelowOne,

    /// <summary>The batch size exceeds the training set.</summary>
    BatchExceedsTrainingSet,

    /// <summary>The momentum leaves [0, 1).</summary>
    MomentumOutOfRange,

    /// <summary>Two boundaries of a curve are not in increasing order.</summary>
    BoundariesOutOfOrder,

    /// <summary>The schedule has no data: no epochs or no examples.</summary>
    EmptySchedule,

    /// <summary>A parameter breaks its rule.</summary>
    ParameterOutOfRange,

    /// <summary>A square-root rule would push a moment coefficient of Adam below zero.</summary>
    BetaBelowZero,

    /// <summary>A law is asked of a convention, an optimizer or a schedule for which it does not hold.</summary>
    LawDoesNotHold,

    /// <summary>The cap on the batch size is below a batch size that the schedule already has.</summary>
    CapBelowBatch,

    /// <summary>Text that does not parse.</summary>
    MalformedText,

    /// <summary>A file of a schema version that this library does not know.</summary>
    UnknownVersion,
}
