namespace NoiseScale.Theory.Sampling

open System
open NoiseScale.Sources
open DiffSharp

/// <summary>A metric G as a function of the parameters, near one point: whatever was drawn at random for it is fixed.</summary>
type MetricField =
    {
        /// w [chains, p] → G(w) [chains, p, p], symmetric; differentiable
        Matrix: Tensor -> Tensor
        /// w [chains, p] → v [chains, p] → G(w)v [chains, p]; differentiable in w, and cheaper than the matrix where that is large
        Times: Tensor -> Tensor -> Tensor
        /// w [chains, p] → ∂_k G_ab [chains, k, a, b], where it is known in closed form; else it comes by differentiation
        Derivative: (Tensor -> Tensor) option
    }

/// <summary>Where the random draws of a metric come from: the sampler's seed and the number of the update.</summary>
[<Struct>]
type MetricDraw =
    {
        /// the sampler's seed
        Seed: int64
        /// updates made so far
        Update: int64
    }

/// <summary>A metric that depends on the parameters: the geometry a natural gradient follows.</summary>
type VaryingMetric =
    {
        /// p
        Parameters: int
        /// δ: what is used is G + δ·1. (P3 after Eq. 9: preconditioned steps are then at most ε/δ long, and invariance and prior change with δ)
        [<Source(Paper.P3, "after Eq. 9")>]
        Damping: float
        /// α of a moving average Ḡ ← αḠ + (1 − α)G over updates, if there is one. (P3 Fig. 6)
        [<Source(Paper.P3, "Fig. 6")>]
        Average: float option
        /// G near the points w [chains, p], with what is random in it drawn
        At: MetricDraw -> Tensor -> MetricField
    }

/// <summary>What turns gradients into steps: nothing, one matrix for all points, or one that depends on the point.</summary>
[<RequireQualifiedAccess>]
type Metric =
    /// G = 1
    | Identity
    /// a matrix [p, p] that does not change, with L⁻¹ of its Cholesky factor L: made by <c>Metric.ofMatrix</c>
    | Static of matrix: Tensor * inverseFactor: Tensor
    /// one that depends on the parameters
    | Varying of VaryingMetric

/// Metrics from matrices and functions.
[<RequireQualifiedAccess>]
module Metric =

    /// <summary>A metric that does not change.</summary>
    /// <param name="matrix">G, [p, p], symmetric</param>
    /// <returns>the metric, or <c>SingularMatrix</c> with its least eigenvalue</returns>
    /// <exception cref="T:System.ArgumentException">It is not square, symmetric and finite.</exception>
    let ofMatrix (matrix: Tensor) : Result<Metric, SamplingFault> =
        let values, _ = NoiseScale.Theory.Curvature.Dense.eigen matrix
        let values = values.toArray1D<float>()
        let least, most = Array.head values, Array.last values

        if not (least > 1e-14 * most && most > 0.0) then
            Error(SamplingFault.SingularMatrix least)
        else
            Ok(Metric.Static(matrix, dsharp.scope (fun () -> matrix.cholesky().inv())))

    /// <summary>A field from its matrix alone.</summary>
    /// <param name="matrix">w [chains, p] → G(w) [chains, p, p], differentiable</param>
    let fieldOf (matrix: Tensor -> Tensor) : MetricField =
        { Matrix = matrix
          Times = fun w v -> (matrix w).bmm(v.unsqueeze 2).squeeze 2
          Derivative = None }

    /// <summary>A metric that is a function of the parameters; its derivative comes by nested differentiation.</summary>
    /// <param name="parameters">p</param>
    /// <param name="matrix">w [chains, p] → G(w) [chains, p, p], symmetric, of tensor operations</param>
    let ofFunction (parameters: int) (matrix: Tensor -> Tensor) : Metric =
        Metric.Varying
            { Parameters = parameters
              Damping = 0.0
              Average = None
              At = fun _ _ -> fieldOf matrix }

    /// <summary>A metric whose derivative is known in closed form.</summary>
    /// <param name="parameters">p</param>
    /// <param name="matrix">w [chains, p] → G(w) [chains, p, p], symmetric</param>
    /// <param name="derivative">w [chains, p] → ∂_k G_ab, [chains, k, a, b]</param>
    let ofFunctionWithDerivative (parameters: int) (matrix: Tensor -> Tensor) (derivative: Tensor -> Tensor) : Metric =
        Metric.Varying
            { Parameters = parameters
              Damping = 0.0
              Average = None
              At = fun _ _ -> { fieldOf matrix with Derivative = Some derivative } }

    /// <summary>The metric with more damping, G + δ·1.</summary>
    /// <param name="damping">δ, 0 or more, in the units of G; adds to what there is</param>
    /// <param name="metric">G</param>
    let damped (damping: float) (metric: Metric) : Result<Metric, SamplingFault> =
        Fault.check [ Fault.notNegative "damping" damping ]
        |> Result.bind (fun () ->
            match metric with
            | Metric.Identity ->
                Error(SamplingFault.BadSetting("damping", damping, "the identity takes none: it only rescales the learning rate"))
            | Metric.Static(matrix, _) ->
                ofMatrix (matrix + damping * dsharp.eye (matrix.shape[0], dtype = matrix.dtype, device = matrix.device))
            | Metric.Varying varying -> Ok(Metric.Varying { varying with Damping = varying.Damping + damping }))

    /// <summary>The metric averaged over updates, Ḡ ← αḠ + (1 − α)G, from the first G on; the average is part of a chain's state. (P3 Fig. 6)</summary>
    /// <remarks>An average depends on the path, so no correction by derivatives exists for it.</remarks>
    /// <param name="coefficient">α in [0, 1); P3's is 0.95^(ε/0.001), see <c>averageCoefficient</c></param>
    /// <param name="metric">G</param>
    [<Source(Paper.P3, "Fig. 6")>]
    let averaged (coefficient: float) (metric: Metric) : Result<Metric, SamplingFault> =
        if not (coefficient >= 0.0 && coefficient < 1.0) then
            Error(SamplingFault.BadSetting("coefficient", coefficient, "it lies in [0, 1)"))
        else
            match metric with
            | Metric.Varying varying -> Ok(Metric.Varying { varying with Average = Some coefficient })
            | constant -> Ok constant

    /// <summary>α = 0.95^(ε/0.001): the same averaging time at every learning rate. (P3 Fig. 6)</summary>
    /// <param name="learningRate">ε</param>
    [<Source(Paper.P3, "Fig. 6")>]
    let averageCoefficient (learningRate: float) : float = 0.95 ** (learningRate / 0.001)

