namespace NoiseScale;

/// <summary>The two forms of the noise scale; what is kept in one is kept only approximately in the other.</summary>
public enum NoiseScaleForm
{
    /// <summary>g = ε/(1−m)·(N/B − 1): exact in the batch size, 0 at full batch. The default everywhere.</summary>
    Exact,

    /// <summary>g = ε/(1−m)·N/B: for B ≪ N, the form in which P1 states its rules and counts.</summary>
    Linear,
}
