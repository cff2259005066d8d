namespace NoiseScale;

/// <summary>What a sampler with a metric F(w) does about the metric's derivatives: it decides the measure over which e^(−C/T) is the density.</summary>
public enum SampledMeasure
{
    /// <summary>Nothing, as the paper's experiments: e^(−C/T) where F hardly changes over the posterior, no simple density elsewhere.</summary>
    Uncorrected,

    /// <summary>The divergence of F⁻¹ is added to the drift: e^(−C/T) itself, whatever the metric. (P3 Thm 3, with the sign of Eq. 7 put right)</summary>
    [Source(Paper.P3, "Thm 3")]
    Uniform,

    /// <summary>e^(−C/T)·|det F|^(1/2), the same in every parametrisation. (P3 Thms 2 and 5, with the signs of Eqs. 6 and 2 put right)</summary>
    [Source(Paper.P3, "Thms 2 and 5")]
    Jeffreys,
}
