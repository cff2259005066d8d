namespace NoiseScale;

/// <summary>Which matrix stands for the curvature of the summed cost.</summary>
public enum EvidenceCurvature
{
    /// <summary>The Hessian, as Laplace's method asks for.</summary>
    Hessian,

    /// <summary>The generalised Gauss–Newton matrix: never negative, and equal to the Hessian for linear models.</summary>
    GaussNewton,
}
