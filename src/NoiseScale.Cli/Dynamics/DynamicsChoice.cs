using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Dynamics;

/// <summary>An optimizer as the command line names it, with the numbers that stand for its symbols.</summary>
/// <param name="Momentum">β; null where it stays a symbol.</param>
/// <param name="Minibatches">m; null where it stays a symbol.</param>
/// <param name="Steps">n, steps on each minibatch; null where it stays a symbol.</param>
/// <param name="InOrder">The minibatch of each update; null where the order is random.</param>
public sealed record DynamicsChoice(double? Momentum, int? Minibatches, int? Steps, IReadOnlyList<int>? InOrder)
{
    /// <summary>The one whose terms are no elementary differentials.</summary>
    public const string Adam = "adam";

    /// <summary>The names, and what each is.</summary>
    public static IReadOnlyList<(string Name, string What)> Optimizers { get; } =
    [
        ("gradient-descent", "the whole loss at every update"),
        ("heavy-ball", "gradient descent with momentum, on its slow manifold (--momentum)"),
        ("nesterov", "Nesterov's method as PyTorch writes it, on its slow manifold (--momentum)"),
        ("sgd", "minibatches in random order, every example once in an epoch; the mean over orders (--minibatches)"),
        ("sgd-replacement", "minibatches drawn anew at every update; the mean over draws (--minibatches)"),
        ("sgd-in-order", "minibatches in a given order (--in-order)"),
        ("sgd-steps", "several steps on each minibatch, shuffled (--steps, --minibatches)"),
        ("sgd-heavy-ball", "shuffled minibatches with momentum, to order 2 (--minibatches, --momentum)"),
        ("sgd-nesterov", "shuffled minibatches with Nesterov's momentum, to order 2 (--minibatches, --momentum)"),
        (Adam, "PyTorch's Adam on the whole loss, to order 2"),
    ];

    /// <summary>The dynamics of a named optimizer other than Adam; numbers it has no use for are refused.</summary>
    /// <param name="name">One of the names.</param>
    public OptimizerDynamics Of(string name)
    {
        var make = Choice.Of<Func<OptimizerDynamics>>(
            "--optimizer",
            name,
            ("gradient-descent", () => OptimizerDynamics.GradientDescent),
            ("heavy-ball", () => OptimizerDynamics.HeavyBall(Momentum)),
            ("nesterov", () => OptimizerDynamics.Nesterov(Momentum)),
            ("sgd", () => OptimizerDynamics.Sgd(MinibatchSampling.Shuffled, Minibatches)),
            ("sgd-replacement", () => OptimizerDynamics.Sgd(MinibatchSampling.WithReplacement, Minibatches)),
            ("sgd-in-order", () => OptimizerDynamics.SgdInOrder(InOrder ?? throw Missing(name, "--in-order", "such as --in-order 0,1,1,0"))),
            ("sgd-steps", () => OptimizerDynamics.SgdSteps(Steps, Minibatches ?? throw Missing(name, "--minibatches", "a number"))),
            ("sgd-heavy-ball", () => OptimizerDynamics.SgdHeavyBall(Minibatches ?? throw Missing(name, "--minibatches", "a number"), Momentum)),
            ("sgd-nesterov", () => OptimizerDynamics.SgdNesterov(Minibatches ?? throw Missing(name, "--minibatches", "a number"), Momentum)),

            // among the words of the list; its terms are derived elsewhere
            (Adam, () => throw new ArgumentException($"{Adam} has no elementary differentials")));
        (string Option, bool Given)[] given =
            [("--momentum", Momentum is not null), ("--minibatches", Minibatches is not null), ("--steps", Steps is not null), ("--in-order", InOrder is not null)];
        var what = Optimizers.First(optimizer => optimizer.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).What;

        foreach (var (option, isGiven) in given)
        {
            if (isGiven && !what.Contains(option, StringComparison.Ordinal))
                throw CommandFailure.Usage($"{option} has no meaning for {name}: {what}.");
        }

        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw CommandFailure.Usage($"{name}: {e.Message.Split(" (Parameter")[0]}.");
        }
    }

    private static CommandFailure Missing(string name, string option, string what) => CommandFailure.Usage($"{name} needs {option}, {what}.");
}
