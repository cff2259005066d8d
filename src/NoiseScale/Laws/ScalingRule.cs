namespace NoiseScale;

/// <summary>The rule by which the learning rate (and more) follows a change of the batch size by a factor k.</summary>
public sealed class ScalingRule : IEquatable<ScalingRule>
{
    private ScalingRule(Core.ScalingRule inner) => Inner = inner;

    internal Core.ScalingRule Inner { get; }

    /// <summary>ε ∝ B: the noise scale stays. (P1; Goyal et al. 2017)</summary>
    public static ScalingRule Linear { get; } = new(Core.ScalingRule.Linear);

    /// <summary>
    /// Adam and AdamW: ε → √k·ε, 1−β → k(1−β) for β₁ and β₂, ε_Adam → ε_Adam/√k; AdamW's λ → √k·λ. (Malladi et al. 2022)
    /// </summary>
    [Source(Paper.Malladi2022)]
    public static ScalingRule SquareRoot { get; } = new(Core.ScalingRule.SquareRoot);

    /// <summary>SGD with a measured gain r: ε → r·ε, and training takes k/r times the epochs. (Johnson et al. 2020)</summary>
    /// <param name="gain">r, in [1, k].</param>
    /// <returns>The rule.</returns>
    [Source(Paper.Johnson2020)]
    public static ScalingRule AdaScale(double gain) => new(Core.ScalingRule.NewAdaScale(gain));

    /// <summary>ε → √k·ε, and the warm-up takes k times its epochs. (You et al. 2019)</summary>
    /// <param name="warmUp">The epoch at which the warm-up ends; k times it must lie within training.</param>
    /// <returns>The rule.</returns>
    [Source(Paper.You2019)]
    public static ScalingRule Legw(Epochs warmUp) => new(Core.ScalingRule.NewLegw(warmUp.Value));

    /// <inheritdoc/>
    public bool Equals(ScalingRule? other) => other is not null && Inner.Equals(other.Inner);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ScalingRule);

    /// <inheritdoc/>
    public override int GetHashCode() => Inner.GetHashCode();

    /// <summary>The rule and its parameter.</summary>
    public override string ToString() => Inner.ToString();
}
