using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Spectre.Console;

namespace NoiseScale.Cli.Terminal;

/// <summary>--help: usage, arguments, options in groups, notes, examples and exit codes.</summary>
public sealed class HelpPage : SynchronousCommandLineAction
{
    private static readonly Dictionary<Command, CommandHelp> Described = [];

    /// <summary>Says more about a command than its own description does.</summary>
    /// <param name="command">The command.</param>
    /// <param name="help">What to say.</param>
    public static void Describe(Command command, CommandHelp help) => Described[command] = help;

    /// <summary>Makes --help of a command and of those below it show this page.</summary>
    /// <param name="root">The command that has the option.</param>
    public static void InstallIn(Command root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            option.Description = "Show help; after a command, that command's.";
            option.Action = new HelpPage();
        }
    }

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        Write(Screen.Out, parseResult.CommandResult.Command);
        return ExitCode.Done;
    }

    private static void Write(IAnsiConsole console, Command command)
    {
        var help = Described.GetValueOrDefault(command, new CommandHelp());

        console.Prose(Palette.Plain, command.Description ?? "");
        WriteUsage(console, command);
        WriteEntries(console, "Commands", command.Subcommands.Where(sub => !sub.Hidden).Select(sub => (sub.Name, sub.Description)));
        WriteEntries(console, "Arguments", command.Arguments.Select(argument => ($"<{argument.HelpName}>", argument.Description)));

        foreach (var (title, options) in help.Groups)
            WriteEntries(console, title, options.Select(Entry));

        var grouped = help.Groups.SelectMany(group => group.Options).ToHashSet();
        var inherited = command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive);
        var others = command.Options.Concat(inherited).Where(option => !option.Hidden && !grouped.Contains(option));
        WriteEntries(console, "Options", others.Select(Entry));

        foreach (var (title, lines) in help.Notes)
        {
            WriteTitle(console, title);

            foreach (var line in HelpText.Fit(lines, Screen.ProseWidth - 2))
                console.Line(Palette.Plain, line.Length == 0 ? "" : $"  {line}");
        }

        if (help.Examples.Count > 0)
            WriteTitle(console, "Examples");

        foreach (var (purpose, line) in help.Examples)
        {
            if (purpose.Length > 0)
                console.Line(Palette.Quiet, $"  # {purpose}");

            console.Line(Palette.Name, $"  {line}");
        }

        WriteEntries(
            console,
            "Exit codes",
            [
                ($"{ExitCode.Done}", "done"),
                ($"{ExitCode.CannotBeDone}", help.CannotBeDone),
                ($"{ExitCode.WrongUsage}", "wrong usage: an option, a name or a text that does not read"),
            ]);
    }

    private static void WriteUsage(IAnsiConsole console, Command command)
    {
        var path = PathOf(command);
        var subcommands = command.Subcommands.Count > 0 ? " <command>" : "";
        var arguments = string.Concat(command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues == 0 ? $" [{argument.HelpName}]" : $" <{argument.HelpName}>"));

        WriteTitle(console, "Usage");
        console.Line(Palette.Name, $"  {path}{subcommands}{arguments} [options]");
    }

    /// <summary>How a command is called, such as <c>noisescale sweep run</c>.</summary>
    /// <param name="command">The command.</param>
    public static string PathOf(Command command) => string.Join(" ", Ancestors(command).Reverse());

    private static IEnumerable<string> Ancestors(Command command)
    {
        for (Command? at = command; at is not null; at = at.Parents.OfType<Command>().FirstOrDefault())
            yield return at is RootCommand ? CommandName : at.Name;
    }

    /// <summary>The name under which the command is called, however it was started.</summary>
    public const string CommandName = "noisescale";

    private static (string Name, string? Description) Entry(Option option) =>
        (string.Join(", ", option.Aliases.Where(alias => alias is not ("-?" or "/?" or "/h")).Append(option.Name).OrderBy(name => name.Length))
            + (option.HelpName is { } value && option.Arity.MaximumNumberOfValues > 0 ? $" <{value}>" : ""),
            option.Description);

    private static void WriteTitle(IAnsiConsole console, string title)
    {
        console.Line();
        console.Line(Palette.Strong, title);
    }

    /// <summary>Names in one column, their descriptions beside them; below, where a name is too long for the column.</summary>
    private static void WriteEntries(IAnsiConsole console, string title, IEnumerable<(string Name, string? Description)> entries)
    {
        const int Widest = 26;
        var list = entries.ToList();

        if (list.Count == 0)
            return;

        WriteTitle(console, title);
        var column = 2 + Math.Min(Widest, list.Max(entry => entry.Name.Length)) + 2;

        foreach (var (name, description) in list)
        {
            console.Part(Palette.Name, $"  {name}");
            var at = 2 + name.Length;

            foreach (var line in ProseExtensions.Break(description ?? "", Screen.ProseWidth - column))
            {
                if (at > column - 2)
                {
                    console.Line();
                    at = 0;
                }

                console.Line(Palette.Plain, new string(' ', column - at) + line);
                at = 0;
            }
        }
    }
}
