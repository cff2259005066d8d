/// Stationary covariances of linear recursions with noise, by linear algebra alone: what a sampler's chain on a quadratic cost must show.
module NoiseScale.Theory.Tests.Sampling.Lyapunov

open System
open MathNet.Numerics.LinearAlgebra

let private dense (a: float[,]) = Matrix<float>.Build.DenseOfArray a
let private identity n = Matrix<float>.Build.DenseIdentity n

let private largestModulus (a: Matrix<float>) = a.Evd().EigenValues |> Seq.map (fun z -> z.Magnitude) |> Seq.max

let private requireStable name (radius: float) =
    if not (radius < 1.0) then
        invalidArg name $"the recursion has a stationary law where its spectral radius is below 1, not {radius}"

/// S = A S Aᵀ + Q of w' = A w + noise of covariance Q, from (I − A⊗A) vec S = vec Q.
let stationary (a: float[,]) (q: float[,]) : float[,] =
    let a, q = dense a, dense q
    requireStable "a" (largestModulus a)
    let n = a.RowCount
    let system = identity (n * n) - a.KroneckerProduct a
    let solution = system.Solve(Vector<float>.Build.DenseOfArray(q.ToColumnMajorArray()))
    (Matrix<float>.Build.DenseOfColumnMajor(n, n, solution.AsArray())).ToArray()

/// The same as the sum Σ_k Aᵏ Q Aᵏᵀ, by doubling: S ← S + A S Aᵀ, A ← A². For larger matrices, and a check on the other.
let stationaryByDoubling (a: float[,]) (q: float[,]) : float[,] =
    let mutable power, sum = dense a, dense q
    requireStable "a" (largestModulus power)

    for _ in 1..64 do
        sum <- sum + power * sum * power.Transpose()
        power <- power * power

    sum.ToArray()

/// w' = w − P(H w + noise of covariance C): A = I − PH, Q = P C Pᵀ. P = (ε/N)G⁻¹ for a preconditioned step on a summed cost with Hessian H.
let preconditioned (p: float[,]) (hessian: float[,]) (noise: float[,]) : float[,] =
    let p = dense p
    let a = identity p.RowCount - p * dense hessian
    stationary (a.ToArray()) ((p * dense noise * p.Transpose()).ToArray())

/// Blocks [[A, B], [C, D]] as one matrix.
let blocks (a: float[,]) (b: float[,]) (c: float[,]) (d: float[,]) : float[,] =
    (Matrix<float>.Build.DenseOfMatrixArray(array2D [ [ dense a; dense b ]; [ dense c; dense d ] ])).ToArray()

/// A momentum chain v' = m v − ε(H w) + noise of covariance Q, w' = w + v': the covariance of (w, v), [2p, 2p].
let momentum (m: float) (step: float) (hessian: float[,]) (noise: float[,]) : float[,] =
    let h, q = dense hessian, dense noise
    let one = identity h.RowCount

    let transition =
        blocks ((one - step * h).ToArray()) ((m * one).ToArray()) ((-step * h).ToArray()) ((m * one).ToArray())

    stationary transition (blocks (q.ToArray()) (q.ToArray()) (q.ToArray()) (q.ToArray()))

/// The stationary mean and covariance of w' = A_k w + b_k, k drawn anew each time with equal chances, such as over all minibatches of a linear model:
/// vec E ww' = (I − E A⊗A)⁻¹ vec(E bb' + E A m b' + its transpose). The noise may depend on w, exactly.
let randomAffine (maps: (float[,] * float[]) list) : float[] * float[,] =
    let maps = maps |> List.map (fun (a, b) -> dense a, Vector<float>.Build.DenseOfArray b)
    let n = (fst maps.Head).RowCount

    let mean (f: Matrix<float> * Vector<float> -> Matrix<float>) : Matrix<float> =
        (maps |> List.map f |> List.reduce (+)) / float maps.Length

    let square = mean (fun (a, _) -> a.KroneckerProduct a)
    requireStable (nameof maps) (largestModulus square)
    let meanA = mean fst
    let meanB = (maps |> List.map snd |> List.reduce (+)) / float maps.Length
    let centre = (identity n - meanA).Solve meanB

    let source: Matrix<float> =
        mean (fun (a, b) ->
            let moved = a * centre
            b.OuterProduct b + moved.OuterProduct b + b.OuterProduct moved)

    let second =
        (identity (n * n) - square).Solve(Vector<float>.Build.DenseOfArray(source.ToColumnMajorArray()))

    let secondMoment = Matrix<float>.Build.DenseOfColumnMajor(n, n, second.AsArray())
    centre.ToArray(), (secondMoment - centre.OuterProduct centre).ToArray()
