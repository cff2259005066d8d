namespace NoiseScale.Theory.Curvature

open System
open DiffSharp

/// <summary>ln det A by stochastic Lanczos quadrature, with both of its errors: of the probes, and of the quadrature.</summary>
type LogDeterminantEstimate =
    {
        /// the estimate, with its standard error over probes
        Estimate: Estimate
        /// the same probes with half as many steps
        AtHalfDegree: float
        /// k, the steps of each probe at most
        Degree: int
        /// where a positive lower bound of the spectrum was given: the exact mean over these probes lies between these, whatever k
        Bracket: struct (float * float) voption
    }

    /// What doubling the degree changed: as a rule far more than the error that is left.
    member this.QuadratureChange: float = abs (this.Estimate.Value - this.AtHalfDegree)

/// An operator has an eigenvalue that is not positive.
type NotPositiveDefinite =
    {
        /// the least eigenvalue, or a bound of it from above
        Least: float
        /// how many are known not to be positive
        Count: int
    }

/// <summary>The logarithm of the determinant of a positive definite operator.</summary>
[<RequireQualifiedAccess>]
module LogDeterminant =

    /// <summary>From a spectral measure: ln det A = tr ln A.</summary>
    /// <remarks>The even derivatives of ln are negative, the odd ones positive: a Gauss quadrature overestimates zᵀln(A)z, a Gauss–Radau quadrature with
    /// a node below the spectrum underestimates it. So both together bracket it. (Bai and Golub 1996)</remarks>
    /// <param name="lowerBound">a positive number that no eigenvalue is below, such as the λ of a convex cost's prior, if one is known</param>
    /// <param name="measure">of A</param>
    /// <returns>the estimate; an error where a node is not positive: so is an eigenvalue then</returns>
    /// <exception cref="T:System.ArgumentException">The lower bound is not positive.</exception>
    let ofMeasure (lowerBound: float voption) (measure: SpectralMeasure) : Result<LogDeterminantEstimate, NotPositiveDefinite> =
        match lowerBound with
        | ValueSome bound when not (Double.IsFinite bound && bound > 0.0) ->
            invalidArg (nameof lowerBound) $"a lower bound is positive and finite, not {bound}"
        | _ -> ()

        let struct (least, _) = measure.Range

        if not (least > 0.0) then
            let most =
                measure.Quadratures
                |> Array.map (fun q -> q.Nodes |> Array.filter (fun node -> not (node > 0.0)) |> _.Length)
                |> Array.max

            Error { Least = least; Count = most }
        else
            let mean (sum: Tridiagonal -> Quadrature) =
                float measure.Size * (measure.Probes |> Array.averageBy (fun t -> (sum t).Integrate log))

            let estimate = SpectralMeasure.trace log measure
            let degree = measure.Probes |> Array.map _.Diagonal.Length |> Array.max

            Ok
                { Estimate = estimate
                  AtHalfDegree = mean (fun t -> Tridiagonal.gauss (Tridiagonal.leading (t.Diagonal.Length / 2) t))
                  Degree = degree
                  Bracket =
                    lowerBound
                    |> ValueOption.map (fun bound ->
                        // rounding may put a node of an eigenvalue at the bound below it
                        let below = min bound least * (1.0 - 1e-12)
                        struct (mean (Tridiagonal.radau below), estimate.Value)) }

    /// <summary>The estimate from so many probes and steps.</summary>
    /// <param name="seed">of the probes</param>
    /// <param name="probes">at least 2; the standard error falls as 1/√probes</param>
    /// <param name="degree">steps of Lanczos of each; the quadrature's error falls as e^(−4·degree/√(λ_max/λ_min))</param>
    /// <param name="lowerBound">a positive number that no eigenvalue is below, if one is known</param>
    /// <param name="operator">A</param>
    let estimate
        (seed: int64)
        (probes: int)
        (degree: int)
        (lowerBound: float voption)
        (operator: SymmetricOperator)
        : Result<LogDeterminantEstimate, NotPositiveDefinite> =
        SpectralMeasure.estimate seed probes degree operator |> ofMeasure lowerBound
