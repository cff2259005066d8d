using System.CommandLine;
using System.CommandLine.Parsing;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Planning;

/// <summary>
/// The options that transform a schedule. They apply in the order in which they stand, and may stand more than once; --cap, --until and
/// --rule belong to the --trade-decay before them, --batch-rule to its --scale-batch, --parameterisation and --keep-batch to their --transfer-width (or to the
/// first one after, where none is before).
/// </summary>
public static class TransformationOptions
{
    private static readonly Option TradeDecay = Flag(
        "--trade-decay",
        "Let the batch grow where the learning rate would decay, so that the noise scale stays.");

    private static readonly Option Cap = Value(
        "--cap",
        "EXAMPLES|n/10|none",
        "Of --trade-decay: the largest batch, from which the learning rate decays again. Default n/10, a tenth of the training set.");

    private static readonly Option Until = Value(
        "--until",
        "EPOCH",
        "Of --trade-decay: decays from this epoch on stay decays (the paper's hybrid).");

    private static readonly Option Rule = Value(
        "--rule",
        "RULE",
        "Of --trade-decay: what a decay by a is traded for. linear: B·a (SGD); square-root: B·a² (Adam); seesaw: B·a with lr/√a."
            + " Default linear.");

    private static readonly Option TradeBatch = Flag(
        "--trade-batch",
        "The inverse: the batch stays at its first size and the learning rate decays instead.");

    private static readonly Option ScaleLearningRate = Value(
        "--scale-lr",
        "K",
        "Learning rate × K, and the batch so much larger that the noise scale stays.");

    private static readonly Option ScaleBatch = Value("--scale-batch", "K", "Batch × K, and the learning rate by --batch-rule.");

    private static readonly Option BatchRule = Value(
        "--batch-rule",
        "RULE",
        "Of --scale-batch: linear, square-root (Adam), adascale:GAIN or legw:EPOCHS. Default linear.");

    private static readonly Option Momentum = Value(
        "--momentum",
        "M",
        "Momentum M, and the batch ∝ 1/(1 − m), so that the noise scale stays.");

    private static readonly Option TransferWidth = Value(
        "--transfer-width",
        "FROM:TO",
        "To a network TO units wide, by the law of the best noise scale, k = TO/FROM: learning rate and batch / k for standard, the batch"
            + " alone / k for ntk, nothing for mup, whose layers have rates of their own. To the letter with --form linear; the exact form makes batches a little different.");

    private static readonly Option Parameterised = Value(
        "--parameterisation",
        "NAME",
        "Of --transfer-width: standard, ntk or mup, of both networks. Default standard.");

    private static readonly Option KeepBatch = Flag(
        "--keep-batch",
        "Of --transfer-width: the batch stays, and the learning rate alone makes the noise scale (standard: stays; ntk: × k; mup: stays).");

    private static readonly Option Epochs = Value("--epochs", "EPOCHS", "Another length of training; the curves keep their times.");
    private static readonly Option Examples = Value("--examples", "N", "Another training-set size; the curves keep their times in epochs.");

    /// <summary>All of them, as --help lists them.</summary>
    public static IReadOnlyList<Option> All { get; } =
        [
            TradeDecay, Cap, Until, Rule, TradeBatch, ScaleLearningRate, ScaleBatch, BatchRule, Momentum, TransferWidth, Parameterised, KeepBatch, Epochs, Examples,
        ];

    /// <summary>The transformations that a command line asks for, in its order.</summary>
    /// <param name="result">The parsed command line.</param>
    public static IReadOnlyList<Transformation> Read(ParseResult result)
    {
        var steps = new List<Draft>();
        var ahead = new List<(Option Modifier, string Value)>(); // modifiers that stand before the step they belong to

        foreach (var (option, value) in InOrder(result))
        {
            if (OwnerOf(option) is { } owner)
            {
                if (steps.LastOrDefault(step => step.Option == owner) is { } step)
                    step.Modify(option, value);
                else
                    ahead.Add((option, value));
            }
            else
            {
                var step = new Draft(option, value);
                steps.Add(step);

                foreach (var (modifier, text) in ahead.Where(early => OwnerOf(early.Modifier) == option))
                    step.Modify(modifier, text);

                ahead.RemoveAll(early => OwnerOf(early.Modifier) == option);
            }
        }

        return ahead is [var (orphan, _), ..]
            ? throw CommandFailure.Usage($"{orphan.Name} belongs to {OwnerOf(orphan)!.Name}, which is not there.", $"Add {OwnerOf(orphan)!.Name}.")
            : [.. steps.Select(Complete)];
    }

