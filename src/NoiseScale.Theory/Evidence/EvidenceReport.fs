namespace NoiseScale.Theory.Evidence

open System
open NoiseScale.Sources
open NoiseScale.Theory.Curvature

/// Which matrix is taken for the Hessian of the summed cost.
[<RequireQualifiedAccess>]
type EvidenceCurvature =
    /// the Hessian: what Laplace's method asks for
    | Hessian
    /// the generalised Gauss–Newton matrix: never negative, equal to the Hessian for linear models, and without the model's curvature otherwise
    | GaussNewton

/// How many random vectors an estimate of ln det takes.
type StochasticSettings =
    {
        /// random vectors, at least 2
        Probes: int
        /// steps of Lanczos of each
        Degree: int
        /// of the vectors
        Seed: int64
    }

/// How Σ ln(λᵢ/λ) is computed.
[<RequireQualifiedAccess>]
type EvidenceMethod =
    /// eigenvalues up to a number of parameters, stochastic beyond
    | Automatic of largestExact: int * beyond: StochasticSettings
    /// all eigenvalues of the matrix
    | Eigenvalues
    /// the matrix's Cholesky factor: exact, without single eigenvalues, a tenth of their time
    | Cholesky
    /// stochastic Lanczos quadrature, with a standard error: without the matrix
    | Stochastic of StochasticSettings

/// What is done with eigenvalues λᵢ below λ: directions in which the summed cost itself bends down.
[<RequireQualifiedAccess>]
type BelowPrior =
    /// they count; where one is not positive there is no evidence
    | Count
    /// they are left out, and the report says which: P2's rule of thumb away from minima
    | Drop

/// How the evidence is computed.
type LaplaceOptions =
    {
        /// the matrix
        Curvature: EvidenceCurvature
        /// the sum over its eigenvalues
        Method: EvidenceMethod
        /// eigenvalues below λ
        BelowPrior: BelowPrior
        /// the most, in nats, that the cost may still fall by a Newton step: beyond it the point is no minimum; infinity asks nothing
        MostPredictedDecrease: float
    }

    /// The Hessian, eigenvalues up to 2,000 parameters and 20 probes of 80 steps beyond, no eigenvalue dropped, 0.01 nats.
    static member Default =
        { Curvature = EvidenceCurvature.Hessian
          Method = EvidenceMethod.Automatic(2000, { Probes = 20; Degree = 80; Seed = 0L })
          BelowPrior = BelowPrior.Count
          MostPredictedDecrease = 0.01 }

/// Why there is no evidence.
[<RequireQualifiedAccess>]
type EvidenceError =
    /// so many eigenvalues of the Hessian of the cost with the prior are not positive, at least; the least of λᵢ/λ
    | NotAMinimum of count: int * leastRatio: float
    /// ‖∇C‖, by how much a Newton step would lower C, and how much was allowed, in nats
    | NotStationary of gradientNorm: float * predictedDecrease: float * limit: float
    /// the cost, the gradient or the curvature is not finite
    | NotFinite of what: string
    /// the convex solver stopped with this bound of C − C*, above what was asked for, in nats
    | NotSolved of costGap: float * limit: float

    /// What is wrong and what would help, in a sentence.
    override this.ToString() =
        match this with
        | NotAMinimum(count, least) ->
            $"not a minimum: at least {count} eigenvalues of the Hessian are not positive, the least {least} times the prior's precision; train further, use the Gauss–Newton matrix, or drop eigenvalues below the prior's"
        | NotStationary(norm, decrease, limit) ->
            $"not a minimum: the gradient's norm is {norm}, and a Newton step would lower the cost by {decrease} nats, above the limit of {limit}; train further, or raise the limit"
        | NotFinite what -> $"the {what} is not finite"
        | NotSolved(gap, limit) -> $"the solver stopped where the cost may still fall by {gap} nats, above the limit of {limit}"

/// Eigenvalues that were left out.
type DroppedEigenvalues =
    {
        /// how many; with a standard error where it is an estimate
        Count: Estimate
        /// the least λᵢ/λ; 1 where none is below it
        LeastRatio: float
        /// all λᵢ/λ that were left out, smallest first, where the eigenvalues are known
        Ratios: float[] option
    }

/// <summary>The Laplace evidence of a model at a minimum ω₀ of its cost C(ω) = H(ω) + ½ ωᵀΛω, ln P(y | x) = −[C(ω₀) + ½ Σᵢ ln(λᵢ/λ)] in nats; λᵢ/λ are
/// the eigenvalues of ∇∇C relative to Λ. (P2 Eq. 9)</summary>
[<Source(Paper.P2, "Eq. 9")>]
type EvidenceReport =
    {
        /// p
        Parameters: int
        /// N
        Examples: int
        /// the prior
        Prior: Prior
        /// the matrix
        Curvature: EvidenceCurvature
        /// how the sum was computed, never Automatic
        Method: EvidenceMethod
        /// H(ω₀) = Σᵢ −ln p(yᵢ | xᵢ, ω₀)
        DataCost: float
        /// ½ ω₀ᵀΛω₀
        PriorCost: float
        /// ½ Σ ln(λᵢ/λ), minus the logarithm of the Occam factor, of the eigenvalues that count
        Occam: Estimate
        /// a bound of what rounding of the eigenvalues may have changed it by; 0 where they are not known
        OccamRounding: float
        /// λᵢ/λ of those that count, largest first, where the eigenvalues are known
        Ratios: float[] option
        /// ln det with the error of its quadrature, where it was estimated
        LogDeterminant: LogDeterminantEstimate option
        /// those that do not count
        Dropped: DroppedEigenvalues
        /// γ = Σ (λᵢ − λ)/λᵢ, the parameters that the data determine (MacKay 1992)
        [<Source(Paper.MacKay1992)>]
        EffectiveParameters: Estimate
        /// ‖∇C(ω₀)‖
        GradientNorm: float
        /// ½ ∇CᵀA⁻¹∇C, A = ∇∇C: what a Newton step would lower C by, in nats
        PredictedDecrease: float
        /// N ln n, the cost of the null model, where there is one
        NullCost: float option
    }

    /// C(ω₀) = H(ω₀) + ½ ω₀ᵀΛω₀.
    member this.Cost: float = this.DataCost + this.PriorCost

    /// −[C(ω₀) + ½ Σ ln(λᵢ/λ)], with the standard error of the sum.
    member this.LogEvidence: Estimate = Estimate.affine -this.Cost -1.0 this.Occam

    /// The contribution ½ ln(λᵢ/λ) of each eigenvalue that counts, largest first, where the eigenvalues are known.
    member this.OccamFactors: float[] option =
        this.Ratios |> Option.map (Array.map (fun ratio -> 0.5 * log ratio))

    /// λᵢ of those that count, largest first, where they are known and the prior has one precision λ.
    member this.Eigenvalues: float[] option =
        match this.Ratios, this.Prior.Precision with
        | Some ratios, Some lambda -> Some(ratios |> Array.map (fun ratio -> lambda * ratio))
        | _ -> None

    /// E = C + ½ Σ ln(λᵢ/λ) − N ln n against the null model, where there is one. (P2 Eq. 10)
    [<Source(Paper.P2, "Eq. 10")>]
    member this.RatioToNull: LogEvidenceRatio option =
        this.NullCost
        |> Option.map (fun cost -> LogEvidenceRatio.OfInFavourOfNull(Estimate.affine (this.Cost - cost) 1.0 this.Occam))
