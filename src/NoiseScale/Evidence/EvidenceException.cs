namespace NoiseScale;

/// <summary>There is no evidence at a point: it is no minimum, or something there is not finite. The message says which, and what would help.</summary>
public sealed class EvidenceException : InvalidOperationException
{
    internal EvidenceException(Weighing.EvidenceError error, double? priorPrecision = null)
        : base(priorPrecision is { } lambda ? $"λ = {lambda}: {error}" : error.ToString())
    {
        IsNotAMinimum = error is Weighing.EvidenceError.NotAMinimum or Weighing.EvidenceError.NotStationary or Weighing.EvidenceError.NotSolved;
        NegativeEigenvalues = error is Weighing.EvidenceError.NotAMinimum negative ? negative.count : 0;
    }

    /// <summary>Whether the point is no minimum, as opposed to a number there not being finite.</summary>
    public bool IsNotAMinimum { get; }

    /// <summary>How many eigenvalues of the Hessian are not positive, at least; 0 where that is not the reason.</summary>
    public int NegativeEigenvalues { get; }
}
