using NoiseScale.Cli.Terminal;
using NoiseScale.Training.Runs;
using Spectre.Console;

namespace NoiseScale.Cli.Measuring;

/// <summary>A measured exponent of the width against the theory's, in a word: ok, near or off.</summary>
internal static class WidthVerdict
{
    /// <summary>How far an exponent may be off: at finite widths it carries what is left of smaller powers of w.</summary>
    public const double Margin = 0.25;

    /// <summary>ok where the interval lies within the margin, near where it reaches into it, else off.</summary>
    /// <param name="measured">The exponent with its interval.</param>
    /// <param name="expected">The theory's.</param>
    public static string Of(MeanInterval measured, double expected) =>
        Math.Abs(measured.Low - expected) <= Margin && Math.Abs(measured.High - expected) <= Margin ? "ok"
        : measured.Low <= expected + Margin && measured.High >= expected - Margin ? "near"
        : "off";

    /// <summary>Its colour.</summary>
    /// <param name="verdict">The word.</param>
    public static Style StyleOf(string verdict) => verdict switch { "off" => Palette.Bad, "ok" => Palette.Good, _ => Palette.Plain };
}
