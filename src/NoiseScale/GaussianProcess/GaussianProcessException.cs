namespace NoiseScale;

/// <summary>There is no Gaussian process, or its chains stopped: a covariance has no Cholesky factor, or a number is not finite. The message says which, and what would help.</summary>
public sealed class GaussianProcessException : InvalidOperationException
{
    internal GaussianProcessException(string message)
        : base(message)
    {
    }
}
