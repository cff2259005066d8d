namespace NoiseScale;

/// <summary>What kind of result an estimate of a noise scale is.</summary>
public enum EstimateKind
{
    /// <summary>Noise and signal are both positive: a value and an interval of finite length.</summary>
    Bounded,

    /// <summary>All gradients are equal: the noise scale is 0.</summary>
    NoNoise,

    /// <summary>The average of the noise came out negative, which a true one is not: the value is 0, and the interval stands.</summary>
    NoiseNotPositive,

    /// <summary>‖G‖² cannot be told from 0: no value, and an interval without upper end.</summary>
    DenominatorNotSignificant,
}
