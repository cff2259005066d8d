namespace NoiseScale.Theory.Curvature

open System
open DiffSharp

/// <summary>A symmetric matrix A that is known by its products with vectors.</summary>
/// <remarks>It keeps the tensors it was made of: do not make one inside <c>dsharp.scope</c> and use it outside. Products release what they
/// compute on the way.</remarks>
[<Sealed>]
type SymmetricOperator
    internal
    (size: int, dtype: Dtype, device: Device, one: Tensor -> Tensor, many: (Tensor -> Tensor) option, matrix: (unit -> Tensor) option) =

    /// p, the number of rows and columns.
    member _.Size = size
    /// The element type of its products.
    member _.Dtype = dtype
    /// Where its products live.
    member _.Device = device

    /// <summary>A v.</summary>
    /// <param name="v">a vector [p], or k vectors as the columns of [p, k]</param>
    /// <returns>of the shape of v</returns>
    /// <exception cref="T:System.ArgumentException">v has another shape.</exception>
    member _.Apply(v: Tensor) : Tensor =
        match v.shape, many with
        | [| rows |], _ when rows = size -> dsharp.scope (fun () -> one v)
        | [| rows; _ |], Some many when rows = size -> dsharp.scope (fun () -> many v)
        | [| rows; columns |], None when rows = size && columns > 0 ->
            dsharp.scope (fun () -> dsharp.stack ([| for column in v.unstack 1 -> dsharp.scope (fun () -> one column) |], 1))
        | shape, _ -> invalidArg (nameof v) $"an operator on {size} numbers takes [{size}] or [{size}, k], not {List.ofArray shape}"

    /// <summary>A itself, [p, p]: p products, unless there is a shorter way; symmetric to the last bit.</summary>
    member this.ToMatrix() : Tensor =
        dsharp.scope (fun () ->
            let matrix =
                match matrix with
                | Some matrix -> matrix ()
                | None -> this.Apply(dsharp.eye (size, dtype = dtype, device = device))

            (matrix + matrix.transpose ()) * 0.5)

/// What keeps an operator from being a symmetric matrix.
[<RequireQualifiedAccess>]
type OperatorFault =
    /// two products with one vector differ by this much, relative to their size: the model or its data is random
    | NotDeterministic of difference: float
    /// |u·Av − v·Au| is this much, relative to |u||Av|
    | NotSymmetric of difference: float
    /// |A(u + v) − Au − Av| is this much, relative to |Au| + |Av|
    | NotLinear of difference: float
    /// a product is not finite
    | NotFinite

