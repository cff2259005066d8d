using System.Globalization;

namespace NoiseScale;

/// <summary>A curve, schedule, transformation or text was refused; names the parameter, its value and the rule it breaks.</summary>
public sealed class ScheduleException : ArgumentException
{
    private ScheduleException(string sentence, ScheduleErrorKind kind, string? parameter, object? value, string rule)
        : base(sentence, parameter)
    {
        Kind = kind;
        Value = value;
        Rule = rule;
    }

    /// <summary>Which rule is broken.</summary>
    public ScheduleErrorKind Kind { get; }

    /// <summary>The refused value: mostly a <see cref="double"/>; null where the rule is not about one value.</summary>
    public object? Value { get; }

    /// <summary>The rule in words, such as "it must lie in [0, 1)".</summary>
    public string Rule { get; }

    /// <summary>The epoch at which the rule is broken, where it is broken at a time.</summary>
    public Epochs? Epoch { get; private init; }

    /// <summary>The line of malformed text, counted from 1.</summary>
    public int? Line { get; private init; }

    /// <summary>The column of malformed text, counted from 1.</summary>
    public int? Column { get; private init; }

    internal static ScheduleException From(Core.ScheduleError error, string cap = "cap")
    {
        var sentence = Core.ScheduleErrorModule.message(error);
        ScheduleException Make(ScheduleErrorKind kind, string? parameter, object? value, string rule, double? epoch = null) =>
            new(sentence, kind, parameter, value, rule) { Epoch = epoch };

        return error switch
        {
            Core.ScheduleError.NonPositive e =>
                Make(ScheduleErrorKind.NonPositive, ParameterOf(e.quantity), e.value, "it must be greater than 0", e.at),
            Core.ScheduleError.NonFinite e =>
                Make(ScheduleErrorKind.NonFinite, ParameterOf(e.quantity), e.value, "it must be a finite number"),
            Core.ScheduleError.BatchBelowOne e =>
                Make(ScheduleErrorKind.BatchBelowOne, "batchSize", e.value, "it must be at least 1", e.at),
            Core.ScheduleError.BatchExceedsTrainingSet e => Make(
                ScheduleErrorKind.BatchExceedsTrainingSet,
                "batchSize", e.value, Invariant($"it must not exceed the {e.trainingSetSize} training examples"), e.at),
            Core.ScheduleError.MomentumOutOfRange e =>
                Make(ScheduleErrorKind.MomentumOutOfRange, "momentum", e.value, "it must lie in [0, 1)", e.at),
            Core.ScheduleError.BoundariesOutOfOrder e => Make(
                ScheduleErrorKind.BoundariesOutOfOrder,
                "at", e.later, Invariant($"boundaries must be 0 or more and increase; it follows {e.earlier}"), e.later),
            Core.ScheduleError.EmptySchedule e =>
                Make(ScheduleErrorKind.EmptySchedule, null, null, e.reason),
            Core.ScheduleError.ParameterOutOfRange e =>
                Make(ScheduleErrorKind.ParameterOutOfRange, ParameterOf(e.parameter), e.value, e.rule),
            Core.ScheduleError.BetaBelowZero e =>
                Make(ScheduleErrorKind.BetaBelowZero, e.beta, e.value, "it must stay at 0 or above: scale the batch by less"),
            Core.ScheduleError.LawDoesNotHold e =>
                Make(ScheduleErrorKind.LawDoesNotHold, null, null, $"{e.law} does not hold: {e.reason}"),
            Core.ScheduleError.CapBelowBatch e => Make(
                ScheduleErrorKind.CapBelowBatch,
                cap, e.cap, Invariant($"it must not be below the schedule's own batch size {e.batchSize}"), e.at),
            Core.ScheduleError.MalformedText e =>
                new(sentence, ScheduleErrorKind.MalformedText, "text", null, e.expected) { Line = e.line, Column = e.column },
            Core.ScheduleError.UnknownVersion e =>
                Make(ScheduleErrorKind.UnknownVersion, "text", e.found, $"this library reads {e.known}"),
            _ => Make(ScheduleErrorKind.Other, null, null, sentence),
        };
    }

    internal static ScheduleException OutOfRange(string parameter, double value, string rule) =>
        From(Core.ScheduleError.NewParameterOutOfRange(parameter, value, rule));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // The algebra speaks of "learning rate: duration" where C# has a parameter duration, and of "learning rate" for learningRate.
    private static string ParameterOf(string quantity)
    {
        var words = quantity[(quantity.LastIndexOf(": ", StringComparison.Ordinal) is var colon and >= 0 ? colon + 2 : 0)..]
            .Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        return string.Concat(words.Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
    }
}
