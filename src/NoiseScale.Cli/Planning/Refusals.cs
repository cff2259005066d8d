using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Planning;

/// <summary>From the algebra's refusals to sentences for the command line.</summary>
public static class Refusals
{
    /// <summary>Reads a schedule from text; a mistake shows its line with a caret.</summary>
    /// <param name="where">What was read, such as a file's name; null for text of the command line itself.</param>
    /// <param name="text">The text.</param>
    /// <param name="read">Reads it.</param>
    public static Schedule Reading(string? where, string text, Func<string, Schedule> read)
    {
        try
        {
            return read(text);
        }
        catch (ScheduleException e) when (e is { Line: { } line, Column: { } column })
        {
            var place = where is null ? "The schedule does not read" : $"{where}, line {line}, column {column}";

            throw new CommandFailure($"{place}: {e.Rule}.", "'noisescale plan --help' shows how schedules are written.", ExitCode.WrongUsage, e)
            {
                Excerpt = Excerpt.At(text, line, column),
            };
        }
        catch (ScheduleException e) when (e.Kind == ScheduleErrorKind.UnknownVersion)
        {
            throw new CommandFailure(Sentence(where ?? "The schedule", e), null, ExitCode.WrongUsage, e);
        }
        catch (ScheduleException e)
        {
            throw CommandFailure.Refusal(Sentence(where ?? "The schedule is not valid", e), inner: e);
        }
    }

    /// <summary>Applies a transformation; a refusal names the option that asked for it.</summary>
    /// <param name="option">The option as typed.</param>
    /// <param name="belowOne">What helps where a batch would be smaller than one example; null for nothing.</param>
    /// <param name="apply">Applies it.</param>
    public static Schedule Applying(string option, string? belowOne, Func<Schedule> apply)
    {
        try
        {
            return apply();
        }
        catch (ScheduleException e)
        {
            throw CommandFailure.Refusal(Sentence(option, e), e.Kind == ScheduleErrorKind.BatchBelowOne ? belowOne : null, e);
        }
    }

    private static string Sentence(string subject, ScheduleException e)
    {
        // ArgumentException appends the name of a parameter, which means nothing on a command line.
        var suffix = $" (Parameter '{e.ParamName}')";
        var sentence = e.Message.EndsWith(suffix, StringComparison.Ordinal) ? e.Message[..^suffix.Length] : e.Message;
        return $"{subject}: {sentence}";
    }
}
