namespace NoiseScale.Theory.GaussianProcess

open System
open NoiseScale.Sources
open DiffSharp

/// <summary>Kernels at inputs: the covariance matrices of the function's values, as differentiable functions of the inputs and of the hyper-parameters.</summary>
[<Source(Paper.Cho2009, "Eq. 6")>]
[<RequireQualifiedAccess>]
module KernelMatrix =

    /// Two sets of inputs, [n, d] and [m, d], or twice the same.
    type private Inputs = { X: Tensor; Y: Tensor; Same: bool }

    let private rowNorms (x: Tensor) = (x * x).sum(1, keepDim = true)

    let private divided (x: Tensor) (scales: Tensor list) =
        match scales with
        | [ scale ] -> x / scale
        | many -> x / dsharp.stack many

    /// −r²/2 of all pairs as one product of matrices, [x, −½‖x‖², 1]·[y, 1, −½‖y‖²]; the mean is taken off first, so that little cancels.
    let private minusHalfSquares (scales: Tensor list) inputs =
        let centre = inputs.Y.noDiff().mean(0, keepDim = true)
        let x, y = divided (inputs.X - centre) scales, divided (inputs.Y - centre) scales
        let left = dsharp.cat ([ x; rowNorms x * -0.5; (rowNorms x).onesLike() ], 1)
        let right = dsharp.cat ([ y; (rowNorms y).onesLike(); rowNorms y * -0.5 ], 1)
        (left.matmul (right.transpose ())).clamp(high = 0.0)

    /// r² of all pairs by differences, an input at a time: without cancellation, for the kernel that has a cusp at r = 0.
    let private squaresByDifferences (scales: Tensor list) inputs =
        let x, y = divided inputs.X scales, divided inputs.Y scales

        let square i =
            let difference = x[*, i].unsqueeze 1 - y[*, i].unsqueeze 0
            difference * difference

        Seq.init x.shape[1] square |> Seq.reduce (+)

    /// √s where s > 0, and 0 with derivative 0 where s = 0.
    let private safeRoot (s: Tensor) =
        let positive = s.gt 0.0
        let inside = s.where (positive, s.onesLike ())
        inside.sqrt().where(positive, s.zerosLike ())

    let private matern smoothness scales inputs =
        match smoothness with
        | Smoothness.Half -> (-(safeRoot (squaresByDifferences scales inputs))).exp()
        | Smoothness.ThreeHalves ->
            let r = safeRoot (minusHalfSquares scales inputs * -6.0)
            (r + 1.0) * (-r).exp()
        | Smoothness.FiveHalves ->
            let squares = minusHalfSquares scales inputs * -10.0
            let r = safeRoot squares
            (r + 1.0 + squares / 3.0) * (-r).exp()

    /// J(c) = √(1 − c²) + (π − arccos c) c: E[relu u relu v] = √(E u² E v²) J(c)/2π for normal u, v of correlation c. (Cho and Saul 2009, Eq. 6)
    let private rectified (c: Tensor) =
        // at c = ±1 roots and arc cosines have no derivative, J has: there its tangent, exact to 1e-20
        let inside = (c.abs ()).lt(1.0 - 1e-14)
        let safe = c.where (inside, c.zerosLike ())
        let formula = (1.0 - safe * safe).sqrt() + (Math.PI - safe.acos ()) * safe
        formula.where (inside, c.clamp (low = 0.0) * Math.PI)

    let private arcCosine depth (weight: Tensor) (bias: Tensor) inputs =
        let width = float inputs.X.shape[1]
        let first (products: Tensor) = products * (weight / width) + bias

        let rec layer remaining (k: Tensor) (kx: Tensor) (ky: Tensor) =
            if remaining = 0 then
                k
            else
                let size = (kx * ky).sqrt()
                // without biases an input of zeros has no direction; its covariances are 0
                let some = size.gt 0.0
                let correlation = k / size.where (some, size.onesLike ())
                let next = size * rectified correlation * (weight / (2.0 * Math.PI)) + bias
                layer (remaining - 1) next (kx * (weight / 2.0) + bias) (ky * (weight / 2.0) + bias)

        layer depth (first (inputs.X.matmul (inputs.Y.transpose ()))) (first (rowNorms inputs.X)) (first ((rowNorms inputs.Y).transpose()))

    let private zero (x: Tensor) = dsharp.zeros ([], dtype = x.dtype, device = x.device)

    /// The matrix, and the hyper-parameters that are left for kernels further right.
    let rec private between kernel (parameters: Tensor list) (inputs: Inputs) : Tensor * Tensor list =
        let shape = [ inputs.X.shape[0]; inputs.Y.shape[0] ]

        match kernel, parameters with
        | Kernel.Constant _, v :: rest -> v.expand shape, rest
        | Kernel.White _, v :: rest ->
            let unit =
                if inputs.Same then
                    dsharp.eye (shape[0], dtype = v.dtype, device = v.device)
                else
                    dsharp.zeros (shape, dtype = v.dtype, device = v.device)

            unit * v, rest
        | Kernel.Linear _, v :: rest -> inputs.X.matmul (inputs.Y.transpose ()) * v, rest
        | Kernel.RadialBasis(_, scales), v :: rest ->
            let scales, rest = List.splitAt scales.Length rest
            (minusHalfSquares scales inputs).exp() * v, rest
        | Kernel.Matern(smoothness, _, scales), v :: rest ->
            let scales, rest = List.splitAt scales.Length rest
            matern smoothness scales inputs * v, rest
        | Kernel.ArcCosine(depth, _, 0.0), weight :: rest -> arcCosine depth weight (zero inputs.X) inputs, rest
        | Kernel.ArcCosine(depth, _, _), weight :: bias :: rest -> arcCosine depth weight bias inputs, rest
        | Kernel.Sum(a, b), _ ->
            let left, rest = between a parameters inputs
            let right, rest = between b rest inputs
            left + right, rest
        | Kernel.Product(a, b), _ ->
            let left, rest = between a parameters inputs
            let right, rest = between b rest inputs
            left * right, rest
        | _ -> invalidArg (nameof parameters) $"there are too few hyper-parameters for {kernel}"

    let rec private variances (x: Tensor) kernel : Tensor =
        let constant (v: float) = dsharp.full ([ x.shape[0] ], v, dtype = x.dtype, device = x.device)

        match kernel with
        | Kernel.Constant v
        | Kernel.White v
        | Kernel.RadialBasis(v, _)
        | Kernel.Matern(_, v, _) -> constant v
        | Kernel.Linear v -> (x * x).sum 1 * v
        | Kernel.ArcCosine(depth, weight, bias) ->
            let first = (x * x).sum 1 * (weight / float x.shape[1]) + bias
            Seq.init depth ignore |> Seq.fold (fun k () -> k * (weight / 2.0) + bias) first
        | Kernel.Sum(a, b) -> variances x a + variances x b
        | Kernel.Product(a, b) -> variances x a * variances x b

    let rec private requireScales (inputs: int) kernel =
        match kernel with
        | Kernel.RadialBasis(_, scales)
        | Kernel.Matern(_, _, scales) when scales.Length <> 1 && scales.Length <> inputs ->
            invalidArg "kernel" $"there is one length scale, or one for each of {inputs} inputs, not {scales.Length}"
        | Kernel.Sum(a, b)
        | Kernel.Product(a, b) ->
            requireScales inputs a
            requireScales inputs b
        | _ -> ()

    /// <summary>Inputs as kernels take them: Float64 [n, d], finite.</summary>
    /// <param name="name">what they are called in the message</param>
    /// <param name="x">[n, d]; a vector [n] is n inputs of one number</param>
    /// <exception cref="T:System.ArgumentException">They have other dimensions, or a number is not finite; says which.</exception>
    let internal inputsOf (name: string) (x: Tensor) : Tensor =
        let rows = if x.dim = 1 then x.unsqueeze 1 else x

        if rows.dim <> 2 || rows.shape[0] = 0 || rows.shape[1] = 0 then
            invalidArg name $"inputs are [n, d] with at least one of each, not {List.ofArray x.shape}"

        let rows = rows.cast Dtype.Float64

        if rows.hasnan () || rows.hasinf () then
            let bad = dsharp.scope (fun () -> ((rows - rows).ne(rows.zerosLike ())).cast(Dtype.Float64).argmax())
            invalidArg name $"number {bad[1]} of input {bad[0]} is not finite"

        rows

    let private values (kernel: Kernel) (x: Tensor) =
        Kernel.parameters kernel |> List.map (fun (_, value) -> dsharp.tensor (value, dtype = Dtype.Float64, device = x.device))

    let private pair kernel (x: Tensor) (y: Tensor) same =
        Kernel.check kernel
        requireScales x.shape[1] kernel

        if x.shape[1] <> y.shape[1] then
            invalidArg "y" $"both sets of inputs have as many numbers each: {x.shape[1]}, not {y.shape[1]}"

        { X = x; Y = y; Same = same }

    /// <summary>K(X, X), [n, n]. Differentiable in the inputs.</summary>
    /// <param name="kernel">k</param>
    /// <param name="x">[n, d], or [n] for d = 1</param>
    /// <exception cref="T:System.ArgumentException">A hyper-parameter is not positive, an input not finite, or their numbers do not fit.</exception>
    let gram (kernel: Kernel) (x: Tensor) : Tensor =
        let x = inputsOf (nameof x) x
        dsharp.scope (fun () -> between kernel (values kernel x) (pair kernel x x true) |> fst)

    /// <summary>K(X, Y), [n, m]; white noise of one set is not the other's. Differentiable in the inputs.</summary>
    /// <param name="kernel">k</param>
    /// <param name="x">[n, d], or [n] for d = 1</param>
    /// <param name="y">[m, d], or [m]</param>
    /// <exception cref="T:System.ArgumentException">A hyper-parameter is not positive, an input not finite, or their numbers do not fit.</exception>
    let cross (kernel: Kernel) (x: Tensor) (y: Tensor) : Tensor =
        let x, y = inputsOf (nameof x) x, inputsOf (nameof y) y
        dsharp.scope (fun () -> between kernel (values kernel x) (pair kernel x y false) |> fst)

    /// <summary>k(xᵢ, xᵢ) of every input, [n], without the matrix.</summary>
    /// <param name="kernel">k</param>
    /// <param name="x">[n, d], or [n] for d = 1</param>
    /// <exception cref="T:System.ArgumentException">A hyper-parameter is not positive, an input not finite, or their numbers do not fit.</exception>
    let diagonal (kernel: Kernel) (x: Tensor) : Tensor =
        let x = inputsOf (nameof x) x
        pair kernel x x true |> ignore
        dsharp.scope (fun () -> variances x kernel)

    /// <summary>K(X, X) as a differentiable function of the logarithms of the hyper-parameters.</summary>
    /// <param name="kernel">its form; the numbers in it do not matter</param>
    /// <param name="x">[n, d], or [n] for d = 1</param>
    /// <param name="logs">θ, [p]: ln of what <c>Kernel.parameters</c> lists, in its order</param>
    /// <exception cref="T:System.ArgumentException">θ has another length.</exception>
    let ofLogParameters (kernel: Kernel) (x: Tensor) (logs: Tensor) : Tensor =
        let x = inputsOf (nameof x) x
        let count = (Kernel.parameters kernel).Length

        if logs.dim <> 1 || logs.shape[0] <> count then
            invalidArg (nameof logs) $"{kernel} has {count} hyper-parameters, not {List.ofArray logs.shape}"

        let parameters = logs.exp ()
        between kernel [ for i in 0 .. count - 1 -> parameters[i] ] (pair kernel x x true) |> fst
