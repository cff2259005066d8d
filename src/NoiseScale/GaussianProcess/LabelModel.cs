namespace NoiseScale;

/// <summary>How labels came about, p(y | f) of C logits f with p = softmax f: what a likelihood has to say to match the labels. (P5)</summary>
public sealed class LabelModel
{
    private LabelModel(Processes.LabelModel core) => ToCore = core;

    internal Processes.LabelModel ToCore { get; }

    /// <summary>p_y.</summary>
    public static LabelModel Softmax { get; } = new(Processes.LabelModel.Softmax);

    /// <summary>A label is flipped with a probability ρ, to one of the others alike: (1 − ρ)p_y + ρ(1 − p_y)/(C − 1).</summary>
    /// <param name="rate">ρ, 0 to below 1.</param>
    /// <returns>The likelihood.</returns>
    public static LabelModel Flipped(double rate) => new(Processes.LabelModel.NewFlipped(rate));

    /// <summary>S labellers, given that they agree: softmax_y(Sf), the likelihood of curated labels. (Aitchison 2021)</summary>
    /// <param name="labellers">S, at least 1.</param>
    /// <returns>The likelihood.</returns>
    [Source(Paper.Aitchison2021)]
    public static LabelModel GivenAgreement(int labellers) => new(Processes.LabelModel.NewGivenAgreement(labellers));

    /// <summary>A noisy Dirichlet: logits are N(ln α − v/2, v), v = ln(1/α + 1), α = 1[c = y] + a. (Kapoor et al. 2022)</summary>
    /// <param name="concentration">a, positive: 1e-6 to 1e-2 is usual.</param>
    /// <returns>The likelihood.</returns>
    [Source(Paper.Kapoor2022)]
    public static LabelModel NoisyDirichlet(double concentration) => new(Processes.LabelModel.NewNoisyDirichlet(concentration));

    /// <summary>Its name and number.</summary>
    public override string ToString() => ToCore.ToString();
}
