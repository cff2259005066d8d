namespace NoiseScale;

/// <summary>A modified equation derived to an order, term by term, with the modified loss as far as there is one.</summary>
public sealed class Derivation
{
    private readonly Backward.Derivation inner;

    internal Derivation(Backward.Derivation inner) => this.inner = inner;

    /// <summary>The optimizer.</summary>
    public string Optimizer => inner.Equation.Name;

    /// <summary>The order: terms up to ε^(order−1).</summary>
    public int Order => inner.Order;

    /// <summary>Whether the field is minus the gradient of a modified loss up to this order.</summary>
    public bool HasModifiedLoss => inner.NotGradient is null;

    /// <summary>The number of terms of the field.</summary>
    public int TermCount => inner.Field.Length;

    /// <summary>The derivation in text: each term beside its tree, the modified loss, and where it ends.</summary>
    public string Text => Backward.DerivationModule.toText(inner);

    /// <summary>The derivation in LaTeX (amsmath).</summary>
    public string Latex => Backward.DerivationModule.toLatex(inner);

    /// <summary>The text.</summary>
    public override string ToString() => Text;
}
