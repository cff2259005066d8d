namespace NoiseScale.Theory.Evidence

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory.Curvature

/// <summary>A normal prior of mean 0 over the parameters, P(ω) = √det(Λ/2π)·exp(−½ ωᵀΛω), by its precision Λ. (P2 before Eq. 1 has Λ = λ·1)</summary>
/// <remarks>The evidence is invariant under ω = Aθ if the prior moves along, Λ → AᵀΛA: that is what the general form is for.</remarks>
[<Source(Paper.P2, "before Eq. 1")>]
type Prior =
    private
    | Isotropic of lambda: float
    | Independent of precisions: Tensor
    | General of precision: Tensor * lower: Tensor * inverse: Tensor

    /// <summary>The prior of one precision for all parameters.</summary>
    /// <param name="lambda">λ, positive: the L2 coefficient of the summed cost, and 1/variance of a parameter</param>
    /// <exception cref="T:System.ArgumentException">λ is not positive and finite: without a prior that can be normalised there is no evidence.</exception>
    static member OfPrecision(lambda: float) : Prior =
        if not (Double.IsFinite lambda && lambda > 0.0) then
            invalidArg (nameof lambda) $"a prior's precision is positive and finite, not {lambda}"

        Isotropic lambda

    /// <summary>The prior of a precision for each parameter.</summary>
    /// <param name="precisions">[p], positive</param>
    /// <exception cref="T:System.ArgumentException">It is no vector, or an element is not positive and finite.</exception>
    static member OfDiagonal(precisions: Tensor) : Prior =
        if precisions.dim <> 1 || precisions.nelement = 0 then
            invalidArg (nameof precisions) $"there is one precision a parameter, a vector, not {List.ofArray precisions.shape}"

        let least = float (precisions.min ())

        if precisions.hasnan () || precisions.hasinf () || not (least > 0.0) then
            invalidArg (nameof precisions) $"precisions are positive and finite; the least is {least}"

        Independent(precisions.cast Dtype.Float64)

    /// <summary>The prior of a precision matrix.</summary>
    /// <param name="precision">Λ, [p, p], symmetric and positive definite</param>
    /// <exception cref="T:System.ArgumentException">It is not symmetric, not finite or not positive definite; names its least eigenvalue.</exception>
    static member OfMatrix(precision: Tensor) : Prior =
        let precision = precision.cast Dtype.Float64

        match Dense.cholesky precision with
        | Ok factor -> General(precision, factor.Factor, factor.Factor.inv ())
        | Error fault -> invalidArg (nameof precision) $"a precision matrix is positive definite; this one has the eigenvalue {fault.Least}"

    /// λ, of a prior with one precision for all parameters.
    member this.Precision: float option =
        match this with
        | Isotropic lambda -> Some lambda
        | _ -> None

/// What a prior does to vectors, costs and curvatures.
[<RequireQualifiedAccess>]
module Prior =

    let private like (v: Tensor) (t: Tensor) = t.move (v.dtype, v.device)

    /// A vector as it multiplies the rows of v.
    let private rows (v: Tensor) (t: Tensor) = if v.dim = 1 then like v t else (like v t).unsqueeze 1

    /// <summary>Refuses a number of parameters that the prior is not for.</summary>
    /// <param name="size">p</param>
    /// <param name="prior">the prior</param>
    /// <exception cref="T:System.ArgumentException">The prior has precisions for another number.</exception>
    let requireSize (size: int) (prior: Prior) : unit =
        match prior with
        | Isotropic _ -> ()
        | Independent t
        | General(t, _, _) ->
            if t.shape[0] <> size then
                invalidArg (nameof prior) $"the prior is over {t.shape[0]} parameters; there are {size}"

    /// <summary>Λ v.</summary>
    /// <param name="prior">Λ</param>
    /// <param name="v">[p] or [p, k]</param>
    let times (prior: Prior) (v: Tensor) : Tensor =
        match prior with
        | Isotropic lambda -> v * lambda
        | Independent t -> rows v t * v
        | General(t, _, _) -> (like v t).matmul v

    /// <summary>½ ωᵀΛω: (λ/2)‖ω‖² of P2 Eq. 1. Differentiable.</summary>
    /// <param name="prior">Λ</param>
    /// <param name="w">ω, [p]</param>
    [<Source(Paper.P2, "Eq. 1")>]
    let cost (prior: Prior) (w: Tensor) : Tensor = (w * times prior w).sum() * 0.5

    /// <summary>Λ⁻¹ v.</summary>
    /// <param name="prior">Λ</param>
    /// <param name="v">[p] or [p, k]</param>
    let divide (prior: Prior) (v: Tensor) : Tensor =
        match prior with
        | Isotropic lambda -> v / lambda
        | Independent t -> v / rows v t
        | General(_, _, inverse) ->
            let inverse = like v inverse
            inverse.transpose().matmul(inverse.matmul v)

    /// <summary>L⁻¹v, where Λ = LLᵀ: what a gradient becomes in coordinates in which the prior has precision 1.</summary>
    /// <param name="prior">Λ</param>
    /// <param name="v">[p] or [p, k]</param>
    let whiten (prior: Prior) (v: Tensor) : Tensor =
        match prior with
        | Isotropic lambda -> v / sqrt lambda
        | Independent t -> v / (rows v t).sqrt()
        | General(_, _, inverse) -> (like v inverse).matmul v

    /// <summary>L⁻ᵀv, where Λ = LLᵀ: parameters from coordinates in which the prior has precision 1.</summary>
    /// <param name="prior">Λ</param>
    /// <param name="v">[p] or [p, k]</param>
    let unwhiten (prior: Prior) (v: Tensor) : Tensor =
        match prior with
        | General(_, _, inverse) -> (like v inverse).transpose().matmul v
        | diagonal -> whiten diagonal v

    /// <summary>1 + L⁻¹HL⁻ᵀ: the Hessian of the cost with the prior in coordinates in which the prior has precision 1. Its eigenvalues are P2's λᵢ/λ.</summary>
    /// <param name="prior">Λ = LLᵀ</param>
    /// <param name="curvature">H, of the summed cost without the prior</param>
    let relativeCurvature (prior: Prior) (curvature: SymmetricOperator) : SymmetricOperator =
        requireSize curvature.Size prior

        SymmetricOperator.congruent (unwhiten prior) (whiten prior) curvature |> SymmetricOperator.shift 1.0
