namespace NoiseScale;

/// <summary>
/// Where the learning rate and the damping stand in the momentum buffer v. The law B ∝ 1/(1−m) holds for the first two, which part only
/// where the learning rate changes; it does not hold for the third.
/// </summary>
public enum MomentumConvention
{
    /// <summary>v ← m·v + ĝ, w ← w − ε·v: the buffer holds raw gradients (PyTorch with dampening 0; P1's accumulation variable).</summary>
    LearningRateOutside,

    /// <summary>v ← m·v + ε·ĝ, w ← w − v: the learning rate is folded into the velocity (Caffe, TensorFlow).</summary>
    LearningRateInside,

    /// <summary>
    /// v ← m·v + (1−m)·ĝ, w ← w − ε·v: an average of gradients (PyTorch with dampening m), whose effective learning rate is ε.
    /// </summary>
    Dampened,
}
