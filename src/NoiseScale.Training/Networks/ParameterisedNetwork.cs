namespace NoiseScale.Training.Networks;

/// <summary>
/// A network under a parameterisation of its width: of parameters θ it is the network of W = s·θ, a factor s for each tensor, which starts at W ~ N(0, σ²) of the
/// parameterisation. One learning rate serves all layers: what the parameterisation's rates differ by is in the factors. (P4 §2: w = σθ, ε ↔ ε/σ²)
/// </summary>
/// <remarks>
/// Standard: s = 1. NTK: θ ~ N(0, 1), s = √(gain/fan-in); biases and scales as they are. Maximal update at r = w/w₀, w₀ the base width at which it is the standard
/// network: for SGD s = √r for the first layer and biases, 1 for hidden layers, 1/√r for the last; for Adam 1, 1/r and 1/r.
/// </remarks>
public sealed class ParameterisedNetwork : Network
{
    private ParameterisedNetwork(Network inner, string suffix, IReadOnlyList<double> factors, IReadOnlyList<ParameterShape> shapes, RateFamily family)
        : base(inner.Name + suffix, inner.Input, inner.ClassCount, shapes) => (Inner, Factors, Family) = (inner, factors, family);

    /// <summary>The network of the weights themselves.</summary>
    public Network Inner { get; }

    /// <summary>s of every parameter, in their order.</summary>
    public IReadOnlyList<double> Factors { get; }

    /// <summary>The optimizers that one learning rate is right for.</summary>
    public RateFamily Family { get; }

    /// <summary>A network under a parameterisation.</summary>
    /// <param name="network">The network, as it is under <see cref="Parameterisation.Standard"/>.</param>
    /// <param name="parameterisation">Which.</param>
    /// <param name="ratio">r = w/w₀ for the maximal update: its width over the base width. The others do not ask for it.</param>
    /// <param name="family">Which optimizers are to train it with one learning rate.</param>
    /// <returns>The network itself for Standard; else a network with the same parameters under other names for their values.</returns>
    /// <exception cref="ArgumentException"><paramref name="ratio"/> is not positive, or the network already has a parameterisation.</exception>
    public static Network Of(Network network, Parameterisation parameterisation, double ratio = 1, RateFamily family = RateFamily.Sgd)
    {
        ArgumentNullException.ThrowIfNull(network);
        if (!(ratio > 0 && double.IsFinite(ratio)))
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "the width over the base width must be finite and greater than 0");

        if (network is ParameterisedNetwork)
            throw new ArgumentException($"{network.Name} has a parameterisation already", nameof(network));

        if (parameterisation == Parameterisation.Standard)
            return network;

        var suffix = parameterisation == Parameterisation.Ntk
            ? "-ntk"
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"-mup{ratio:R}{(family == RateFamily.Adam ? "-adam" : "")}");
        var (factors, shapes) = (new List<double>(), new List<ParameterShape>());
        foreach (var shape in network.ParameterShapes)
        {
            var (factor, weight) = Scaling(shape, parameterisation, ratio, family);
            factors.Add(factor);

            // W starts at N(mean, weight²), and θ = W/s
            shapes.Add(shape with { InitialMean = shape.InitialMean / factor, InitialDeviation = weight / factor });
        }

        return new ParameterisedNetwork(network, suffix, factors, shapes, family);
    }

    /// <inheritdoc/>
    public override NetworkStatistics Calibrate(IReadOnlyList<Tensor> parameters, IEnumerable<Tensor> batches)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        return Inner.Calibrate(Weights(parameters), batches);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(string Layer, Tensor Outputs)> LayersOf(IReadOnlyList<Tensor> parameters, Tensor images)
    {
        RequireTensors(parameters, images);
        using var scope = torch.NewDisposeScope();
        return [.. Inner.LayersOf(Weights(parameters), images).Select(layer => (layer.Layer, layer.Outputs.MoveToOuterDisposeScope()))];
    }

    /// <summary>W = s·θ.</summary>
    /// <param name="parameters">θ, in the order of the parameters.</param>
    /// <returns>New tensors, or θ itself where s = 1, in the current dispose scope.</returns>
    public Tensor[] Weights(IReadOnlyList<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return [.. parameters.Zip(Factors, (parameter, factor) => factor == 1 ? parameter : parameter.Times(factor))];
    }

    /// <inheritdoc/>
    protected override Tensor Forward(IReadOnlyList<Tensor> parameters, Tensor images, Action<string, Tensor>? observe) =>
        Inner.Apply(Weights(parameters), images);

    /// <inheritdoc/>
    protected override Tensor ForwardWith(IReadOnlyList<Tensor> parameters, NetworkStatistics statistics, Tensor images) =>
        Inner.Evaluate(Weights(parameters), statistics, images);

    // s, and the standard deviation of W at the start
    private static (double Factor, double Deviation) Scaling(ParameterShape shape, Parameterisation parameterisation, double ratio, RateFamily family)
    {
        if (parameterisation == Parameterisation.Ntk)
            return shape.InitialDeviation > 0 ? (shape.InitialDeviation, shape.InitialDeviation) : (1, 0);

        // the standard network's deviation at this width, and what the exponents of W differ by from the standard ones
        var exponents = WidthExponents.Of(parameterisation, shape.Role);
        var standard = WidthExponents.Of(Parameterisation.Standard, shape.Role);
        var more = exponents.OfWeights().Deviation - standard.Deviation;
        return (Math.Pow(ratio, exponents.WithOneRate(family).Multiplier), shape.InitialDeviation * Math.Pow(ratio, more));
    }
}
