using System.CommandLine;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Measuring;

/// <summary>The options that choose examples and a network, for the commands that look at one.</summary>
public sealed class DataOptions
{
    private readonly Option<string> _data = Value(
        "--data", "DIR", "Real images: MNIST-format idx files or CIFAR-10 binaries. Default: NOISESCALE_DATA, else synthetic digits.");

    private readonly Option<string> _classes = Value("--classes", "LIST", "Only these classes, such as 0,1. Default: all.");
    private readonly Option<string> _examples;
    private readonly Option<string> _hidden;
    private readonly Option<string> _seed = Value("--seed", "NUMBER", "Draws examples, initial parameters and the order of the data. Default 0.");
    private readonly Option<bool> _random = Flag("--random-labels", "Draw the labels at random, for training and test.");

    private readonly bool _network;
    private readonly int _defaultExamples;
    private readonly IReadOnlyList<int> _defaultHidden;

    /// <summary>The options with a command's defaults.</summary>
    /// <param name="examples">N.</param>
    /// <param name="hidden">Hidden widths; empty for none.</param>
    /// <param name="network">Whether the command has a network at all, and so --hidden.</param>
    public DataOptions(int examples, IReadOnlyList<int> hidden, bool network = true)
    {
        (_defaultExamples, _defaultHidden, _network) = (examples, hidden, network);
        _examples = Value("--examples", "NUMBER", $"N, training examples drawn from all. Default {examples}.");
        _hidden = Value(
            "--hidden", "LIST", $"Hidden widths of a perceptron. Default {(hidden.Count == 0 ? "none: logistic or softmax regression" : string.Join(',', hidden))}.");
    }

    /// <summary>All of them, in the order of the help.</summary>
    public Option[] All => [_data, _classes, _examples, _random, .. _network ? (Option[])[_hidden] : [], _seed];

    /// <summary>Those that choose among images, and mean nothing for other data.</summary>
    public Option[] OfImages => [_data, _classes, _random];

    /// <summary>How many training examples were asked for; null where that was left to the default.</summary>
    /// <param name="result">The command line.</param>
    public int? Examples(ParseResult result) => Whole(result, _examples);

    /// <summary>The examples that were chosen.</summary>
    /// <param name="result">The command line.</param>
    public ChosenData Data(ParseResult result)
    {
        var examples = result.GetValue(_examples) is { } typed ? Choice.Whole(_examples.Name, typed) : _defaultExamples;
        if (examples < 2)
            throw CommandFailure.Usage($"--examples {examples}: there are at least two.");

        var classes = WholeNumbers(result, _classes);
        if (classes is { Count: < 2 })
            throw CommandFailure.Usage($"--classes {result.GetValue(_classes)}: there are at least two.");

        return new ChosenData(result.GetValue(_data), classes, examples, result.GetValue(_random), Seed(result));
    }

    /// <summary>The hidden widths that were chosen.</summary>
    /// <param name="result">The command line.</param>
    public IReadOnlyList<int> Hidden(ParseResult result)
    {
        var widths = WholeNumbers(result, _hidden) ?? _defaultHidden;
        return widths.All(width => width >= 1) ? widths : throw CommandFailure.Usage($"--hidden {string.Join(',', widths)}: a width is 1 or more.");
    }

    /// <summary>The seed.</summary>
    /// <param name="result">The command line.</param>
    public long Seed(ParseResult result) => result.GetValue(_seed) is { } typed ? Choice.Whole(_seed.Name, typed) : 0;
}
