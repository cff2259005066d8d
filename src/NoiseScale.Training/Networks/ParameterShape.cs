namespace NoiseScale.Training.Networks;

/// <summary>One parameter tensor of a network: its shape, and the distribution it is drawn from at the start.</summary>
/// <param name="Name">Path of the parameter, such as <c>group2.block1.convolution1.weight</c>; unique in its network.</param>
/// <param name="Shape">Length of each dimension; empty for a single number.</param>
/// <param name="FanIn">How many numbers enter one output of the layer the parameter belongs to.</param>
/// <param name="InitialMean">Mean at the start.</param>
/// <param name="InitialDeviation">Standard deviation at the start; 0 for a constant.</param>
public sealed record ParameterShape(string Name, IReadOnlyList<long> Shape, long FanIn, double InitialMean, double InitialDeviation)
{
    /// <summary>What it connects: how it scales with the width of its network.</summary>
    public LayerRole Role { get; init; } = LayerRole.Fixed;

    /// <summary>Number of numbers in the parameter.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (product, length) => checked(product * length));

    /// <summary>Whether it is a matrix or a filter bank: what weight decay is usually applied to.</summary>
    public bool IsWeight => Shape.Count > 1;

    /// <summary>
    /// Weights of a layer whose outputs go through a ReLU: normal with variance 2/fan-in, which keeps the second moment of the
    /// activations from layer to layer (He, Zhang, Ren and Sun, Delving deep into rectifiers, ICCV 2015, Eq. 10).
    /// </summary>
    /// <param name="name">Path of the parameter.</param>
    /// <param name="shape">Outputs first, then everything that enters one output.</param>
    public static ParameterShape BeforeRelu(string name, params long[] shape) => Normal(name, 2, shape);

    /// <summary>Weights of a linear layer with nothing behind it: normal with variance 1/fan-in.</summary>
    /// <param name="name">Path of the parameter.</param>
    /// <param name="shape">Outputs first, then everything that enters one output.</param>
    public static ParameterShape Linear(string name, params long[] shape) => Normal(name, 1, shape);

    /// <summary>A parameter that starts as a constant: biases at 0, scales of a normalisation at 1, gains of SkipInit at 0.</summary>
    /// <param name="name">Path of the parameter.</param>
    /// <param name="value">Its value at the start.</param>
    /// <param name="fanIn">How many numbers enter one output of its layer.</param>
    /// <param name="shape">Length of each dimension; none for a single number.</param>
    public static ParameterShape Constant(string name, double value, long fanIn, params long[] shape) => new(name, shape, fanIn, value, 0);

    /// <summary>For example <c>hidden1.weight [800, 784]</c>.</summary>
    public override string ToString() => $"{Name} [{string.Join(", ", Shape)}]";

    private static ParameterShape Normal(string name, double gain, long[] shape)
    {
        var fanIn = shape.Skip(1).Aggregate(1L, (product, length) => checked(product * length));
        return new ParameterShape(name, shape, fanIn, 0, Math.Sqrt(gain / fanIn));
    }
}
