using System.CommandLine;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Planning;

/// <summary>Options as all commands make and read them; <c>using static</c> lets their lists read as tables.</summary>
public static class Options
{
    /// <summary>An option with a value.</summary>
    /// <param name="name">Such as --data.</param>
    /// <param name="value">What stands for its value in the help, such as DIR.</param>
    /// <param name="description">What it does.</param>
    public static Option<string> Value(string name, string value, string description) => new(name) { HelpName = value, Description = description };

    /// <summary>An option that is there or not.</summary>
    /// <param name="name">Such as --json.</param>
    /// <param name="description">What it does.</param>
    public static Option<bool> Flag(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>A whole number that was given; null where it was not.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="option">The option.</param>
    public static int? Whole(ParseResult result, Option<string> option) => result.GetValue(option) is { } typed ? Whole(option, typed) : null;

    /// <summary>A whole number that is not too small.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="option">The option.</param>
    /// <param name="otherwise">What it is where it was not given.</param>
    /// <param name="least">The least that it may be.</param>
    public static int Whole(ParseResult result, Option<string> option, int otherwise, int least)
    {
        var value = Whole(result, option) ?? otherwise;
        return value >= least ? value : throw CommandFailure.Usage($"{option.Name} {value}: it is {least} or more.");
    }

    /// <summary>A positive number.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="option">The option.</param>
    /// <param name="otherwise">What it is where it was not given.</param>
    public static double Positive(ParseResult result, Option<string> option, double otherwise)
    {
        var value = Real(result, option, otherwise);
        return value > 0 ? value : throw CommandFailure.Usage($"{option.Name} {value}: it is positive.");
    }

    /// <summary>A number that is 0 or more.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="option">The option.</param>
    /// <param name="otherwise">What it is where it was not given.</param>
    public static double NotNegative(ParseResult result, Option<string> option, double otherwise)
    {
        var value = Real(result, option, otherwise);
        return value >= 0 ? value : throw CommandFailure.Usage($"{option.Name} {value}: it is 0 or more.");
    }

    /// <summary>Whole numbers with commas between them; null where none was given.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="option">The option.</param>
    public static List<int>? WholeNumbers(ParseResult result, Option<string> option) =>
        result.GetValue(option)?.Split(',').Select(number => Whole(option, number.Trim())).ToList();

    private static double Real(ParseResult result, Option<string> option, double otherwise) =>
        result.GetValue(option) is { } typed ? Choice.Number(option.Name, typed) : otherwise;

    private static int Whole(Option option, string typed)
    {
        var value = Choice.Whole(option.Name, typed);
        return Math.Abs(value) <= int.MaxValue ? (int)value : throw CommandFailure.Usage($"{option.Name} {typed}: it is too large.");
    }
}
