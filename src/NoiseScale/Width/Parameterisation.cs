namespace NoiseScale;

/// <summary>How a network's weights, their initialisation and their learning rates depend on its width w.</summary>
public enum Parameterisation
{
    /// <summary>W ~ N(0, σ²/n_in), used as it is; one learning rate. (P4 §2)</summary>
    [Source(Paper.P4)]
    Standard,

    /// <summary>W = σ/√n_in · θ with θ ~ N(0, 1); one learning rate. (P4 §2)</summary>
    [Source(Paper.P4)]
    Ntk,

    /// <summary>The maximal update: every layer learns at a rate that does not depend on the width. (Yang and Hu 2021; Yang et al. 2022)</summary>
    [Source(Paper.Yang2021)]
    [Source(Paper.Yang2022)]
    MuP,
}
