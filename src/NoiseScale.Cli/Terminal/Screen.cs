using Spectre.Console;

namespace NoiseScale.Cli.Terminal;

/// <summary>
/// The process's output and error stream, each with a console for tables and styles. Styles are for terminals only: a pipe, a file,
/// NO_COLOR or TERM=dumb gets plain text, and a pipe or a file never has its lines broken.
/// </summary>
public static class Screen
{
    // Wide enough that no table of ours is ever broken; Spectre's own guess for a pipe is 80.
    private const int Unlimited = 4096;

    private static readonly Lazy<IAnsiConsole> _standardOutput = new(() => Create(Console.Out, Console.IsOutputRedirected));
    private static readonly Lazy<IAnsiConsole> _standardError = new(() => Create(Console.Error, Console.IsErrorRedirected));

    /// <summary>Where results go.</summary>
    public static IAnsiConsole Out => _standardOutput.Value;

    /// <summary>Where errors and remarks go.</summary>
    public static IAnsiConsole Error => _standardError.Value;

    /// <summary>Columns a line may take on the output without being broken: the terminal's width, or any number in a pipe.</summary>
    public static int LineWidth => Console.IsOutputRedirected ? Unlimited : TerminalWidth();

    /// <summary>Columns a line of prose may take on the output: the terminal's width within readable bounds, or 100 in a pipe.</summary>
    public static int ProseWidth => Console.IsOutputRedirected ? 100 : Math.Clamp(TerminalWidth(), 40, 100);

    /// <summary>Writes one line of text without markup and without breaking it.</summary>
    /// <param name="console">The console.</param>
    /// <param name="text">The line.</param>
    public static void Line(this IAnsiConsole console, string text = "") => console.Profile.Out.Writer.WriteLine(text);

    /// <summary>Writes one line in a style, without markup and without breaking it.</summary>
    /// <param name="console">The console.</param>
    /// <param name="style">The style; ignored where the console has none.</param>
    /// <param name="text">The line.</param>
    public static void Line(this IAnsiConsole console, Style style, string text)
    {
        console.Part(style, text);
        console.Line();
    }

    /// <summary>Writes text in a style and stays on the line.</summary>
    /// <param name="console">The console.</param>
    /// <param name="style">The style; ignored where the console has none.</param>
    /// <param name="text">The text.</param>
    public static void Part(this IAnsiConsole console, Style style, string text)
    {
        // Without styles there is nothing to lay out; with them, the profile's width is beyond any line of ours, so that nothing is broken.
        if (console.Profile.Capabilities.Ansi)
            console.Write(new Text(text, style));
        else
            console.Profile.Out.Writer.Write(text);
    }

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var plain = redirected
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            || Environment.GetEnvironmentVariable("TERM") == "dumb";

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = plain ? InteractionSupport.No : InteractionSupport.Detect,
            // the default enrichers turn colours on in the logs of build servers, which are pipes
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });

        // A table broken at the terminal's width loses digits; one that the terminal wraps does not.
        console.Profile.Width = Unlimited;
        return console;
    }

    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }
}
