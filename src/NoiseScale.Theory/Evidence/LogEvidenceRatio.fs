namespace NoiseScale.Theory.Evidence

open NoiseScale.Sources
open NoiseScale.Theory.Curvature

/// <summary>The logarithm of the ratio of two evidences, model and null model, in nats; with its sign in the names. The null model says all n classes
/// are equally likely: P(y | x; null) = n^(−N).</summary>
/// <remarks>P2 Eq. 10: the ratio P(y | x; model)/P(y | x; null) is e^(−E), E = C + ½ Σ ln(λᵢ/λ) − N ln n: E is what speaks for the null.</remarks>
[<Source(Paper.P2, "Eq. 10")>]
[<Struct>]
type LogEvidenceRatio =
    private
        { OfNull: Estimate }

    /// E, in favour of the null model: negative where the data speak for the model. (P2 Eq. 10)
    [<Source(Paper.P2, "Eq. 10")>]
    member this.InFavourOfNull: float = this.OfNull.Value

    /// −E, in favour of the model: ln of P(y | x; model)/P(y | x; null).
    member this.InFavourOfModel: float = -this.OfNull.Value
    /// The standard error of either; 0 where ln det is exact.
    member this.StandardError: float = this.OfNull.StandardError
    /// E with how it was found.
    member this.Estimate: Estimate = this.OfNull
    /// Whether the data speak for the model: E < 0.
    member this.ModelFavoured: bool = this.OfNull.Value < 0.0

    /// <summary>From E.</summary>
    /// <param name="estimate">E, in favour of the null model</param>
    static member OfInFavourOfNull(estimate: Estimate) : LogEvidenceRatio = { OfNull = estimate }
