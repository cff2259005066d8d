using System.Globalization;

namespace NoiseScale.Cli.Terminal;

/// <summary>Numbers as people read them: thousands apart, no more digits than mean something, decimal points in line.</summary>
public static class Numbers
{
    private static readonly NumberFormatInfo Spaced = new() { NumberGroupSeparator = " ", NumberDecimalSeparator = "." };

    /// <summary>A whole number with its thousands apart: 29 188.</summary>
    /// <param name="value">The number.</param>
    public static string Whole(long value) => value.ToString("#,0", Spaced);

    /// <summary>A real number to some significant digits, thousands apart, in powers of ten where it is very small or very large.</summary>
    /// <param name="value">The number.</param>
    /// <param name="digits">Significant digits, 1 to 15.</param>
    public static string Real(double value, int digits = 6)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return value.ToString(CultureInfo.InvariantCulture);
        }

        var magnitude = (int)Math.Floor(Math.Log10(Math.Abs(value)));

        if (magnitude is < -5 or > 11)
        {
            return value.ToString($"0.{new string('#', digits - 1)}e0", CultureInfo.InvariantCulture);
        }

        var decimals = Math.Clamp(digits - 1 - magnitude, 0, 15);
        return value.ToString($"#,0.{new string('#', decimals)}", Spaced);
    }

    /// <summary>A real number to some decimals, zeros included: 0.50.</summary>
    /// <param name="value">The number.</param>
    /// <param name="decimals">How many.</param>
    public static string Fixed(double value, int decimals) =>
        (Math.Round(value, decimals) + 0.0).ToString($"F{decimals}", CultureInfo.InvariantCulture);

    /// <summary>A fraction in percent, to two significant digits: 0.39 %.</summary>
    /// <param name="fraction">The fraction.</param>
    public static string Percent(double fraction) => $"{Real(100 * fraction, 2)} %";

    /// <summary>Texts of numbers, padded on the right so that their decimal points stand in line when the column is right-aligned.</summary>
    /// <param name="texts">Numbers as `Real` writes them.</param>
    public static IReadOnlyList<string> AlignPoints(IReadOnlyList<string> texts)
    {
        static int Tail(string text) => text.IndexOf('.') is >= 0 and var point ? text.Length - point : 0;

        var longest = texts.Count == 0 ? 0 : texts.Max(Tail);
        return [.. texts.Select(text => text + new string(' ', longest - Tail(text)))];
    }

    /// <summary>Reads a number as a person types it on a command line: 128, 0.1, 1e-3, 50_000; never a comma.</summary>
    /// <param name="text">The text.</param>
    /// <param name="value">The number read.</param>
    /// <returns>Whether the text is a finite number.</returns>
    public static bool TryParse(string text, out double value)
    {
        const NumberStyles Styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text.Replace("_", ""), Styles, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }
}