/// Symmetric operators, made and combined.
[<RequireQualifiedAccess>]
module SymmetricOperator =

    let private requireSize size =
        if size < 1 then
            invalidArg (nameof size) $"an operator is on at least one number, not {size}"

    /// <summary>The operator of a function that multiplies a vector.</summary>
    /// <param name="size">p</param>
    /// <param name="dtype">the element type of the products</param>
    /// <param name="device">where they live</param>
    /// <param name="apply">v [p] → A v [p], linear and symmetric</param>
    /// <exception cref="T:System.ArgumentException">p is below 1.</exception>
    let create (size: int) (dtype: Dtype) (device: Device) (apply: Tensor -> Tensor) : SymmetricOperator =
        requireSize size
        SymmetricOperator(size, dtype, device, apply, None, None)

    /// <summary>The operator of a function that multiplies one vector or the columns of [p, k] at once.</summary>
    /// <param name="size">p</param>
    /// <param name="dtype">the element type of the products</param>
    /// <param name="device">where they live</param>
    /// <param name="apply">v [p] or [p, k] → A v, of the same shape</param>
    /// <exception cref="T:System.ArgumentException">p is below 1.</exception>
    let createForBlocks (size: int) (dtype: Dtype) (device: Device) (apply: Tensor -> Tensor) : SymmetricOperator =
        requireSize size
        SymmetricOperator(size, dtype, device, apply, Some apply, None)

    /// <summary>The same operator with a shorter way to the matrix than p products.</summary>
    /// <param name="matrix">computes A [p, p]</param>
    /// <param name="operator">A</param>
    let withMatrix (matrix: unit -> Tensor) (operator: SymmetricOperator) : SymmetricOperator =
        let apply (v: Tensor) = operator.Apply v
        SymmetricOperator(operator.Size, operator.Dtype, operator.Device, apply, Some apply, Some matrix)

    /// <summary>The operator of a matrix; of one that is not symmetric, of its symmetric part ½(A + Aᵀ).</summary>
    /// <param name="matrix">A, [p, p]</param>
    /// <exception cref="T:System.ArgumentException">It is not square.</exception>
    let ofMatrix (matrix: Tensor) : SymmetricOperator =
        if matrix.dim <> 2 || matrix.shape[0] <> matrix.shape[1] then
            invalidArg (nameof matrix) $"a symmetric matrix is square, not {List.ofArray matrix.shape}"

        let symmetric = (matrix + matrix.transpose ()) * 0.5

        createForBlocks matrix.shape[0] matrix.dtype matrix.device (fun v -> symmetric.matmul v)
        |> withMatrix (fun () -> symmetric)

    /// <summary>The diagonal matrix of a vector.</summary>
    /// <param name="diagonal">[p]</param>
    /// <exception cref="T:System.ArgumentException">It is no vector.</exception>
    let diagonal (diagonal: Tensor) : SymmetricOperator =
        if diagonal.dim <> 1 then
            invalidArg (nameof diagonal) $"a diagonal is a vector, not {List.ofArray diagonal.shape}"

        let column = diagonal.unsqueeze 1

        createForBlocks diagonal.nelement diagonal.dtype diagonal.device (fun v -> if v.dim = 1 then diagonal * v else column * v)

    /// <summary>k·A.</summary>
    /// <param name="k">the factor</param>
    /// <param name="operator">A</param>
    let scale (k: float) (operator: SymmetricOperator) : SymmetricOperator =
        createForBlocks operator.Size operator.Dtype operator.Device (fun v -> operator.Apply v * k)
        |> withMatrix (fun () -> operator.ToMatrix() * k)

    /// <summary>A + B.</summary>
    /// <param name="a">A</param>
    /// <param name="b">B</param>
    /// <exception cref="T:System.ArgumentException">They are on different numbers of parameters.</exception>
    let sum (a: SymmetricOperator) (b: SymmetricOperator) : SymmetricOperator =
        if a.Size <> b.Size then
            invalidArg (nameof b) $"both operators are on as many numbers, not {a.Size} and {b.Size}"

        createForBlocks a.Size a.Dtype a.Device (fun v -> a.Apply v + b.Apply v)
        |> withMatrix (fun () -> a.ToMatrix() + b.ToMatrix())

    /// <summary>A + λ·1.</summary>
    /// <param name="lambda">λ, of any sign</param>
    /// <param name="operator">A</param>
    let shift (lambda: float) (operator: SymmetricOperator) : SymmetricOperator =
        createForBlocks operator.Size operator.Dtype operator.Device (fun v -> operator.Apply v + v * lambda)
        |> withMatrix (fun () ->
            operator.ToMatrix() + (dsharp.eye (operator.Size, dtype = operator.Dtype, device = operator.Device)) * lambda)

    /// <summary>RᵀAR, the matrix of the same quadratic form in other coordinates.</summary>
    /// <param name="right">v → R v, for [p] and [p, k]</param>
    /// <param name="left">v → Rᵀ v, likewise</param>
    /// <param name="operator">A</param>
    let congruent (right: Tensor -> Tensor) (left: Tensor -> Tensor) (operator: SymmetricOperator) : SymmetricOperator =
        createForBlocks operator.Size operator.Dtype operator.Device (fun v -> left (operator.Apply(right v)))
        // RᵀAR = Rᵀ(RᵀA)ᵀ
        |> withMatrix (fun () -> left ((left (operator.ToMatrix())).transpose()))

    /// <summary>Looks for faults with two random vectors: whether a product can be repeated, is finite, symmetric and linear.</summary>
    /// <param name="tolerance">relative differences up to this are rounding: 1e-8 suits Float64</param>
    /// <param name="seed">of the vectors</param>
    /// <param name="operator">what is looked at; four products</param>
    /// <returns>the first fault, as an error</returns>
    let check (tolerance: float) (seed: int64) (operator: SymmetricOperator) : Result<unit, OperatorFault> =
        dsharp.scope (fun () ->
            let generator = Generator(seed, Device.CPU)

            let draw () =
                dsharp.randn ([ operator.Size ], dtype = operator.Dtype, device = operator.Device, generator = generator)

            let u, v = draw (), draw ()
            let au, again, av, both = operator.Apply u, operator.Apply u, operator.Apply v, operator.Apply(u + v)
            let norm (t: Tensor) = sqrt (float ((t * t).sum()))
            let repeated = norm (au - again) / max (norm au) Double.Epsilon

            let crossed =
                abs (float (u.dot av) - float (v.dot au)) / max (norm u * norm av + norm v * norm au) Double.Epsilon

            let added = norm (both - au - av) / max (norm au + norm av) Double.Epsilon

            if not (Double.IsFinite(norm au) && Double.IsFinite(norm av)) then
                Error OperatorFault.NotFinite
            elif repeated > tolerance then
                Error(OperatorFault.NotDeterministic repeated)
            elif crossed > tolerance then
                Error(OperatorFault.NotSymmetric crossed)
            elif added > tolerance then
                Error(OperatorFault.NotLinear added)
            else
                Ok())
