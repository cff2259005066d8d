namespace NoiseScale.Theory.Curvature

open System
open System.Collections.Generic
open DiffSharp

/// <summary>Orthonormal vectors Q with QᵀAQ = T tridiagonal: AQ = QT + residual·q e_kᵀ.</summary>
type LanczosBasis =
    {
        /// Q, [p, k]
        Vectors: Tensor
        /// T
        Tridiagonal: Tridiagonal
        /// |residual|: what couples the space of Q to the rest; 0 where the space is invariant
        Residual: float
    }

/// What all of Lanczos' processes need to know of vectors.
module internal Orthogonality =

    let norm (v: Tensor) = sqrt (float ((v * v).sum()))

    let private epsilon (dtype: Dtype) = if dtype = Dtype.Float64 then 2.2e-16 else 1.2e-7

    /// What is left of a vector outside the space of some orthonormal ones. Twice: once leaves a rest of the order of rounding times the part taken
    /// away (Kahan's "twice is enough").
    let rest (basis: Tensor seq) (v: Tensor) =
        if Seq.isEmpty basis then
            v
        else
            // one vector a row, so that each lies together
            let q = dsharp.stack basis
            let once (v: Tensor) = v - q.transpose().matmul(q.matmul v)
            once (once v)

    /// Lengths up to this are what rounding leaves of a vector in an invariant space.
    let breakdown (operator: SymmetricOperator) (scale: float) = 100.0 * sqrt (float operator.Size) * epsilon operator.Dtype * scale

/// Lanczos' process in the space orthogonal to some vectors, which can be continued: vectors, α and β so far. `size` is what is known of the largest
/// magnitude of the spectrum, 0 for nothing: in the null space of A all products are rounding, and that can be told only against it.
type internal LanczosProcess(operator: SymmetricOperator, start: Tensor, against: Tensor list, size: float) =
    let vectors = List<Tensor>()
    let alphas, betas = List<float>(), List<float>()
    let mutable next, residual, scale = Some start, 0.0, size

    member _.Count = vectors.Count
    /// What couples the space of the vectors to the rest.
    member _.Residual = residual
    /// Whether nothing is left to do: an invariant space, or all of it.
    member _.IsDone = next.IsNone

    member _.Tridiagonal =
        { Diagonal = alphas.ToArray()
          OffDiagonal = Seq.truncate (alphas.Count - 1) betas |> Seq.toArray }

    /// A column each.
    member _.Vectors = dsharp.stack (vectors, 1)

    member _.Step() =
        match next with
        | None -> ()
        | Some q ->
            vectors.Add q

            let following, alpha, beta =
                dsharp.scope (fun () ->
                    let product = (operator.Apply q).cast q.dtype
                    let alpha = float (q.dot product)
                    let rest = Orthogonality.rest (Seq.append against vectors) product
                    let beta = Orthogonality.norm rest

                    if not (Double.IsFinite alpha && Double.IsFinite beta) then
                        invalidArg (nameof operator) $"its product number {vectors.Count} is not finite"

                    scale <- max scale (abs alpha + beta)

                    if vectors.Count + against.Length < operator.Size && beta > Orthogonality.breakdown operator scale then
                        Some(rest / beta), alpha, beta
                    else
                        None, alpha, 0.0)

            alphas.Add alpha
            betas.Add beta
            residual <- beta
            next <- following