    private static IEnumerable<(Option Option, string Value)> InOrder(ParseResult result)
    {
        var tokens = result.Tokens;

        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Type == TokenType.Option && All.FirstOrDefault(option => option.Name == tokens[i].Value) is { } option)
                yield return (option, option.Arity.MaximumNumberOfValues == 0 ? "" : tokens[i + 1].Value);
        }
    }

    private static Option? OwnerOf(Option option) =>
        option == Cap || option == Until || option == Rule ? TradeDecay
        : option == BatchRule ? ScaleBatch
        : option == Parameterised || option == KeepBatch ? TransferWidth
        : null;

    private static Transformation Complete(Draft step)
    {
        var (typed, value) = (step.Typed, step.Value);

        double Number() => Choice.Number(step.Option.Name, value);

        if (step.Option == TradeDecay)
        {
            var (cap, limit) = CapOf(step[Cap]);
            var until = step[Until] is { } epoch ? Choice.Number(Until.Name, epoch) : (double?)null;
            return Transformation.TradeDecay(typed, cap, limit, until, TradeRuleOf(step[Rule] ?? "linear"));
        }

        if (step.Option == ScaleBatch)
            return Transformation.ScaleBatch(typed, Number(), ScalingRuleOf(step[BatchRule] ?? "linear"));

        if (step.Option == TransferWidth)
        {
            var (from, to) = value.Split(':') is [var before, var after] && Numbers.TryParse(before, out var w) && Numbers.TryParse(after, out var other)
                ? (w, other)
                : throw CommandFailure.Usage($"{typed}: it is FROM:TO, two widths, such as 256:1024.");
            var name = step[Parameterised] ?? "standard";
            return Transformation.TransferWidth(typed, from, to, (WidthChoice.Parameterisation(Parameterised.Name, name), name.ToLowerInvariant()), step[KeepBatch] is not null);
        }

        if (step.Option == ScaleLearningRate)
            return Transformation.ScaleLearningRate(typed, Number());

        if (step.Option == Momentum)
            return Transformation.SetMomentum(typed, Number());

        if (step.Option == Epochs)
            return Transformation.SetEpochs(typed, Number());

        return step.Option == Examples
            ? Transformation.SetExamples(typed, Choice.Whole(Examples.Name, value))
            : Transformation.TradeBatch(typed);
    }

    private static (BatchCap Cap, double? Limit) CapOf(string? typed)
    {
        switch (typed?.ToLowerInvariant())
        {
            case null or "n/10":
                return (BatchCap.TenthOfTrainingSet, null);
            case "none":
                return (BatchCap.None, null);
            default:
                if (!Numbers.TryParse(typed, out var examples) || examples < 1)
                    throw CommandFailure.Usage($"{Cap.Name} {typed}: it is a number of examples, n/10 or none.");

                return (BatchCap.Examples(examples), examples);
        }
    }

    private static (TradeRule Meaning, string Word) TradeRuleOf(string typed) =>
        (Choice.Of(Rule.Name, typed, ("linear", TradeRule.Linear), ("square-root", TradeRule.SquareRoot), ("seesaw", TradeRule.Seesaw)),
            typed.ToLowerInvariant());

    private static (ScalingRule Meaning, string Word) ScalingRuleOf(string typed)
    {
        var (name, parameter) = typed.Split(':', 2) is [var before, var after] ? (before, after) : (typed, null);
        var choices = new (string, Func<string?, ScalingRule>)[]
        {
            ("linear", Plain(ScalingRule.Linear)),
            ("square-root", Plain(ScalingRule.SquareRoot)),
            ("adascale", Of("its gain, as in adascale:3.2", ScalingRule.AdaScale)),
            ("legw", Of("the epoch at which the warm-up ends, as in legw:5", epoch => ScalingRule.Legw(epoch))),
        };

        return (Choice.Of(BatchRule.Name, name, choices)(parameter), typed.ToLowerInvariant());

        Func<string?, ScalingRule> Plain(ScalingRule rule) => parameter =>
            parameter is null ? rule : throw CommandFailure.Usage($"{BatchRule.Name} {typed}: {name} takes no parameter.");

        Func<string?, ScalingRule> Of(string what, Func<double, ScalingRule> rule) => parameter =>
            parameter is not null && Numbers.TryParse(parameter, out var value)
                ? rule(value)
                : throw CommandFailure.Usage($"{BatchRule.Name} {typed}: {name} needs {what}.");
    }

    private static Option<string[]> Value(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description, Arity = ArgumentArity.OneOrMore };

    private static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>A transformation while its modifiers are being collected.</summary>
    private sealed class Draft(Option option, string value)
    {
        private readonly Dictionary<Option, string> _modifiers = [];

        public Option Option => option;

        public string Value => value;

        public string Typed => value.Length == 0 ? option.Name : $"{option.Name} {value}";

        public string? this[Option modifier] => _modifiers.GetValueOrDefault(modifier);

        public void Modify(Option modifier, string text)
        {
            if (!_modifiers.TryAdd(modifier, text))
                throw CommandFailure.Usage($"{modifier.Name} stands twice for one {option.Name}.");
        }
    }
}
