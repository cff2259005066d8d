namespace NoiseScale;

/// <summary>How outputs of the layers of a perceptron, before their nonlinearity, depend on the width under a parameterisation. (Yang and Hu 2021)</summary>
[Source(Paper.Yang2021)]
public static class Coordinates
{
    /// <summary>Exponents of the width of one layer's outputs at the start, and of what the first update changes them by at one learning rate.</summary>
    /// <param name="parameterisation">Which.</param>
    /// <param name="role">Input for the first layer, Hidden for the hidden ones after it, Output for the logits.</param>
    /// <param name="hiddenLayers">How many hidden layers the perceptron has, at least 1.</param>
    /// <param name="family">The optimizer of the first update.</param>
    /// <returns>The two exponents; under the maximal update no update depends on the width.</returns>
    /// <exception cref="ArgumentException">There is no such layer.</exception>
    public static (double Activation, double Update) Expected(
        Parameterisation parameterisation, LayerRole role, int hiddenLayers = 1, RateFamily family = RateFamily.Sgd)
    {
        var exponents = Widening.Coordinates.expected(family.ToCore(), parameterisation.ToCore(), hiddenLayers, role.ToCore());
        return (exponents.Activation, exponents.Update);
    }
}
