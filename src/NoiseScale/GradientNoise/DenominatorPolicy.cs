namespace NoiseScale;

/// <summary>
/// What a noise scale tr Σ/‖G‖² is reported as where ‖G‖² cannot be told from 0: where its estimate is at most t standard errors.
/// </summary>
public enum DenominatorPolicy
{
    /// <summary>An interval without upper end, as Fieller's construction gives it; from 0 where the noise cannot be told from 0 either.</summary>
    Unbounded,

    /// <summary>A one-sided lower bound at the same level: all of the error below, so that it is sharper than that of <see cref="Unbounded"/>.</summary>
    LowerBound,

    /// <summary>Not at all: an exception that names the estimate and its standard error.</summary>
    Refuse,
}
