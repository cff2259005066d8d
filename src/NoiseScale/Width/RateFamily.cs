namespace NoiseScale;

/// <summary>The optimizers between which exponents of learning rates differ.</summary>
public enum RateFamily
{
    /// <summary>Updates ∝ the gradient: SGD, heavy ball, Nesterov.</summary>
    Sgd,

    /// <summary>Updates of a size that does not depend on the gradient's: Adam, AdamW.</summary>
    Adam,
}
