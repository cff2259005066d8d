namespace NoiseScale;

/// <summary>
/// What Adam follows at a finite learning rate h, once its moments have forgotten their start: −g/D and its first correction, by element.
/// (Cattaneo, Klusowski and Shigida 2023, arXiv 2309.00079, for ε inside the root; derived in the same way for PyTorch's outside it)
/// </summary>
[Source(Paper.Cattaneo2023)]
public static class AdamDynamics
{
    /// <summary>The derivation.</summary>
    /// <param name="order">1: without the correction; 2: with it.</param>
    /// <param name="latex">Whether in LaTeX (amsmath).</param>
    /// <param name="epsilonInsideRoot">Whether Adam divides by √(v + ε) instead of PyTorch's √v + ε.</param>
    /// <returns>The field term by term, and why it is the gradient of no loss.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The order is neither 1 nor 2.</exception>
    public static string Derive(int order, bool latex = false, bool epsilonInsideRoot = false) => order is 1 or 2
        ? Backward.AdamFlow.derivation(epsilonInsideRoot ? Backward.AdamEpsilon.Inside : Backward.AdamEpsilon.Outside, order, latex)
        : throw new ArgumentOutOfRangeException(nameof(order), order, "Adam's flow is known to orders 1 and 2");
}
