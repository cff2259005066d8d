namespace NoiseScale.Theory.GaussianProcess

open System
open DiffSharp

/// What may be added to the diagonal of a covariance that rounding has made indefinite; in units of the mean of its diagonal.
type JitterPolicy =
    {
        /// the first that is tried after 0
        First: float
        /// how many times more the next one is
        Factor: float
        /// the largest that may be used
        Largest: float
    }

    /// 1e-14, then ten times more each time, to 1e-8: far below what a covariance means, far above its rounding.
    static member Default = { First = 1e-14; Factor = 10.0; Largest = 1e-8 }

/// Why there is no Gaussian process.
[<RequireQualifiedAccess>]
type GaussianProcessError =
    /// a covariance of that size has no Cholesky factor, even with the largest jitter; its least eigenvalue where it was small enough to ask
    | NotPositiveDefinite of size: int * largestJitter: float * leastEigenvalue: float option
    /// a computed number is not finite
    | NotFinite of what: string

    /// The error and what would help, in a sentence.
    override this.ToString() =
        match this with
        | NotPositiveDefinite(size, jitter, least) ->
            let eigenvalue =
                match least with
                | Some value -> $", its least eigenvalue is {value}"
                | None -> ""

            $"the covariance of {size} values is not positive definite, even with {jitter} on its diagonal{eigenvalue}; a noise variance above 0 or fewer coinciding inputs would help"
        | NotFinite what -> $"{what} is not finite; smaller variances of the kernel would help"

/// <summary>The Cholesky factor of a covariance A, with what had to be added to its diagonal: LLᵀ = A + jitter·1.</summary>
type Factor =
    internal
        { L: Tensor
          Added: float
          Tried: int }

    /// L, [n, n], lower triangular.
    member this.Lower: Tensor = this.L
    /// What was added to the diagonal, in the covariance's units; 0 where nothing was needed.
    member this.Jitter: float = this.Added
    /// How many factorisations it took; 1 where nothing was needed.
    member this.Attempts: int = this.Tried
    /// ln det (A + jitter) = 2 Σ ln Lᵢᵢ.
    member this.LogDeterminant: float = dsharp.scope (fun () -> 2.0 * float ((this.L.diagonal ()).log().sum()))

    /// <summary>L⁻¹b.</summary>
    /// <param name="b">[n] or [n, k]</param>
    member this.Whiten(b: Tensor) : Tensor = this.L.solveTriangular b

    /// <summary>(A + jitter)⁻¹b.</summary>
    /// <param name="b">[n] or [n, k]</param>
    member this.Solve(b: Tensor) : Tensor = dsharp.scope (fun () -> this.L.solveTriangular (this.L.solveTriangular b, transpose = true))

/// Cholesky factors of covariances.
[<RequireQualifiedAccess>]
module Factor =

    let private tryCholesky (matrix: Tensor) =
        try
            Some(matrix.cholesky ())
        with :? TensorException as failure when failure.Message.Contains "positive-definite" ->
            None

    let private plus (jitter: float) (matrix: Tensor) =
        dsharp.scope (fun () -> matrix + dsharp.eye (matrix.shape[0], dtype = matrix.dtype, device = matrix.device) * jitter)

    let private leastEigenvalue (matrix: Tensor) =
        if matrix.shape[0] <= 1000 then
            Some(dsharp.scope (fun () -> float (fst (matrix.eigh ())).[0]))
        else
            None

    /// <summary>The factor of a covariance, with the least of a policy's jitters with which there is one, 0 first.</summary>
    /// <param name="policy">what may be added</param>
    /// <param name="covariance">[n, n], symmetric; its lower triangle is read</param>
    /// <returns>the factor with the jitter that was used, or why there is none</returns>
    /// <exception cref="T:System.ArgumentException">The matrix is not square, or the policy's numbers are out of range.</exception>
    let ofCovariance (policy: JitterPolicy) (covariance: Tensor) : Result<Factor, GaussianProcessError> =
        if covariance.dim <> 2 || covariance.shape[0] <> covariance.shape[1] then
            invalidArg (nameof covariance) $"a covariance is square, not {List.ofArray covariance.shape}"

        if not (policy.First > 0.0 && policy.Factor > 1.0 && policy.Largest >= 0.0) then
            invalidArg (nameof policy) $"jitters grow from a positive number, not {policy}"

        let size = dsharp.scope (fun () -> float ((covariance.diagonal ()).mean()))

        let rec attempt tried relative =
            if relative > policy.Largest * (1.0 + 1e-9) then
                Error(GaussianProcessError.NotPositiveDefinite(covariance.shape[0], policy.Largest * size, leastEigenvalue covariance))
            else
                let jitter = relative * size

                match tryCholesky (if jitter = 0.0 then covariance else plus jitter covariance) with
                | Some lower -> Ok { L = lower; Added = jitter; Tried = tried + 1 }
                | None -> attempt (tried + 1) (if relative = 0.0 then policy.First else relative * policy.Factor)

        if not (Double.IsFinite size) then
            Error(GaussianProcessError.NotFinite "the covariance")
        else
            attempt 0 0.0
