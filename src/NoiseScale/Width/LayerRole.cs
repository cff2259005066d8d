namespace NoiseScale;

/// <summary>What a tensor of parameters connects, which decides how it scales with the width.</summary>
public enum LayerRole
{
    /// <summary>
    /// A fixed number of inputs with ∝ w outputs: the first layer; also biases, and the scales of a normalisation, whose input is a 1.
    /// </summary>
    Input,

    /// <summary>∝ w inputs with ∝ w outputs.</summary>
    Hidden,

    /// <summary>∝ w inputs with a fixed number of outputs.</summary>
    Output,

    /// <summary>A fixed number with a fixed number: biases of the outputs, single numbers.</summary>
    Fixed,
}
