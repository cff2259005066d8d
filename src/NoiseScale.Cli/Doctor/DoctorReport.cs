using NoiseScale.Cli.Commands;
using NoiseScale.Cli.Terminal;
using Spectre.Console;

namespace NoiseScale.Cli.Doctor;

/// <summary>The findings for people: a line each, with cause and cure below where there are any, and the verdict.</summary>
public static class DoctorReport
{
    private const string NotLookedAt = "not looked at";

    /// <summary>Writes the findings.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="findings">The findings.</param>
    public static void Write(IAnsiConsole console, IReadOnlyList<Finding> findings)
    {
        console.Line(Palette.Strong, $"{HelpPage.CommandName} {RootCommandLine.Version}");
        console.Line();
        var column = findings.Max(finding => finding.Name.Length);

        foreach (var finding in findings)
        {
            // the loader could not look: its own finding, above, says why
            var unseen = finding is { Ok: false, Detail: NotLookedAt };
            var (mark, style) = finding switch
            {
                _ when unseen => ("–", Palette.Quiet),
                { Ok: false } => ("✗", Palette.Bad),
                { Cause: not null } => ("!", Palette.Remark),
                _ => ("✓", Palette.Good),
            };

            console.Part(style, $"  {mark} ");
            Write(finding.Name.PadRight(column), Palette.Plain, finding.Detail, 4);

            if (!unseen)
            {
                Explain("cause", finding.Cause);
                Explain("cure", finding.Cure);
            }
        }

        console.Line();

        if (findings.All(finding => finding.Ok))
            console.Line(Palette.Good, "Training can run here.");
        else
            console.Line(Palette.Bad, "Training cannot run here: see what is marked ✗, and its cure.");

        void Explain(string what, string? text)
        {
            if (text is not null)
                Write($"{new string(' ', 4 + column + 2)}{what + ":",-6}", Palette.Quiet, text, 0);
        }

        // a label, and beside it text in as many lines as it needs
        void Write(string label, Style style, string text, int indent)
        {
            var width = Math.Max(40, Screen.LineWidth - indent - label.Length - 2);

            foreach (var (index, line) in ProseExtensions.Break(text, width).Index())
            {
                console.Part(style, index == 0 ? label : new string(' ', indent + label.Length));
                console.Line($"  {line}");
            }
        }
    }
}
