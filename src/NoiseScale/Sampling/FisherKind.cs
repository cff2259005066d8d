namespace NoiseScale;

/// <summary>Which of the matrices that go by the name of Fisher information.</summary>
public enum FisherKind
{
    /// <summary>The expectation over the model's own labels, exact. (P3 Eq. 8)</summary>
    [Source(Paper.P3, "Eq. 8")]
    Model,

    /// <summary>Labels drawn from the model, a few for each example; one in P3's experiments.</summary>
    MonteCarlo,

    /// <summary>The data's own labels. (P3 Eq. 10)</summary>
    [Source(Paper.P3, "Eq. 10")]
    Empirical,

    /// <summary>The covariance of the examples' gradients: what the noise of minibatches has, away from minima too. (P3 Eq. 14)</summary>
    [Source(Paper.P3, "Eq. 14")]
    Covariance,
}
