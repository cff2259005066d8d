namespace NoiseScale.Theory.Curvature

open System
open DiffSharp

/// <summary>A symmetric tridiagonal matrix T: what k steps of Lanczos leave of an operator, and a Gauss quadrature of its spectrum as a start
/// vector sees it.</summary>
type Tridiagonal =
    {
        /// α, [k]
        Diagonal: float[]
        /// β, [k − 1], not negative
        OffDiagonal: float[]
    }

/// <summary>A sum Σ ωⱼ f(θⱼ) for an integral of f.</summary>
type Quadrature =
    {
        /// θⱼ, smallest first
        Nodes: float[]
        /// ωⱼ, not negative; their sum is 1
        Weights: float[]
    }

    /// <summary>Σ ωⱼ f(θⱼ).</summary>
    /// <param name="f">the integrand</param>
    member this.Integrate(f: float -> float) : float =
        Array.fold2 (fun sum node weight -> sum + weight * f node) 0.0 this.Nodes this.Weights

/// Eigenvalues and quadratures of tridiagonal matrices.
[<RequireQualifiedAccess>]
module Tridiagonal =

    let private matrix (t: Tridiagonal) =
        let k = t.Diagonal.Length

        Array2D.init k k (fun i j ->
            if i = j then t.Diagonal[i]
            elif abs (i - j) = 1 then t.OffDiagonal[min i j]
            else 0.0)

    /// <summary>Eigenvalues, smallest first, and eigenvectors, one in each column.</summary>
    /// <param name="t">T, [k, k]</param>
    let eigen (t: Tridiagonal) : float[] * float[,] =
        if t.Diagonal.Length = 0 || t.OffDiagonal.Length <> t.Diagonal.Length - 1 then
            invalidArg (nameof t) $"k diagonal elements have k − 1 beside them, not {t.Diagonal.Length} and {t.OffDiagonal.Length}"

        dsharp.scope (fun () ->
            let values, vectors = (dsharp.tensor (matrix t, dtype = Dtype.Float64, device = Device.CPU)).eigh()
            values.toArray1D<float>(), vectors.toArray2D<float>())

    /// <summary>The leading part of a matrix: what fewer steps would have left.</summary>
    /// <param name="k">its size, at least 1; all of T if T is smaller</param>
    /// <param name="t">T</param>
    let leading (k: int) (t: Tridiagonal) : Tridiagonal =
        let k = max 1 (min k t.Diagonal.Length)

        { Diagonal = Array.truncate k t.Diagonal
          OffDiagonal = Array.truncate (k - 1) t.OffDiagonal }

    /// <summary>The Gauss quadrature of k nodes, exact for polynomials of degree 2k − 1: nodes are T's eigenvalues, weights the squares of their
    /// eigenvectors' first components. (Golub and Welsch 1969)</summary>
    /// <param name="t">T</param>
    let gauss (t: Tridiagonal) : Quadrature =
        let values, vectors = eigen t

        { Nodes = values
          Weights = Array.init values.Length (fun j -> vectors[0, j] * vectors[0, j]) }

    /// <summary>The Gauss–Radau quadrature with one node fixed at or below the spectrum, exact for polynomials of degree 2k − 2: the last diagonal
    /// element becomes node + δ_last, where (T′ − node)δ = β²e_last for the matrix T′ without its last row. (Golub 1973)</summary>
    /// <param name="node">a number below every eigenvalue of T′</param>
    /// <param name="t">T</param>
    let radau (node: float) (t: Tridiagonal) : Quadrature =
        let k = t.Diagonal.Length

        if k = 1 then
            { Nodes = [| node |]; Weights = [| 1.0 |] }
        else
            // elimination from the top: pivots of T′ − node, all positive where the node is below its spectrum
            let mutable pivot = t.Diagonal[0] - node

            for i in 1 .. k - 2 do
                pivot <- t.Diagonal[i] - node - t.OffDiagonal[i - 1] * t.OffDiagonal[i - 1] / pivot

            let last = node + t.OffDiagonal[k - 2] * t.OffDiagonal[k - 2] / pivot

            gauss
                { t with
                    Diagonal = Array.init k (fun i -> if i = k - 1 then last else t.Diagonal[i]) }
