namespace NoiseScale.Torch;

/// <summary>How the product of the Hessian with the gradient, which a gradient penalty needs, is computed.</summary>
public enum PenaltyMethod
{
    /// <summary>Reverse mode twice: exact, about three gradients.</summary>
    DoubleBackward,

    /// <summary>(∇C(w + hv) − ∇C(w))/h: two gradients; error ∝ h, rounding ∝ 1/h.</summary>
    ForwardDifference,

    /// <summary>(∇C(w + hv) − ∇C(w − hv))/2h: three gradients; error ∝ h².</summary>
    CentralDifference,
}
