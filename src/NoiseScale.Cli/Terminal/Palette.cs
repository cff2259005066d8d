using Spectre.Console;

namespace NoiseScale.Cli.Terminal;

/// <summary>The few styles of our output; a console without styles ignores them.</summary>
public static class Palette
{
    /// <summary>Text as it is.</summary>
    public static Style Plain { get; } = Style.Plain;

    /// <summary>What the eye should find first.</summary>
    public static Style Strong { get; } = new(decoration: Decoration.Bold);

    /// <summary>What explains the rest.</summary>
    public static Style Quiet { get; } = new(Color.Grey);

    /// <summary>Names that can be typed.</summary>
    public static Style Name { get; } = new(Color.Teal);

    /// <summary>As it should be.</summary>
    public static Style Good { get; } = new(Color.Green);

    /// <summary>Worth a look.</summary>
    public static Style Remark { get; } = new(Color.Olive);

    /// <summary>Wrong.</summary>
    public static Style Bad { get; } = new(Color.Maroon, decoration: Decoration.Bold);
}
