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
        /// how often the space was invariant before its size was reached, and a new direction was drawn
        Restarts: int
    }

/// An approximate eigenvalue with its vector.
type EigenPair =
    {
        /// θ
        Value: float
        /// y, [p], of norm 1
        Vector: Tensor
        /// ‖Ay − θy‖: an eigenvalue of A lies within this of θ
        Residual: float
    }

/// Which end of a spectrum.
[<RequireQualifiedAccess>]
type SpectrumEnd =
    /// the largest eigenvalues, largest first
    | Largest
    /// the smallest eigenvalues, smallest first
    | Smallest

/// <summary>Lanczos' method with full reorthogonalisation.</summary>
[<RequireQualifiedAccess>]
module Lanczos =

    let private norm (v: Tensor) = sqrt (float ((v * v).sum()))

    let private epsilon (dtype: Dtype) = if dtype = Dtype.Float64 then 2.2e-16 else 1.2e-7

    /// What is left of a vector outside the space of some orthonormal ones, the rows of a matrix. Twice: once leaves a rest of the order of rounding
    /// times the part taken away (Kahan's "twice is enough").
    let private orthogonal (basis: Tensor list) (v: Tensor) =
        match basis with
        | [] -> v
        | _ ->
            let q = dsharp.stack basis
            let once (v: Tensor) = v - q.transpose().matmul(q.matmul v)
            once (once v)

    /// Lengths up to this are what rounding leaves of a vector in an invariant space.
    let private breakdown (operator: SymmetricOperator) (scale: float) = 10.0 * sqrt (float operator.Size) * epsilon operator.Dtype * scale

    /// A process that can be continued: vectors, α and β so far.
    type private Process(operator: SymmetricOperator, start: Tensor, restart: Generator option) =
        let vectors = List<Tensor>()
        let alphas, betas = List<float>(), List<float>()
        let mutable next, residual, restarts, scale = Some start, 0.0, 0, 0.0

        member _.Count = vectors.Count
        member _.Residual = residual
        member _.Restarts = restarts
        /// Whether nothing is left to do: an invariant space, or all of it.
        member _.IsDone = next.IsNone

        member _.Tridiagonal =
            { Diagonal = alphas.ToArray()
              OffDiagonal = Seq.truncate (alphas.Count - 1) betas |> Seq.toArray }

        member _.Vectors = dsharp.stack (vectors, 1) // a column each

        member _.Step() =
            match next with
            | None -> ()
            | Some q ->
                vectors.Add q

                let following, alpha, beta =
                    dsharp.scope (fun () ->
                        let product = (operator.Apply q).cast q.dtype
                        let alpha = float (q.dot product)
                        let rest = orthogonal (List.ofSeq vectors) product
                        let beta = norm rest

                        if not (Double.IsFinite alpha && Double.IsFinite beta) then
                            invalidArg (nameof operator) $"its product number {vectors.Count} is not finite"

                        scale <- max scale (abs alpha + beta)

                        if vectors.Count = operator.Size then
                            None, alpha, 0.0
                        elif beta > breakdown operator scale then
                            Some(rest / beta), alpha, beta
                        else
                            let fresh =
                                restart
                                |> Option.map (fun generator ->
                                    let direction = orthogonal (List.ofSeq vectors) (Probes.normal generator operator)
                                    direction / norm direction)

                            fresh, alpha, 0.0)

                if beta = 0.0 && following.IsSome then
                    restarts <- restarts + 1

                alphas.Add alpha
                betas.Add beta
                residual <- beta
                next <- following

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
            let length = norm start

            if not (Double.IsFinite length && length > 0.0) then
                invalidArg (nameof start) $"a start has a length above 0, not {length}"

            let run = Process(operator, start / length, None)

            while run.Count < steps && not run.IsDone do
                run.Step()

            { Vectors = run.Vectors
              Tridiagonal = run.Tridiagonal
              Residual = run.Residual
              Restarts = 0 })

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
                        Array.map2 (fun length scale -> if length > breakdown operator scale then length else 0.0) lengths scales

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

    let private pairs (run: Process) (end': SpectrumEnd) count =
        let values, vectors = Tridiagonal.eigen run.Tridiagonal
        let k = values.Length

        let chosen =
            match end' with
            | SpectrumEnd.Largest -> [ for i in 0 .. (min count k) - 1 -> k - 1 - i ]
            | SpectrumEnd.Smallest -> [ 0 .. (min count k) - 1 ]

        let size = max (abs values[0]) (abs values[k - 1])
        size, [ for i in chosen -> values[i], Array.init k (fun row -> vectors[row, i]), abs (run.Residual * vectors[k - 1, i]) ]

    /// <summary>The outermost eigenvalues of one end with their vectors, by as many steps as their residuals take.</summary>
    /// <remarks>A start vector sees one direction of each eigenspace: where the space of steps becomes invariant a new direction is drawn, and finds
    /// the others; an eigenvalue that is repeated exactly may be reported once, with a smaller one after it, where it converges before that.</remarks>
    /// <param name="end'">which</param>
    /// <param name="count">how many, 1 … p</param>
    /// <param name="tolerance">residuals at most this, relative to the largest magnitude of the spectrum: 1e-8, say</param>
    /// <param name="mostSteps">products at most; residuals say how far it came</param>
    /// <param name="seed">of the start vector</param>
    /// <param name="operator">A</param>
    /// <exception cref="T:System.ArgumentException">The count is not in 1 … p or above the steps, or a product is not finite.</exception>
    let extremal
        (end': SpectrumEnd)
        (count: int)
        (tolerance: float)
        (mostSteps: int)
        (seed: int64)
        (operator: SymmetricOperator)
        : EigenPair list =
        if count < 1 || count > operator.Size then
            invalidArg (nameof count) $"there are 1 to {operator.Size} eigenvalues to ask for, not {count}"

        let most = requireSteps operator mostSteps

        if most < count then
            invalidArg (nameof mostSteps) $"{count} eigenvalues take as many steps at least, not {mostSteps}"

        dsharp.scope (fun () ->
            let generator = Generator(seed, Device.CPU)
            let start = Probes.normal generator operator
            let run = Process(operator, start / norm start, Some generator)

            let rec grow () =
                run.Step()

                // the eigenvalues of T cost more than a step: look now and then
                if run.Count >= most || run.IsDone || run.Count % 5 = 0 then
                    let size, found = pairs run end' count

                    // after a restart the coupling is 0 by construction and says nothing yet
                    let settled =
                        run.Count >= count
                        && run.Residual > 0.0
                        && found |> List.forall (fun (_, _, residual) -> residual <= tolerance * size)

                    if run.Count >= most || run.IsDone || settled then found else grow ()
                else
                    grow ()

            let found = grow ()
            let basis = run.Vectors

            [ for value, coordinates, residual in found ->
                  { Value = value
                    Vector = basis.matmul (dsharp.tensor (coordinates, dtype = operator.Dtype, device = operator.Device))
                    Residual = residual } ])
