using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Planning;

/// <summary>Values of options that are words or numbers, with errors that name the option, the value and what it may be.</summary>
public static class Choice
{
    /// <summary>The meaning of a word among a few.</summary>
    /// <param name="option">The option, such as --form.</param>
    /// <param name="typed">The word as typed.</param>
    /// <param name="words">The words there are, and what they mean.</param>
    public static T Of<T>(string option, string typed, params IReadOnlyList<(string Word, T Meaning)> words)
    {
        foreach (var (word, meaning) in words)
        {
            if (word.Equals(typed, StringComparison.OrdinalIgnoreCase))
                return meaning;
        }

        var known = words.Select(choice => choice.Word).ToList();
        var guess = Spelling.Nearest(typed, known) is { } near ? $"Did you mean '{near}'?" : null;
        throw CommandFailure.Usage($"{option} {typed}: it is one of {string.Join(", ", known)}.", guess);
    }

    /// <summary>A finite number.</summary>
    /// <param name="option">The option, such as --scale-lr.</param>
    /// <param name="typed">The number as typed.</param>
    public static double Number(string option, string typed)
    {
        if (Numbers.TryParse(typed, out var value))
            return value;

        var advice = typed.Contains(',') ? "Decimals take a point: 0.98." : null;
        throw CommandFailure.Usage($"{option} {typed}: it must be a number.", advice);
    }

    /// <summary>A whole number of examples.</summary>
    /// <param name="option">The option, such as --examples.</param>
    /// <param name="typed">The number as typed.</param>
    public static long Whole(string option, string typed)
    {
        var value = Number(option, typed);

        // beyond 2⁵³ a double does not tell neighbours apart
        return value == Math.Round(value) && Math.Abs(value) < 9.0e15
            ? (long)value
            : throw CommandFailure.Usage($"{option} {typed}: it must be a whole number.");
    }
}
