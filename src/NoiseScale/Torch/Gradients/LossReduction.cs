namespace NoiseScale.Torch;

/// <summary>What a loss function does with the losses of its examples. Learning rates are for the mean, so a sum is divided once.</summary>
public enum LossReduction
{
    /// <summary>It answers with their mean.</summary>
    Mean,

    /// <summary>It answers with their sum.</summary>
    Sum,
}
