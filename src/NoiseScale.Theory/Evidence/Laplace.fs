namespace NoiseScale.Theory.Evidence

open System
open NoiseScale.Sources
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature

/// What Laplace's method needs to know of a cost at a point.
type LaplacePoint =
    {
        /// N
        Examples: int
        /// H(ω₀), the summed cost
        DataCost: float
        /// ω₀, [p]
        Parameters: Tensor
        /// ∇H(ω₀), [p]
        DataGradient: Tensor
        /// ∇∇H(ω₀) or its Gauss–Newton part
        Curvature: SymmetricOperator
        /// N ln n, where there is a null model
        NullCost: float option
    }

/// <summary>The evidence by Laplace's method: the integral of P(y | x, ω)P(ω) over ω, with ln of the integrand replaced by its second-order expansion
/// at its maximum. (P2 Eqs. 5–10; MacKay 1992)</summary>
[<Source(Paper.P2, "Eqs. 5–10")>]
[<Source(Paper.MacKay1992)>]
[<RequireQualifiedAccess>]
module Laplace =

    let private norm (v: Tensor) = sqrt (float ((v * v).sum()))

    /// What the sum over eigenvalues found: Occam, its rounding, ratios, ln det, dropped, γ, predicted decrease.
    type private Sum =
        { Occam: Estimate
          Rounding: float
          Ratios: float[] option
          LogDeterminant: LogDeterminantEstimate option
          Dropped: DroppedEigenvalues
          Effective: Estimate
          Decrease: float }

    let private none = { Count = Estimate.exact 0.0; LeastRatio = 1.0; Ratios = None }

    let private byEigenvalues belowPrior (relative: SymmetricOperator) (gradient: Tensor) =
        dsharp.scope (fun () ->
            let values, vectors = Dense.eigen (relative.ToMatrix())
            let ratios = values.toArray1D<float>()
            let components = (vectors.transpose().matmul(gradient.cast Dtype.Float64)).toArray1D<float>()
            // what eigenvalues of a matrix in floating point are known to
            let rounding = float ratios.Length * 2.2e-16 * Array.max (Array.map abs ratios)

            let isDropped ratio = belowPrior = BelowPrior.Drop && ratio < 1.0 - rounding
            let dropped, kept = ratios |> Array.partition isDropped
            let negative = kept |> Array.filter (fun ratio -> not (ratio > 0.0))

            if negative.Length > 0 then
                Error(EvidenceError.NotAMinimum(negative.Length, negative[0]))
            else
                let decrease =
                    Array.fold2 (fun sum ratio g -> if isDropped ratio then sum else sum + 0.5 * g * g / ratio) 0.0 ratios components

                Ok
                    { Occam = Estimate.exact (0.5 * Array.sumBy log kept)
                      Rounding = 0.5 * rounding * Array.sumBy (fun ratio -> 1.0 / ratio) kept
                      Ratios = Some(Array.rev kept)
                      LogDeterminant = None
                      Dropped =
                        { Count = Estimate.exact (float dropped.Length)
                          LeastRatio = Array.min (Array.append [| 1.0 |] dropped)
                          Ratios = Some dropped }
                      Effective = Estimate.exact (kept |> Array.sumBy (fun ratio -> (ratio - 1.0) / ratio))
                      Decrease = decrease })

    let private byCholesky (relative: SymmetricOperator) (gradient: Tensor) =
        dsharp.scope (fun () ->
            match Dense.cholesky (relative.ToMatrix()) with
            | Error fault -> Error(EvidenceError.NotAMinimum(fault.Count, fault.Least))
            | Ok factor ->
                // tr A⁻¹ = ‖L⁻¹‖²
                let inverse = factor.Factor.inv ()
                let half = inverse.matmul (gradient.cast inverse.dtype)

                Ok
                    { Occam = Estimate.exact (0.5 * factor.LogDeterminant)
                      Rounding = 0.0
                      Ratios = None
                      LogDeterminant = None
                      Dropped = none
                      Effective = Estimate.exact (float relative.Size - float ((inverse * inverse).sum()))
                      Decrease = 0.5 * float ((half * half).sum()) })

    /// ½ gᵀA⁻¹g by conjugate gradients; where they do not finish, the bound ½ gᵀg of an A with no eigenvalue below 1.
    let private decreaseOf (relative: SymmetricOperator) (gradient: Tensor) =
        match ConjugateGradients.solve 1e-6 500 relative gradient with
        | Ok solution -> Ok(0.5 * float (gradient.dot solution.Solution))
        | Error(LinearSolveError.NotConverged _) -> Ok(0.5 * float (gradient.dot gradient))
        | Error(LinearSolveError.NegativeCurvature(curvature, _, _)) -> Error(EvidenceError.NotAMinimum(1, curvature))

    let private byProbes belowPrior curvature (settings: StochasticSettings) (relative: SymmetricOperator) (gradient: Tensor) =
        dsharp.scope (fun () ->
            let measure = SpectralMeasure.estimate settings.Seed settings.Probes settings.Degree relative
            let struct (least, _) = measure.Range
            let effective (ratio: float) = (ratio - 1.0) / ratio

            match belowPrior with
            | BelowPrior.Drop ->
                // nodes this near 1 are the prior's own eigenvalue, with rounding
                let counts ratio = ratio >= 1.0 - 1e-9
                let when' f ratio = if counts ratio then f ratio else 0.0

                Ok
                    { Occam = measure |> SpectralMeasure.trace (when' log) |> Estimate.affine 0.0 0.5
                      Rounding = 0.0
                      Ratios = None
                      LogDeterminant = None
                      Dropped =
                        { Count = measure |> SpectralMeasure.trace (fun ratio -> if counts ratio then 0.0 else 1.0)
                          LeastRatio = (if counts least then 1.0 else least)
                          Ratios = None }
                      Effective = measure |> SpectralMeasure.trace (when' effective)
                      // in the directions that count no eigenvalue is below 1
                      Decrease = 0.5 * float (gradient.dot gradient) }
            | BelowPrior.Count ->
                // a Gauss–Newton matrix adds nothing negative to the prior's 1
                let bound = if curvature = EvidenceCurvature.GaussNewton then ValueSome 1.0 else ValueNone

                match LogDeterminant.ofMeasure bound measure with
                | Error fault -> Error(EvidenceError.NotAMinimum(fault.Count, fault.Least))
                | Ok determinant ->
                    decreaseOf relative gradient
                    |> Result.map (fun decrease ->
                        { Occam = determinant.Estimate |> Estimate.affine 0.0 0.5
                          Rounding = 0.0
                          Ratios = None
                          LogDeterminant = Some determinant
                          Dropped = none
                          Effective = measure |> SpectralMeasure.trace effective
                          Decrease = decrease }))

    let private requireOptions (options: LaplaceOptions) =
        if not (options.MostPredictedDecrease >= 0.0) then
            invalidArg (nameof options) $"the most predicted decrease is 0 or more, not {options.MostPredictedDecrease}"

        if options.Method = EvidenceMethod.Cholesky && options.BelowPrior = BelowPrior.Drop then
            invalidArg
                (nameof options)
                "a Cholesky factor does not show single eigenvalues, so none can be dropped; ask for Eigenvalues or Stochastic"

    /// <summary>The evidence from what is known of the cost at a point.</summary>
    /// <param name="options">how; its curvature has to be the point's</param>
    /// <param name="prior">over the p parameters</param>
    /// <param name="point">a minimum of H(ω) + ½ ωᵀΛω</param>
    /// <returns>the evidence, or why there is none</returns>
    /// <exception cref="T:System.ArgumentException">The prior is over another number of parameters, or the options contradict each other.</exception>
    let ofPoint (options: LaplaceOptions) (prior: Prior) (point: LaplacePoint) : Result<EvidenceReport, EvidenceError> =
        requireOptions options
        let size = point.Parameters.nelement
        Prior.requireSize size prior

        let priorCost, gradientNorm, whitened =
            dsharp.scope (fun () ->
                let gradient = point.DataGradient + Prior.times prior point.Parameters
                float (Prior.cost prior point.Parameters), norm gradient, Prior.whiten prior gradient)

        if not (Double.IsFinite point.DataCost && Double.IsFinite priorCost) then
            Error(EvidenceError.NotFinite "cost")
        elif not (Double.IsFinite gradientNorm) then
            Error(EvidenceError.NotFinite "gradient")
        else
            let relative = Prior.relativeCurvature prior point.Curvature

            let chosen =
                match options.Method with
                | EvidenceMethod.Automatic(most, _) when size <= most -> EvidenceMethod.Eigenvalues
                | EvidenceMethod.Automatic(_, settings) -> EvidenceMethod.Stochastic settings
                | method -> method

            let sum =
                match chosen with
                | EvidenceMethod.Cholesky -> byCholesky relative whitened
                | EvidenceMethod.Stochastic settings -> byProbes options.BelowPrior options.Curvature settings relative whitened
                | _ -> byEigenvalues options.BelowPrior relative whitened

            sum
            |> Result.bind (fun sum ->
                if not (sum.Decrease <= options.MostPredictedDecrease) then
                    Error(EvidenceError.NotStationary(gradientNorm, sum.Decrease, options.MostPredictedDecrease))
                else
                    Ok
                        { Parameters = size
                          Examples = point.Examples
                          Prior = prior
                          Curvature = options.Curvature
                          Method = chosen
                          DataCost = point.DataCost
                          PriorCost = priorCost
                          Occam = sum.Occam
                          OccamRounding = sum.Rounding
                          Ratios = sum.Ratios
                          LogDeterminant = sum.LogDeterminant
                          Dropped = sum.Dropped
                          EffectiveParameters = sum.Effective
                          GradientNorm = gradientNorm
                          PredictedDecrease = sum.Decrease
                          NullCost = point.NullCost })

    /// <summary>The evidence of a model at a minimum that training found.</summary>
    /// <param name="options">how</param>
    /// <param name="prior">over all p parameters, one after the other</param>
    /// <param name="problem">model and data</param>
    /// <param name="w">ω₀, a minimum of H(ω) + ½ ωᵀΛω</param>
    /// <returns>the evidence, or why there is none</returns>
    /// <exception cref="T:System.ArgumentException">The prior is over another number of parameters, or the options contradict each other.</exception>
    let evidence (options: LaplaceOptions) (prior: Prior) (problem: Problem) (w: Tensor[]) : Result<EvidenceReport, EvidenceError> =
        let cost, gradient =
            dsharp.scope (fun () ->
                let cost, gradients = dsharp.fgrads (Problem.summedLoss problem) w
                float cost, Parameters.flatten gradients)

        let curvature =
            match options.Curvature with
            | EvidenceCurvature.Hessian -> Hessian.ofSummedLoss problem w
            | EvidenceCurvature.GaussNewton -> GaussNewton.ofSummedLoss problem w

        ofPoint
            options
            prior
            { Examples = problem.Count
              DataCost = cost
              Parameters = Parameters.flatten w
              DataGradient = gradient
              Curvature = curvature
              NullCost = Likelihood.nullCost problem.Likelihood |> Option.map (fun cost -> float problem.Count * cost) }
