namespace NoiseScale;

/// <summary>
/// Exponents of the width of one kind of layer: a tensor θ of entries ∝ w^Deviation at the start is used as W = w^Multiplier·θ and learns at the rate ε·w^Rate.
/// </summary>
/// <param name="Deviation">Of the standard deviation of θ at the start.</param>
/// <param name="Multiplier">Of the factor by which θ is multiplied in the forward pass.</param>
/// <param name="SgdRate">Of the learning rate of SGD, with momentum or without.</param>
/// <param name="AdamRate">Of the learning rate of Adam.</param>
public readonly record struct WidthExponents(double Deviation, double Multiplier, double SgdRate, double AdamRate)
{
    /// <summary>The exponents of one kind of layer, as the parameterisation's authors write it. (P4 §2; Yang et al. 2022, Table 3)</summary>
    /// <param name="parameterisation">Which.</param>
    /// <param name="role">What the layer connects.</param>
    /// <returns>The exponents.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An undefined value.</exception>
    [Source(Paper.P4)]
    [Source(Paper.Yang2022)]
    public static WidthExponents Of(Parameterisation parameterisation, LayerRole role) =>
        From(Core.ParameterisationModule.exponentsOf(role.ToCore(), parameterisation.ToCore()));

    /// <summary>
    /// The same training written with θ = w^x·θ′: Deviation − x, Multiplier + x, and the learning rates of SGD − 2x, of Adam − x. (P4 §2: w = σθ, ε ↔ ε/σ²)
    /// </summary>
    /// <param name="x">Exponent of the factor that moves from θ into the forward pass.</param>
    /// <returns>Exponents of the same sequence of functions; −x inverts it.</returns>
    [Source(Paper.P4)]
    public WidthExponents Reparametrise(double x) => From(Core.WidthExponentsModule.reparametrise(x, Inner));

    /// <summary>The same training with nothing multiplied in the forward pass: what happens to the weights W themselves.</summary>
    /// <returns>Exponents with Multiplier 0; equal for equal training.</returns>
    public WidthExponents OfWeights() => From(Core.WidthExponentsModule.ofWeights(Inner));

    /// <summary>The same training with one learning rate for all layers: what the rates differed by has gone into the multipliers.</summary>
    /// <param name="family">The optimizer that takes the one rate.</param>
    /// <returns>Exponents with that rate's exponent 0.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An undefined value.</exception>
    public WidthExponents WithOneRate(RateFamily family) => From(Core.WidthExponentsModule.withOneRate(family.ToCore(), Inner));

    private Core.WidthExponents Inner => new(Deviation, Multiplier, SgdRate, AdamRate);

    private static WidthExponents From(Core.WidthExponents exponents) =>
        new(exponents.Deviation, exponents.Multiplier, exponents.SgdRate, exponents.AdamRate);
}