/// <summary>Lanczos' method with full reorthogonalisation.</summary>
[<RequireQualifiedAccess>]
module Lanczos =

    let private requireSteps (operator: SymmetricOperator) steps =
        if steps < 1 then
            invalidArg (nameof steps) $"there is at least one step, not {steps}"

        min steps operator.Size

    /// <summary>k steps from a start vector; fewer where the space becomes invariant first, and then T's quadrature is exact.</summary>
    /// <param name="steps">k, at least 1: a product each</param>
    /// <param name="start">[p], not 0; its length does not matter</param>
    /// <param name="operator">A</param>
    /// <exception cref="T:System.ArgumentException">There is no step, the start is 0 or of another length, or a product is not finite.</exception>
    let from (steps: int) (start: Tensor) (operator: SymmetricOperator) : LanczosBasis =
        let steps = requireSteps operator steps

        if start.shape <> [| operator.Size |] then
            invalidArg (nameof start) $"a start is a vector of {operator.Size}, not {List.ofArray start.shape}"

        dsharp.scope (fun () ->
            let length = Orthogonality.norm start

            if not (Double.IsFinite length && length > 0.0) then
                invalidArg (nameof start) $"a start has a length above 0, not {length}"

            let run = LanczosProcess(operator, start / length, [], 0.0)

            while run.Count < steps && not run.IsDone do
                run.Step()

            { Vectors = run.Vectors
              Tridiagonal = run.Tridiagonal
              Residual = run.Residual })

    /// <summary>Steps from many start vectors at once, each for itself: their products are one product with a block.</summary>
    /// <param name="steps">k, at least 1</param>
    /// <param name="starts">the columns of [p, m], none 0</param>
    /// <param name="operator">A</param>
    /// <returns>T of each; smaller than k where its space became invariant first</returns>
    /// <exception cref="T:System.ArgumentException">There is no step, a start is 0, they have another length, or a product is not finite.</exception>
    let fromEach (steps: int) (starts: Tensor) (operator: SymmetricOperator) : Tridiagonal[] =
        let steps = requireSteps operator steps

        if starts.dim <> 2 || starts.shape[0] <> operator.Size then
            invalidArg (nameof starts) $"starts are the columns of [{operator.Size}, m], not {List.ofArray starts.shape}"

        dsharp.scope (fun () ->
            let numbers (t: Tensor) = (t.cast Dtype.Float64).toArray1D<float>()
            // one vector a row, so that each lies together
            let rows = starts.transpose ()
            let lengths = numbers ((rows * rows).sum 1) |> Array.map sqrt
            let count = lengths.Length

            if lengths |> Array.exists (fun length -> not (Double.IsFinite length && length > 0.0)) then
                invalidArg (nameof starts) "every start has a length above 0"

            let divided (lengths: float[]) (rows: Tensor) =
                // an invariant space goes on as 0
                let factors = lengths |> Array.map (fun length -> if length > 0.0 then 1.0 / length else 0.0)
                rows * (dsharp.tensor (factors, dtype = operator.Dtype, device = operator.Device)).unsqueeze 1

            let alphas, betas = List<float[]>(), List<float[]>()
            let scales = Array.create count 0.0

            let step (basis: Tensor list) (q: Tensor) =
                dsharp.scope (fun () ->
                    let product = (operator.Apply(q.transpose ())).transpose()
                    let alpha = numbers ((q * product).sum 1)
                    let all = dsharp.stack (basis, 1)
                    let once (v: Tensor) = v - all.transpose(1, 2).bmm(all.bmm v)
                    let rest = (once (once (product.unsqueeze 2))).squeeze 2
                    let lengths = numbers ((rest * rest).sum 1) |> Array.map sqrt

                    if not (Array.forall2 (fun a b -> Double.IsFinite a && Double.IsFinite b) alpha lengths) then
                        invalidArg (nameof operator) $"its product number {basis.Length} is not finite"

                    for i in 0 .. count - 1 do
                        scales[i] <- max scales[i] (abs alpha[i] + lengths[i])

                    let beta =
                        Array.map2
                            (fun length scale -> if length > Orthogonality.breakdown operator scale then length else 0.0)
                            lengths
                            scales

                    divided beta rest, alpha, beta)

            let rec run (basis: Tensor list) (q: Tensor) =
                let basis = q :: basis
                let next, alpha, beta = step basis q
                alphas.Add alpha
                betas.Add beta

                if basis.Length < steps && beta |> Array.exists (fun b -> b > 0.0) then
                    run basis next

            run [] (divided lengths rows)

            Array.init count (fun i ->
                let ended = betas |> Seq.tryFindIndex (fun beta -> beta[i] = 0.0)
                let size = ended |> Option.map ((+) 1) |> Option.defaultValue alphas.Count

                { Diagonal = Array.init size (fun j -> alphas[j][i])
                  OffDiagonal = Array.init (size - 1) (fun j -> betas[j][i]) }))
