using System.CommandLine;
using NoiseScale.Cli.Dynamics;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale modified-loss`: what an optimizer follows at a finite learning rate, derived to any order.</summary>
public static class ModifiedLossCommand
{
    // beyond these a derivation takes more than about a minute
    private const int HighestOrder = 10;
    private const int HighestOrderOfMeans = 5;

    private static readonly Option<string> Optimizer = Value(
        "--optimizer", "NAME", "The optimizer, one of those below. Default gradient-descent.");

    private static readonly Option<string> Order = Value(
        "--order", "N", "Derive the terms up to ε^(N−1): 1 is the gradient flow. Default 2.");

    private static readonly Option<string> Momentum = Value("--momentum", "NUMBER", "β, in [0, 1). Default: a symbol.");
    private static readonly Option<string> Minibatches = Value("--minibatches", "NUMBER", "m, the number of minibatches in an epoch. Default: a symbol.");
    private static readonly Option<string> Steps = Value("--steps", "NUMBER", "n, the number of steps on each minibatch. Default: a symbol.");
    private static readonly Option<string> InOrder = Value("--in-order", "LIST", "The minibatch of each update, such as 0,1,2,2,1,0.");
    private static readonly Option<bool> Latex = new("--latex") { Description = "The derivation in LaTeX (amsmath).", Arity = ArgumentArity.Zero };

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "modified-loss", "Derive what an optimizer follows at a finite learning rate: its modified equation and modified loss, term by term.");

        foreach (var option in (Option[])[Optimizer, Order, Momentum, Minibatches, Steps, InOrder, Latex])
            command.Add(option);

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Groups =
            [
                ("The derivation", [Optimizer, Order, Momentum, Minibatches, Steps, InOrder]),
                ("Output (text, unless this says otherwise)", [Latex]),
            ],
            Notes =
            [
                ("Optimizers", [.. DynamicsChoice.Optimizers.Select(optimizer => $"{optimizer.Name,-18}{optimizer.What}")]),
                ("Reading it",
                [
                    "f = −∇C, f′ and f″ its derivatives: f′f is ∇∇C∇C, f″(f, f) the second derivative of f along f twice. The tree beside a term has",
                    "a node for each f, its children what the derivative is applied to. C is a mean over examples, t is ε times the number of updates.",
                ]),
            ],
            Examples =
            [
                ("Gradient descent, where its modified loss ends", "noisescale modified-loss --order 3"),
                ("Momentum, as a symbol and as a number", "noisescale modified-loss --optimizer heavy-ball --momentum 0.9"),
                ("Random shuffling, in LaTeX", "noisescale modified-loss --optimizer sgd --order 3 --latex > sgd.tex"),
                ("An order and its reverse leave no interaction of minibatches", "noisescale modified-loss --optimizer sgd-in-order --in-order 0,1,1,0"),
            ],
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        var name = result.GetValue(Optimizer) ?? "gradient-descent";
        var order = Whole(result, Order) ?? 2;
        var choice = new DynamicsChoice(
            result.GetValue(Momentum) is { } typed ? Choice.Number(Momentum.Name, typed) : null,
            Whole(result, Minibatches),
            Whole(result, Steps),
            result.GetValue(InOrder)?.Split(',').Select(number => (int)Choice.Whole(InOrder.Name, number.Trim())).ToList());
        var dynamics = choice.Of(name);
        var highest = dynamics.HighestOrder ?? (name.StartsWith("sgd", StringComparison.OrdinalIgnoreCase) ? HighestOrderOfMeans : HighestOrder);

        if (order < 1)
            throw CommandFailure.Usage($"--order {order}: an order is 1 or more.");

        if (order > highest)
        {
            throw CommandFailure.Refusal(
                $"--order {order}: {dynamics.Name} is derived to order {highest} here.",
                dynamics.HighestOrder is null ? "Higher orders take minutes; OptimizerDynamics.Derive has no limit." : null);
        }

        var derivation = dynamics.Derive(order);
        Output.Write(result.GetValue(Latex) ? derivation.Latex : derivation.Text);
        return ExitCode.Done;
    }

    private static int? Whole(ParseResult result, Option<string> option)
    {
        if (result.GetValue(option) is not { } typed)
            return null;

        var value = Choice.Whole(option.Name, typed);
        return Math.Abs(value) <= int.MaxValue ? (int)value : throw CommandFailure.Usage($"{option.Name} {typed}: it is too large.");
    }

    private static Option<string> Value(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };
}
