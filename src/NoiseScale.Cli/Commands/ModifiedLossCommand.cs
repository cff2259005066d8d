using System.CommandLine;
using NoiseScale.Cli.Dynamics;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale modified-loss`: what an optimizer follows at a finite learning rate, derived to any order, or measured along a run.</summary>
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

    private static readonly Option<string> Along = Value(
        "--along", "SCHEDULE", "Measure instead of deriving: train a perceptron along a schedule, as `noisescale plan` reads it.");

    private static readonly Option<string> Data = Value(
        "--data", "DIR", "Real images: MNIST-format idx files or CIFAR-10 binaries. Default: NOISESCALE_DATA, else synthetic digits.");

    private static readonly Option<string> Widths = Value("--hidden", "LIST", "Hidden widths of the perceptron. Default 256,256.");
    private static readonly Option<string> Points = Value("--points", "NUMBER", "How many times to measure, the start and the end among them. Default 11.");
    private static readonly Option<string> Penalty = Value("--penalty", "NUMBER", "λ: train on C + (λ/4)‖∇C‖² of each minibatch. Default 0.");
    private static readonly Option<string> Seed = Value("--seed", "NUMBER", "Draws examples, initial parameters and the order of the data. Default 0.");

    private static readonly Option<bool> ExactVariance = new("--exact-variance")
    {
        Description = "Sum Γ over the gradients of single examples, instead of estimating it from minibatches.",
        Arity = ArgumentArity.Zero,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "The measurements in JSON.", Arity = ArgumentArity.Zero };

    private static readonly Option[] OfDerivations = [Optimizer, Order, Momentum, Minibatches, Steps, InOrder];
    private static readonly Option[] OfRuns = [Along, Data, Widths, Points, Penalty, Seed, ExactVariance];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "modified-loss",
            "Derive what an optimizer follows at a finite learning rate, its modified equation and modified loss, term by term; or measure its parts along a run.");

        foreach (var option in (Option[])[.. OfDerivations, .. OfRuns, Latex, Json])
            command.Add(option);

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Groups =
            [
                ("The derivation", OfDerivations),
                ("Or the measurement", OfRuns),
                ("Output (text, unless one of these says otherwise)", [Latex, Json]),
            ],
            Notes =
            [
                ("Optimizers", [.. DynamicsChoice.Optimizers.Select(optimizer => $"{optimizer.Name,-18}{optimizer.What}")]),
                ("Reading it",
                [
                    "f = −∇C, f′ and f″ its derivatives: f′f is ∇∇C∇C, f″(f, f) the second derivative of f along f twice. The tree beside a term has "
                        + "a node for each f, its children what the derivative is applied to. C is a mean over examples, t is ε times the number of updates.",
                ]),
            ],
            Examples =
            [
                ("Gradient descent, where its modified loss ends", "noisescale modified-loss --order 3"),
                ("Momentum, as a symbol and as a number", "noisescale modified-loss --optimizer heavy-ball --momentum 0.9"),
                ("Random shuffling, in LaTeX", "noisescale modified-loss --optimizer sgd --order 3 --latex > sgd.tex"),
                ("An order and its reverse leave no interaction of minibatches", "noisescale modified-loss --optimizer sgd-in-order --in-order 0,1,1,0"),
                ("C, ‖∇C‖², C_reg and Γ along a run", "noisescale modified-loss --along 'lr 0.05; batch 32; epochs 5; examples 1000' --hidden 100"),
            ],
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        var along = result.GetValue(Along);
        var (others, reason) = along is null ? (OfRuns[1..], "without --along") : (OfDerivations, "with --along");

        foreach (var option in others.Append(along is null ? Json : Latex))
        {
            if (result.GetResult(option) is { Implicit: false })
                throw CommandFailure.Usage($"{option.Name} has no meaning {reason}.");
        }

        return along is null ? Derive(result) : Measure(result, along);
    }

    private static int Measure(ParseResult result, string along)
    {
        var penalty = result.GetValue(Penalty) is { } typed ? Choice.Number(Penalty.Name, typed) : 0;
        var points = Whole(result, Points) ?? 11;
        var widths = WholeNumbers(result, Widths) ?? [256, 256];

        if (penalty < 0)
            throw CommandFailure.Usage($"--penalty {penalty}: it is 0 or more.");

        if (points < 2)
            throw CommandFailure.Usage($"--points {points}: the start and the end are two.");

        if (widths.Any(width => width < 1))
            throw CommandFailure.Usage($"--hidden {string.Join(',', widths)}: a width is 1 or more.");

        var run = new MeasuredRun(
            ScheduleSource.Read(along).Schedule, result.GetValue(Data), widths, points, penalty, result.GetValue(ExactVariance),
            result.GetValue(Seed) is { } seed ? Choice.Whole(Seed.Name, seed) : 0);
        var records = run.Run();

        if (result.GetValue(Json))
            Output.Write(run.ToJson(records));
        else
            run.Write(Screen.Out, records);

        return ExitCode.Done;
    }

    private static int Derive(ParseResult result)
    {
        var name = result.GetValue(Optimizer) ?? "gradient-descent";
        var order = Whole(result, Order) ?? 2;
        var choice = new DynamicsChoice(
            result.GetValue(Momentum) is { } typed ? Choice.Number(Momentum.Name, typed) : null,
            Whole(result, Minibatches),
            Whole(result, Steps),
            WholeNumbers(result, InOrder));

        if (name.Equals(DynamicsChoice.Adam, StringComparison.OrdinalIgnoreCase))
            return DeriveAdam(choice, order, result.GetValue(Latex));

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

        // a tree has a minibatch at each node
        if (choice.InOrder is { } sequence && Math.Pow(sequence.Max() + 1, order) > 20_000)
        {
            throw CommandFailure.Refusal(
                $"--order {order} with {sequence.Max() + 1} minibatches has too many terms to print: about {Numbers.Real(Math.Pow(sequence.Max() + 1, order), 2)} for each shape of tree.",
                "A lower order, fewer minibatches, or --optimizer sgd for the mean over orders.");
        }

        var derivation = dynamics.Derive(order);
        Output.Write(result.GetValue(Latex) ? derivation.Latex : derivation.Text);
        return ExitCode.Done;
    }

    private static int DeriveAdam(DynamicsChoice choice, int order, bool latex)
    {
        if (choice != new DynamicsChoice(null, null, null, null))
            throw CommandFailure.Usage($"{DynamicsChoice.Adam} is derived with its own symbols, β₁, β₂ and ε: it takes only --order and --latex.");

        if (order < 1)
            throw CommandFailure.Usage($"--order {order}: an order is 1 or more.");

        if (order > 2)
            throw CommandFailure.Refusal($"--order {order}: Adam is derived to order 2.");

        Output.Write(AdamDynamics.Derive(order, latex));
        return ExitCode.Done;
    }
}
