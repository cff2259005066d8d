using System.CommandLine;
using System.CommandLine.Parsing;
using DiffSharp;

namespace NoiseScale.Cli.Terminal;

/// <summary>What goes wrong, as one or two sentences on the error stream and an exit code; a stack trace only under NOISESCALE_DEBUG=1.</summary>
public static class Failures
{
    /// <summary>The environment variable that shows what was thrown.</summary>
    public const string DebugVariable = "NOISESCALE_DEBUG";

    /// <summary>Reports what a command threw.</summary>
    /// <param name="thrown">What it threw.</param>
    /// <returns>The exit code.</returns>
    public static int Report(Exception thrown)
    {
        var failure = thrown switch
        {
            CommandFailure known => known,
            TorchRuntimeException runtime => CommandFailure.Refusal($"{runtime.Problem}: {runtime.Cause}.", $"To mend it, {runtime.Cure}; 'noisescale doctor' says more.", runtime),
            OperationCanceledException stopped => CommandFailure.Refusal("Stopped.", "What keeps its results goes on from there when the same command is given again.", stopped),
            _ => CommandFailure.Refusal($"Something unexpected went wrong: {thrown.Message}", $"{DebugVariable}=1 shows where; please report it.", thrown),
        };

        Screen.Error.Part(Palette.Bad, "error: ");
        Screen.Error.Line(failure.Message);

        foreach (var line in failure.Excerpt)
            Screen.Error.Line($"  {line}");

        if (failure.Advice is { } advice)
            Screen.Error.Line(advice);

        if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
            Screen.Error.Line(Palette.Quiet, thrown.ToString());

        return failure.ExitCode;
    }

    /// <summary>Reports a command line that does not parse.</summary>
    /// <param name="result">What the parser made of it.</param>
    /// <returns>The exit code.</returns>
    public static int Report(ParseResult result)
    {
        var command = result.CommandResult.Command;

        return Report(result.UnmatchedTokens switch
        {
            [var option, ..] when option.StartsWith('-') && command is not RootCommand => UnknownOption(command, option),
            [var unknown, ..] => CommandFailure.Usage(Unknown(command, unknown), Guess(command, unknown) ?? See(command)),
            [] when command.Subcommands.Count > 0 => CommandFailure.Usage(
                $"{command.Name} needs one of its commands: {string.Join(", ", command.Subcommands.Select(sub => sub.Name))}.", See(command)),
            [] => CommandFailure.Usage(WhatIsWrong(result.Errors[0]), See(command)),
        });
    }

    /// <summary>An option that a command does not have, with a guess at the one that was meant.</summary>
    /// <param name="command">The command.</param>
    /// <param name="typed">The option as typed.</param>
    public static CommandFailure UnknownOption(Command command, string typed) =>
        CommandFailure.Usage($"{(command is RootCommand ? HelpPage.CommandName : HelpPage.PathOf(command)[(HelpPage.CommandName.Length + 1)..])} has no option {typed}.", Guess(command, typed) ?? See(command));

    private static string Unknown(Command command, string token) => command.Subcommands.Count > 0
        ? $"There is no {(token.StartsWith('-') ? "option" : "command")} '{token}'."
        : $"'{token}' is one argument too many.";

    private static string See(Command command) => $"See '{HelpPage.PathOf(command)} --help'.";

    /// <summary>An option whose value is missing, so that the parser has taken the next option for it; null where there is none.</summary>
    /// <param name="result">What the parser made of the command line.</param>
    public static CommandFailure? MissingValue(ParseResult result)
    {
        var command = result.CommandResult.Command;

        // no value of ours begins with two hyphens
        return result.Tokens.Zip(result.Tokens.Skip(1))
            .Where(pair => (pair.First.Type, pair.Second.Type) == (TokenType.Option, TokenType.Argument))
            .Where(pair => pair.Second.Value.StartsWith("--", StringComparison.Ordinal))
            .Select(pair => command.Options.FirstOrDefault(option => option.Name == pair.First.Value))
            .OfType<Option>()
            .Where(option => option.Arity.MaximumNumberOfValues > 0)
            .Select(option => CommandFailure.Usage(Missing(option), See(command)))
            .FirstOrDefault();
    }

    private static string WhatIsWrong(ParseError error) =>
        error.SymbolResult switch
        {
            OptionResult { Tokens: [], Option: { HelpName: not null } option } => Missing(option),
            OptionResult { Tokens.Count: > 1, Option: { Arity.MaximumNumberOfValues: 1 } option } => $"{option.Name} stands more than once: give it once.",
            _ => error.Message,
        };

    private static string Missing(Option option) => $"{option.Name} needs a value: {option.HelpName}.";

    private static string? Guess(Command command, string token)
    {
        var known = token.StartsWith('-') ? command.Options.Select(option => option.Name) : command.Subcommands.Select(sub => sub.Name);
        return Spelling.Nearest(token, known) is { } near ? $"Did you mean {near}?" : null;
    }
}
