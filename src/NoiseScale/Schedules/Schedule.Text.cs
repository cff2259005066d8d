using System.Diagnostics.CodeAnalysis;

namespace NoiseScale;

// Schedules as text. Both forms write numbers so that they read back to the same bits: parsing what was printed gives an equal schedule.
public sealed partial class Schedule
{
    /// <summary>
    /// A schedule in one line, such as <c>lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000</c>.
    /// </summary>
    /// <remarks>
    /// Fields in any order: <c>lr</c>, <c>batch</c>, <c>momentum</c> (a curve each), <c>epochs</c>, <c>examples</c>, <c>optimizer</c>,
    /// <c>decay</c>, <c>average</c>. Curves: a number; <c>0.1 /5 @60,120</c>; <c>128 *5 @60</c>; <c>0.1 -> 0.02 @60</c>; or a function such
    /// as <c>cosine(0.1, 0, 200)</c>.
    /// </remarks>
    /// <param name="text">One schedule.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ScheduleException">The text is malformed (with line and column), or the schedule breaks a rule.</exception>
    public static Schedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Of(Core.Syntax.parse(text));
    }

    /// <summary>Like <see cref="Parse"/>, for text that may be wrong.</summary>
    /// <param name="text">Perhaps one schedule.</param>
    /// <param name="schedule">The schedule, if it is one.</param>
    /// <param name="error">Why not, if it is not.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(
        string? text, [NotNullWhen(true)] out Schedule? schedule, [NotNullWhen(false)] out ScheduleException? error)
    {
        var result = Core.Syntax.parse(text ?? "");
        schedule = result.IsOk ? new(result.ResultValue) : null;
        error = result.IsOk ? null : ScheduleException.From(result.ErrorValue);
        return result.IsOk;
    }

    /// <summary>The schedule in one line that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Core.Syntax.print(Inner);

    /// <summary>A schedule in JSON, schema <c>noisescale/schedule</c>, version 1.</summary>
    /// <param name="json">One JSON object.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ScheduleException">
    /// The text is malformed (with line and column), its version unknown, or the schedule breaks a rule.
    /// </exception>
    public static Schedule FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return Of(Core.Json.parse(json));
    }

    /// <summary>The schedule in JSON, schema <c>noisescale/schedule</c>, version 1, that <see cref="FromJson"/> reads.</summary>
    /// <returns>Indented JSON that ends without a newline.</returns>
    public string ToJson() => Core.Json.print(Inner);
}
