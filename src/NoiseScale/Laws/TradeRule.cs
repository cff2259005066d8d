namespace NoiseScale;

/// <summary>What a decay of the learning rate by a factor a is traded for.</summary>
public enum TradeRule
{
    /// <summary>ε stays, B·a: keeps εN/B, the noise scale. (P1)</summary>
    Linear,

    /// <summary>ε stays, B·a²: keeps ε²N/B, the quantity of the square-root rule for Adam. (Malladi et al. 2022)</summary>
    [Source(Paper.Malladi2022)]
    SquareRoot,

    /// <summary>ε/√a, B·a: keeps ε²N/B with half of the decay left. (Seesaw: Meterez et al. 2025)</summary>
    [Source(Paper.Meterez2025)]
    Seesaw,
}
