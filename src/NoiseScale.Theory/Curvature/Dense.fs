namespace NoiseScale.Theory.Curvature

open System
open DiffSharp

/// <summary>The Cholesky factor of a positive definite matrix A = LLᵀ, and what it is good for. (LAPACK's, of libtorch)</summary>
type DenseFactor =
    internal
        { Matrix: Tensor
          Lower: Tensor }

    /// L, [p, p].
    member this.Factor = this.Lower

    /// ln det A = 2 Σ ln L_ii.
    member this.LogDeterminant: float =
        dsharp.scope (fun () -> 2.0 * float ((this.Lower.diagonal ()).log().sum()))

    /// <summary>A⁻¹b.</summary>
    /// <param name="b">a vector [p], or the columns of [p, k]</param>
    member this.Solve(b: Tensor) : Tensor = this.Matrix.solve b

/// <summary>Small matrices, held whole.</summary>
[<RequireQualifiedAccess>]
module Dense =

    let private require (matrix: Tensor) =
        if matrix.dim <> 2 || matrix.shape[0] <> matrix.shape[1] || matrix.shape[0] = 0 then
            invalidArg (nameof matrix) $"a symmetric matrix is square and not empty, not {List.ofArray matrix.shape}"

        if matrix.hasnan () || matrix.hasinf () then
            invalidArg (nameof matrix) "an element is not finite"

        dsharp.scope (fun () ->
            let size, skew = float (matrix.abs().max()), float ((matrix - matrix.transpose ()).abs().max())

            if skew > 1e-6 * size then
                invalidArg (nameof matrix) $"elements on both sides of the diagonal differ by {skew}: the matrix is not symmetric")

    /// <summary>All eigenvalues, smallest first, and their vectors, one in each column.</summary>
    /// <param name="matrix">symmetric, [p, p]</param>
    /// <exception cref="T:System.ArgumentException">It is not square, not symmetric or not finite.</exception>
    let eigen (matrix: Tensor) : Tensor * Tensor =
        require matrix
        (matrix.cast Dtype.Float64).eigh()

    /// <summary>The factor of a matrix, or the least eigenvalue of one that has none.</summary>
    /// <param name="matrix">symmetric, [p, p]</param>
    /// <exception cref="T:System.ArgumentException">It is not square, not symmetric or not finite.</exception>
    let cholesky (matrix: Tensor) : Result<DenseFactor, NotPositiveDefinite> =
        require matrix

        try
            let lower = matrix.cholesky ()
            Ok { Matrix = matrix; Lower = lower }
        with :? TensorException ->
            let values, _ = eigen matrix
            let values = values.toArray1D<float>()

            Error
                { Least = values[0]
                  // at least the one that stopped the factorisation, which may be positive by no more than rounding
                  Count = max 1 (values |> Array.filter (fun value -> value <= 0.0) |> _.Length) }
