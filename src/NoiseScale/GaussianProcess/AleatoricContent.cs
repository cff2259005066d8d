namespace NoiseScale;

/// <summary>How much chance a prior expects in the label of one input, in nats, where its C logits are independent N(0, v). (P5)</summary>
/// <param name="Classes">C.</param>
/// <param name="LogitVariance">v.</param>
/// <param name="Entropy">E H(softmax f): 0 where labels are certain given the function, ln C where they are pure chance.</param>
/// <param name="MaxProbability">E max_c softmax_c(f).</param>
/// <param name="Agreement">P(y₂ = y₁) of two labels of one input.</param>
/// <param name="RelabellingGain">I(f; y₂ | y₁): what a second label of the same input says about the function.</param>
/// <param name="StandardError">Of the entropy; 0 where it is by quadrature.</param>
public readonly record struct AleatoricContent(
    int Classes, double LogitVariance, double Entropy, double MaxProbability, double Agreement, double RelabellingGain, double StandardError)
{
    /// <summary>The content of a prior.</summary>
    /// <param name="classes">C, at least 2.</param>
    /// <param name="logitVariance">v, 0 or more.</param>
    /// <param name="seed">Of the draws; two and three classes go by quadrature and need none.</param>
    /// <returns>Its measures.</returns>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static AleatoricContent Of(int classes, double logitVariance, long seed = 0) => TheoryScope.Run(() =>
    {
        var method = classes <= 3 ? Processes.AleatoricMethod.Quadrature : Processes.AleatoricMethod.NewMonteCarlo(100_000, seed);
        var found = Processes.Aleatoric.content(method, classes, logitVariance);
        return new AleatoricContent(
            classes, logitVariance, found.Entropy.Value, found.MaxProbability.Value, found.Agreement.Value, found.RelabellingGain, found.Entropy.StandardError);
    });
}
