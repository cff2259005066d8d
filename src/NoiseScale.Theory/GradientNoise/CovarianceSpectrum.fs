namespace NoiseScale.Theory.GradientNoise

open System
open DiffSharp
open NoiseScale.Theory
open NoiseScale.Theory.Curvature

/// <summary>The largest eigenvalues of Σ = (1/(N−1))·Σ_i (g_i − G)(g_i − G)ᵀ, the covariance of single examples' gradients.</summary>
type CovarianceSpectrum =
    {
        /// the eigenvalues, largest first
        Eigenvalues: float[]
        /// bounds of their errors: a true eigenvalue lies as near as this
        Errors: float[]
        /// tr Σ, the sum of all eigenvalues
        Total: float
        /// N, examples; Σ has rank N − 1 or less
        Count: int
    }

    /// The share of tr Σ in the eigenvalues found.
    member this.Share = if this.Total = 0.0 then 1.0 else Array.sum this.Eigenvalues / this.Total

/// <summary>The spectrum of the gradients' covariance, from the N × N matrix of products of centred gradients over N − 1, which has the same eigenvalues but for
/// zeros.</summary>
[<RequireQualifiedAccess>]
module CovarianceSpectrum =

    let private require count n =
        if count < 1 || count > n then
            invalidArg (nameof count) $"there are 1 … {n} eigenvalues to ask for, not {count}"

    let private largest count seed (moments: GradientMoments) (gram: SymmetricOperator) =
        let found =
            gram
            |> SymmetricOperator.scale (1.0 / float (moments.Count - 1))
            |> Eigenpairs.outermost SpectrumEnd.Largest count 1e-9 (2 * moments.Count + 10 * count) seed

        // the matrix is positive semidefinite: what is below 0 is rounding
        { Eigenvalues = [| for pair in found -> max 0.0 pair.Value |]
          Errors = [| for pair in found -> pair.Residual |]
          Total = moments.TraceOfCovariance
          Count = moments.Count }

    /// <summary>From gradients that are all in memory.</summary>
    /// <param name="count">how many eigenvalues, 1 … N</param>
    /// <param name="seed">of the vectors that Lanczos' method starts from</param>
    /// <param name="gradients">g_i in the rows, [N, p]</param>
    /// <returns>the spectrum, or that N is below 2 or a gradient not finite</returns>
    /// <exception cref="T:System.ArgumentException">They are no matrix, or the count is out of range.</exception>
    let ofGradients (count: int) (seed: int64) (gradients: Tensor) : Result<CovarianceSpectrum, NoiseError> =
        FiniteSample.ofGradients gradients
        |> Result.map (fun moments ->
            require count moments.Count

            dsharp.scope (fun () -> PerExampleGram.ofGradients Centring.Mean gradients |> largest count seed moments))

    /// <summary>From a model and its examples, one backward pass and one round of products a step: in the memory of a chunk of examples.</summary>
    /// <param name="count">how many eigenvalues, 1 … N</param>
    /// <param name="seed">of the vectors that Lanczos' method starts from</param>
    /// <param name="chunkSize">how many examples at a time, at least 1</param>
    /// <param name="examples">the model and its N examples</param>
    /// <param name="w">the parameters</param>
    /// <returns>the spectrum, or that N is below 2 or a gradient not finite</returns>
    /// <exception cref="T:System.ArgumentException">The count or the chunk is out of range.</exception>
    let ofExamples
        (count: int)
        (seed: int64)
        (chunkSize: int)
        (examples: ExampleProblem)
        (w: Tensor[])
        : Result<CovarianceSpectrum, NoiseError> =
        PerExample.moments chunkSize examples w
        |> Result.map (fun moments ->
            require count moments.Count

            dsharp.scope (fun () ->
                PerExampleGram.ofProducts
                    Centring.Mean
                    moments.Count
                    w[0].dtype
                    w[0].device
                    (fun u -> PerExample.combination chunkSize u examples w)
                    (fun v -> PerExample.products chunkSize (Parameters.unflatten w v) examples w)
                |> largest count seed moments))
