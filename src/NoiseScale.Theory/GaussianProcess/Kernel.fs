namespace NoiseScale.Theory.GaussianProcess

open System
open System.Globalization
open NoiseScale.Sources

/// How smooth a Matérn process is: ν = p + ½, p times differentiable in the mean square.
[<RequireQualifiedAccess>]
type Smoothness =
    /// ν = 1/2: continuous, nowhere differentiable (Ornstein and Uhlenbeck's process)
    | Half
    /// ν = 3/2: once differentiable
    | ThreeHalves
    /// ν = 5/2: twice differentiable
    | FiveHalves

/// <summary>The covariance k(x, x′) of a Gaussian process of mean 0. Variances are in squared units of the function, length scales in units of the inputs.</summary>
/// <remarks>r² = Σᵢ (xᵢ − x′ᵢ)²/ℓᵢ², with one ℓ for all inputs or one each. Kernels add and multiply with + and *. Every case is positive semi-definite.</remarks>
[<RequireQualifiedAccess>]
type Kernel =
    /// v: one number, the same everywhere, is uncertain
    | Constant of variance: float
    /// v where both are the same point of one set of inputs, else 0: never between two sets
    | White of variance: float
    /// v x·x′: linear functions through the origin
    | Linear of variance: float
    /// v e^(−r²/2), smooth
    | RadialBasis of variance: float * lengthScales: float list
    /// v e^(−r), v (1 + √3r) e^(−√3r), v (1 + √5r + 5r²/3) e^(−√5r)
    | Matern of smoothness: Smoothness * variance: float * lengthScales: float list
    /// an infinitely wide network of that many hidden layers of rectifiers, its weights N(0, σ_w²/fan-in) and biases N(0, σ_b²): the NNGP (Cho and Saul 2009; Lee et al. 2018)
    | [<Source(Paper.Cho2009)>] ArcCosine of depth: int * weightVariance: float * biasVariance: float
    /// k₁ + k₂
    | Sum of Kernel * Kernel
    /// k₁ k₂
    | Product of Kernel * Kernel

    /// <summary>k₁ + k₂: the sum of two independent processes.</summary>
    static member (+)(a: Kernel, b: Kernel) : Kernel = Sum(a, b)

    /// <summary>k₁ k₂.</summary>
    static member (*)(a: Kernel, b: Kernel) : Kernel = Product(a, b)

    /// The formula, with its numbers.
    override this.ToString() =
        let number (value: float) = value.ToString("g5", CultureInfo.InvariantCulture)
        let numbers values = values |> List.map number |> String.concat ", "

        match this with
        | Constant v -> number v
        | White v -> $"{number v}·white"
        | Linear v -> $"{number v}·x·x′"
        | RadialBasis(v, scales) -> $"{number v}·RBF(ℓ = {numbers scales})"
        | Matern(smoothness, v, scales) ->
            let order =
                match smoothness with
                | Smoothness.Half -> "1/2"
                | Smoothness.ThreeHalves -> "3/2"
                | Smoothness.FiveHalves -> "5/2"

            $"{number v}·Matérn {order}(ℓ = {numbers scales})"
        | ArcCosine(depth, weight, bias) ->
            $"""NNGP({depth} hidden layer{(if depth = 1 then "" else "s")}, σw² = {number weight}, σb² = {number bias})"""
        | Sum(a, b) -> $"{a} + {b}"
        | Product(a, b) ->
            let factor (kernel: Kernel) =
                match kernel with
                | Sum _ -> $"({kernel})"
                | _ -> $"{kernel}"

            $"{factor a} × {factor b}"

