namespace NoiseScale;

/// <summary>
/// What an optimizer follows at a finite learning rate: its modified equation, a differential equation whose solution passes through the
/// iterates, derived exactly to any order. (P6 sections 2 and 3)
/// </summary>
/// <remarks>
/// Where the order of the data is random: of the mean of the iterates after one epoch from a given start. Over many epochs the iterates spread, which
/// moves their mean at order ε³ with shuffling, and already at order ε with replacement. With momentum: on the slow manifold, while η = ε/(1−m) times
/// the largest curvature is below (1−√m)/(1+√m), for Nesterov below (1−m)/(1+m)².
/// </remarks>
[Source(Paper.P6, "sections 2 and 3")]
public sealed class OptimizerDynamics
{
    private readonly Backward.ModifiedEquation equation;

    private OptimizerDynamics(Backward.ModifiedEquation equation) => this.equation = equation;

    /// <summary>Gradient descent on the whole loss.</summary>
    public static OptimizerDynamics GradientDescent { get; } = new(Backward.ModifiedEquationModule.gradientDescent);

    /// <summary>Its name.</summary>
    public string Name => equation.Name;

    /// <summary>The highest order to which it can be derived; null where there is no limit but time.</summary>
    public int? HighestOrder => equation.HighestOrder?.Value;

    /// <summary>Heavy ball on the whole loss, on its slow manifold.</summary>
    /// <param name="momentum">β, in [0, 1); null: a symbol.</param>
    /// <returns>The dynamics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The momentum is outside [0, 1).</exception>
    public static OptimizerDynamics HeavyBall(double? momentum = null) => new(Backward.ModifiedEquationModule.heavyBall(Momentum(momentum)));

    /// <summary>Nesterov's method as PyTorch writes it, on the whole loss, on its slow manifold.</summary>
    /// <param name="momentum">β, in [0, 1); null: a symbol.</param>
    /// <returns>The dynamics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The momentum is outside [0, 1).</exception>
    public static OptimizerDynamics Nesterov(double? momentum = null) => new(Backward.ModifiedEquationModule.nesterov(Momentum(momentum)));

    /// <summary>SGD on minibatches: the mean over the order of the data. (P6 Eqs. 14–20)</summary>
    /// <param name="sampling">How minibatches are drawn.</param>
    /// <param name="minibatches">The number of minibatches in an epoch, at least 1; null: a symbol, m.</param>
    /// <returns>The dynamics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The number is below 1, or the sampling is not defined.</exception>
    [Source(Paper.P6, "Eqs. 14–20")]
    public static OptimizerDynamics Sgd(MinibatchSampling sampling = MinibatchSampling.Shuffled, int? minibatches = null) =>
        new(sampling switch
        {
            MinibatchSampling.Shuffled => Backward.ModifiedEquationModule.shuffled(Minibatches(minibatches)),
            MinibatchSampling.WithReplacement => Backward.ModifiedEquationModule.withReplacement(Minibatches(minibatches)),
            _ => throw new ArgumentOutOfRangeException(nameof(sampling), sampling, "no such sampling"),
        });

    /// <summary>SGD with heavy-ball momentum and random shuffling, to order 2.</summary>
    /// <param name="minibatches">The number of minibatches in an epoch, at least 2.</param>
    /// <param name="momentum">β, in [0, 1); null: a symbol.</param>
    /// <returns>The dynamics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static OptimizerDynamics SgdHeavyBall(int minibatches, double? momentum = null) =>
        new(Backward.ModifiedEquationModule.shuffledHeavyBall(AtLeastTwo(minibatches), Momentum(momentum)));

    /// <summary>SGD with Nesterov's momentum and random shuffling, to order 2.</summary>
    /// <param name="minibatches">The number of minibatches in an epoch, at least 2.</param>
    /// <param name="momentum">β, in [0, 1); null: a symbol.</param>
    /// <returns>The dynamics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    public static OptimizerDynamics SgdNesterov(int minibatches, double? momentum = null) =>
        new(Backward.ModifiedEquationModule.shuffledNesterov(AtLeastTwo(minibatches), Momentum(momentum)));

    /// <summary>n-step SGD: n steps of gradient descent on each minibatch, shuffled; ε is the bare learning rate of each step. (P6 Eqs. 38–39)</summary>
    /// <param name="steps">n, at least 1; null: a symbol, n.</param>
    /// <param name="minibatches">The number of minibatches in an epoch, at least 1.</param>
    /// <returns>The dynamics.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    [Source(Paper.P6, "Eqs. 38–39")]
    public static OptimizerDynamics SgdSteps(int? steps, int minibatches) =>
        new(Backward.ModifiedEquationModule.shuffledSteps(Number(steps, "n", nameof(steps)), Minibatches(minibatches)));

    /// <summary>SGD on minibatches in a given order, or a sequence of epochs: no mean is taken.</summary>
    /// <param name="order">The minibatch of each update, numbered from 0; at least one.</param>
    /// <returns>The dynamics.</returns>
    /// <exception cref="ArgumentException">The order is empty or has a negative number.</exception>
    public static OptimizerDynamics SgdInOrder(IReadOnlyList<int> order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return order.Count > 0 && order.All(minibatch => minibatch >= 0)
            ? new(Backward.ModifiedEquationModule.inOrder(order.Max() + 1, order))
            : throw new ArgumentException("an order has at least one update, and minibatches are numbered from 0", nameof(order));
    }

    /// <summary>Derives the modified equation to an order.</summary>
    /// <param name="order">1 (the gradient flow) or more: terms up to ε^(order−1).</param>
    /// <returns>The derivation, which prints itself.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The order is below 1, or above the highest known.</exception>
    public Derivation Derive(int order) => new(Backward.DerivationModule.derive(equation, order));

    private static Backward.Coefficient Momentum(double? momentum) => momentum switch
    {
        null => Backward.Coefficient.Symbol("β"),
        >= 0 and < 1 => Backward.Coefficient.OfFloat(momentum.Value),
        _ => throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "momentum lies in [0, 1)"),
    };

    private static Backward.Coefficient Minibatches(int? minibatches) => Number(minibatches, "m", nameof(minibatches));

    private static Backward.Coefficient Number(int? value, string symbol, string parameter)
    {
        if (value is not { } number)
        {
            return Backward.Coefficient.Symbol(symbol);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1, parameter);
        return Backward.Coefficient.OfInt(number);
    }

    private static int AtLeastTwo(int minibatches)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minibatches, 2);
        return minibatches;
    }
}