/// A metric at the points of some chains, ready to solve with; internal, as samplers hold it for one update only.
[<RequireQualifiedAccess>]
type internal Factor =
    | One
    /// L⁻¹, for all chains
    | Common of inverseLower: Tensor
    /// L [chains, p, p]
    | Each of lower: Tensor

module internal Factor =

    let damp (damping: float) (matrix: Tensor) =
        if damping = 0.0 then
            matrix
        else
            matrix + damping * dsharp.eye (matrix.shape[2], dtype = matrix.dtype, device = matrix.device)

    let private singular update damping (matrix: Tensor) =
        let values, _ = matrix.eigh ()
        let least = (values.min 1).toArray1D<float>()
        // NaN is never least: look for it first
        let chain =
            least |> Array.tryFindIndex Double.IsNaN |> Option.defaultWith (fun () -> Array.findIndex ((=) (Array.min least)) least)

        Fault.raise' (SamplingFault.SingularMetric(chain, update, least[chain], damping))

    /// The Cholesky factors of G [chains, p, p], damping included; a pivot within rounding of 0 counts as none.
    let ofMatrices update damping (matrix: Tensor) : Factor =
        ChainState.requireFinite update "metric" matrix

        let lower =
            try
                matrix.cholesky ()
            with :? TensorException ->
                singular update damping matrix

        let pivots = lower.diagonal (0, 1, 2)

        if (pivots.min 1 / pivots.max 1).min().toDouble() < 1e-7 then
            singular update damping matrix

        Factor.Each lower

    /// G⁻¹v of every chain, [chains, p].
    let solve (factor: Factor) (v: Tensor) : Tensor =
        match factor with
        | Factor.One -> v
        | Factor.Common inverse -> (v.matmul (inverse.transpose ())).matmul inverse
        | Factor.Each lower ->
            let half = lower.solveTriangular (v.unsqueeze 2, upper = false)
            (lower.solveTriangular (half, upper = false, transpose = true)).squeeze 2

    /// L⁻ᵀξ, of covariance G⁻¹ where ξ is standard normal.
    let colour (factor: Factor) (xi: Tensor) : Tensor =
        match factor with
        | Factor.One -> xi
        | Factor.Common inverse -> xi.matmul inverse
        | Factor.Each lower -> (lower.solveTriangular (xi.unsqueeze 2, upper = false, transpose = true)).squeeze 2

    /// G⁻¹v + k·L⁻ᵀξ: one backward substitution for both.
    let solveAndColour (factor: Factor) (v: Tensor) (k: float) (xi: Tensor) : Tensor =
        match factor with
        | Factor.One -> v + k * xi
        | Factor.Common inverse -> (v.matmul (inverse.transpose ()) + k * xi).matmul inverse
        | Factor.Each lower ->
            let half = lower.solveTriangular (v.unsqueeze 2, upper = false) + (k * xi).unsqueeze 2
            (lower.solveTriangular (half, upper = false, transpose = true)).squeeze 2

    /// G⁻¹, [chains, p, p] or [1, p, p].
    let inverse (factor: Factor) (like: Tensor) : Tensor =
        let p = like.shape[1]
        let identity = (dsharp.eye (p, dtype = like.dtype, device = like.device)).unsqueeze 0

        match factor with
        | Factor.One -> identity
        | Factor.Common inverse -> (inverse.transpose().matmul inverse).unsqueeze 0
        | Factor.Each lower ->
            let half = lower.solveTriangular (identity.expand [ lower.shape[0]; p; p ], upper = false)
            half.transpose(1, 2).bmm half

    /// ln det G, [chains] or [1].
    let logDeterminant (factor: Factor) (like: Tensor) : Tensor =
        match factor with
        | Factor.One -> dsharp.zeros ([ 1 ], dtype = like.dtype, device = like.device)
        | Factor.Common inverse -> (inverse.diagonal().log().sum() * -2.0).unsqueeze 0
        | Factor.Each lower -> (lower.diagonal(0, 1, 2).log().sum 1) * 2.0