/// Hyper-parameters of kernels as a list, in the order in which they stand in the formula.
[<RequireQualifiedAccess>]
module Kernel =

    let private requirePositive name (value: float) =
        if not (Double.IsFinite value && value > 0.0) then
            invalidArg "kernel" $"{name} is positive and finite, not {value}"

    let private scaleNames scales =
        match scales with
        | [ _ ] -> [ "lengthScale" ]
        | many -> many |> List.mapi (fun i _ -> $"lengthScale[{i}]")

    /// <summary>The hyper-parameters with their names; those of a sum's or product's parts begin with left. and right. . A bias variance of 0 stays 0, and is none.</summary>
    /// <param name="kernel">the kernel</param>
    let rec parameters (kernel: Kernel) : (string * float) list =
        match kernel with
        | Kernel.Constant v
        | Kernel.White v
        | Kernel.Linear v -> [ "variance", v ]
        | Kernel.RadialBasis(v, scales)
        | Kernel.Matern(_, v, scales) -> ("variance", v) :: List.zip (scaleNames scales) scales
        | Kernel.ArcCosine(_, weight, 0.0) -> [ "weightVariance", weight ]
        | Kernel.ArcCosine(_, weight, bias) -> [ "weightVariance", weight; "biasVariance", bias ]
        | Kernel.Sum(a, b)
        | Kernel.Product(a, b) ->
            [ for name, value in parameters a -> $"left.{name}", value ]
            @ [ for name, value in parameters b -> $"right.{name}", value ]

    let rec private rebuild (kernel: Kernel) (values: float list) : Kernel * float list =
        match kernel, values with
        | Kernel.Constant _, v :: rest -> Kernel.Constant v, rest
        | Kernel.White _, v :: rest -> Kernel.White v, rest
        | Kernel.Linear _, v :: rest -> Kernel.Linear v, rest
        | Kernel.RadialBasis(_, scales), v :: rest ->
            let scales, rest = List.splitAt scales.Length rest
            Kernel.RadialBasis(v, scales), rest
        | Kernel.Matern(smoothness, _, scales), v :: rest ->
            let scales, rest = List.splitAt scales.Length rest
            Kernel.Matern(smoothness, v, scales), rest
        | Kernel.ArcCosine(depth, _, 0.0), w :: rest -> Kernel.ArcCosine(depth, w, 0.0), rest
        | Kernel.ArcCosine(depth, _, _), w :: b :: rest -> Kernel.ArcCosine(depth, w, b), rest
        | Kernel.Sum(a, b), _ ->
            let a, rest = rebuild a values
            let b, rest = rebuild b rest
            Kernel.Sum(a, b), rest
        | Kernel.Product(a, b), _ ->
            let a, rest = rebuild a values
            let b, rest = rebuild b rest
            Kernel.Product(a, b), rest
        | _ -> invalidArg (nameof values) $"there are too few hyper-parameters for {kernel}"

    /// <summary>Refuses a kernel with a hyper-parameter that is not positive and finite, or a depth below 0.</summary>
    /// <param name="kernel">the kernel</param>
    /// <exception cref="T:System.ArgumentException">Names the hyper-parameter and its value.</exception>
    let rec check (kernel: Kernel) : unit =
        match kernel with
        | Kernel.ArcCosine(depth, weight, bias) ->
            if depth < 0 then
                invalidArg "kernel" $"a network's depth is at least 0 hidden layers, not {depth}"

            requirePositive "weightVariance" weight

            if not (Double.IsFinite bias && bias >= 0.0) then
                invalidArg "kernel" $"biasVariance is finite and not negative, not {bias}"
        | Kernel.RadialBasis(_, [])
        | Kernel.Matern(_, _, []) -> invalidArg "kernel" "there is one length scale, or one an input"
        | Kernel.Sum(a, b)
        | Kernel.Product(a, b) ->
            check a
            check b
        | simple ->
            for name, value in parameters simple do
                requirePositive name value

    /// <summary>The kernel with other hyper-parameters.</summary>
    /// <param name="values">as many as <c>parameters</c> gives, in its order, positive</param>
    /// <param name="kernel">the kernel</param>
    /// <exception cref="T:System.ArgumentException">There are more or fewer of them, or one is not positive and finite.</exception>
    let withParameters (values: float list) (kernel: Kernel) : Kernel =
        let count = (parameters kernel).Length

        if values.Length <> count then
            invalidArg (nameof values) $"{kernel} has {count} hyper-parameters, not {values.Length}"

        let rebuilt, _ = rebuild kernel values
        check rebuilt
        rebuilt

    /// <summary>T·k: the process multiplied by √T. In the kernel's own variances where it has them, else as a product with a constant.</summary>
    /// <param name="factor">T, positive</param>
    /// <param name="kernel">k</param>
    /// <exception cref="T:System.ArgumentException">The factor is not positive and finite.</exception>
    let rec scale (factor: float) (kernel: Kernel) : Kernel =
        if not (Double.IsFinite factor && factor > 0.0) then
            invalidArg (nameof factor) $"a factor of a covariance is positive and finite, not {factor}"

        match kernel with
        | _ when factor = 1.0 -> kernel
        | Kernel.Constant v -> Kernel.Constant(factor * v)
        | Kernel.White v -> Kernel.White(factor * v)
        | Kernel.Linear v -> Kernel.Linear(factor * v)
        | Kernel.RadialBasis(v, scales) -> Kernel.RadialBasis(factor * v, scales)
        | Kernel.Matern(smoothness, v, scales) -> Kernel.Matern(smoothness, factor * v, scales)
        | Kernel.Sum(a, b) -> Kernel.Sum(scale factor a, scale factor b)
        | Kernel.Product(a, b) -> Kernel.Product(scale factor a, b)
        // its layers multiply: no variance of one of them is the covariance's
        | Kernel.ArcCosine _ -> Kernel.Product(Kernel.Constant factor, kernel)
