using System.CommandLine;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Measuring;

/// <summary>The options that choose widths, parameterisations and seeds; objects of their own for each command, since an option belongs to its command.</summary>
public sealed class WidthOptions
{
    private const int MostWidths = 64;

    private readonly Option<string> _widths;
    private readonly Option<string> _seeds;
    private readonly int _defaultSeeds;
    private readonly string _defaultWidths;

    private readonly Option<string> _parameterisations = Value("--parameterisation", "LIST", "Among standard, ntk and mup. Default: all.");
    private readonly Option<string> _pooling = Value(
        "--pooling", "NUMBER", "Average images over squares of so many pixels a side: widths speak only where layers are wider than their input. Default 4.");

    /// <summary>The options with a command's defaults.</summary>
    /// <param name="widths">As typed.</param>
    /// <param name="seeds">How many.</param>
    public WidthOptions(string widths, int seeds)
    {
        (_defaultWidths, _defaultSeeds) = (widths, seeds);
        _widths = Value("--widths", "LIST", $"w: numbers, or FROM:TO for powers of two. Default {widths}.");
        _seeds = Value("--seeds", "NUMBER", $"How many seeds, counted from --seed; at least 2, for intervals. Default {seeds}.");
    }

    /// <summary>All of them, in the order of the help.</summary>
    public Option[] All => [_widths, _parameterisations, _seeds, _pooling];

    /// <summary>The widths, each once, ascending.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="least">How many there must be.</param>
    public IReadOnlyList<int> Widths(ParseResult result, int least)
    {
        var typed = result.GetValue(_widths) ?? _defaultWidths;
        List<long> widths;
        if (typed.Split(':') is [var from, var to])
        {
            var (low, high) = (Choice.Whole(_widths.Name, from), Choice.Whole(_widths.Name, to));
            if (!(low >= 1 && high > low))
                throw CommandFailure.Usage($"--widths {typed}: FROM:TO needs 1 ≤ FROM < TO.");

            widths = [];
            for (var width = low; width <= high && widths.Count < MostWidths; width *= 2)
                widths.Add(width);
        }
        else if (typed.Contains(':', StringComparison.Ordinal))
        {
            throw CommandFailure.Usage($"--widths {typed}: it is FROM:TO, two widths, or a list such as 64,128,256.");
        }
        else
        {
            widths = [.. typed.Split(',').Select(number => Choice.Whole(_widths.Name, number.Trim()))];
        }

        if (widths.Find(width => width is < 1 or > 1_000_000) is var wrong and not 0 || widths.Contains(0))
            throw CommandFailure.Usage($"--widths {typed}: a width is a whole number from 1 to 1 000 000.");

        return widths.Distinct().Count() >= least
            ? [.. widths.Distinct().Order().Select(width => (int)width)]
            : throw CommandFailure.Usage($"--widths {typed}: an exponent needs at least {least} different widths.");
    }

    /// <summary>The parameterisations, in the order of tables.</summary>
    /// <param name="result">The command line.</param>
    public IReadOnlyList<Parameterisation> Parameterisations(ParseResult result)
    {
        if (result.GetValue(_parameterisations) is not { } typed)
            return [.. WidthChoice.Parameterisations.Select(choice => choice.Meaning)];

        var asked = typed.Split(',').Select(word => WidthChoice.Parameterisation(_parameterisations.Name, word.Trim())).ToHashSet();
        return [.. WidthChoice.Parameterisations.Select(choice => choice.Meaning).Where(asked.Contains)];
    }

    /// <summary>The seeds.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="first">--seed.</param>
    public IReadOnlyList<long> Seeds(ParseResult result, long first) =>
        [.. Enumerable.Range(0, Whole(result, _seeds, _defaultSeeds, 2)).Select(i => first + i)];

    /// <summary>The side of the squares that images are averaged over.</summary>
    /// <param name="result">The command line.</param>
    public int Pooling(ParseResult result) => Whole(result, _pooling, 4, 1);
}
