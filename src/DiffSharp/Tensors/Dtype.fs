namespace DiffSharp

open TorchSharp

/// <summary>The type of a tensor's elements.</summary>
[<RequireQualifiedAccess>]
type Dtype =
    /// <summary>16-bit floating point with the range of Float32: 8 bits of exponent, 7 of fraction.</summary>
    | BFloat16
    /// <summary>16-bit IEEE floating point.</summary>
    | Float16
    /// <summary>32-bit IEEE floating point.</summary>
    | Float32
    /// <summary>64-bit IEEE floating point.</summary>
    | Float64
    /// <summary>8-bit signed integers.</summary>
    | Int8
    /// <summary>8-bit unsigned integers.</summary>
    | Byte
    /// <summary>16-bit signed integers.</summary>
    | Int16
    /// <summary>32-bit signed integers.</summary>
    | Int32
    /// <summary>64-bit signed integers.</summary>
    | Int64
    /// <summary>Booleans.</summary>
    | Bool

    /// <summary>Whether elements are floating-point numbers, the only ones that have derivatives.</summary>
    member this.IsFloatingPoint =
        match this with
        | BFloat16
        | Float16
        | Float32
        | Float64 -> true
        | _ -> false

    /// <summary>Whether elements are integers; booleans are not.</summary>
    member this.IsIntegral =
        match this with
        | Int8
        | Byte
        | Int16
        | Int32
        | Int64 -> true
        | _ -> false

    /// <summary>The size of one element, in bytes.</summary>
    member this.Size =
        match this with
        | Int8
        | Byte
        | Bool -> 1
        | BFloat16
        | Float16
        | Int16 -> 2
        | Float32
        | Int32 -> 4
        | Float64
        | Int64 -> 8

    member internal this.Torch =
        match this with
        | BFloat16 -> torch.ScalarType.BFloat16
        | Float16 -> torch.ScalarType.Float16
        | Float32 -> torch.ScalarType.Float32
        | Float64 -> torch.ScalarType.Float64
        | Int8 -> torch.ScalarType.Int8
        | Byte -> torch.ScalarType.Byte
        | Int16 -> torch.ScalarType.Int16
        | Int32 -> torch.ScalarType.Int32
        | Int64 -> torch.ScalarType.Int64
        | Bool -> torch.ScalarType.Bool

    static member internal OfTorch(dtype: torch.ScalarType) =
        match dtype with
        | torch.ScalarType.BFloat16 -> BFloat16
        | torch.ScalarType.Float16 -> Float16
        | torch.ScalarType.Float32 -> Float32
        | torch.ScalarType.Float64 -> Float64
        | torch.ScalarType.Int8 -> Int8
        | torch.ScalarType.Byte -> Byte
        | torch.ScalarType.Int16 -> Int16
        | torch.ScalarType.Int32 -> Int32
        | torch.ScalarType.Int64 -> Int64
        | torch.ScalarType.Bool -> Bool
        | other -> invalidArg (nameof dtype) $"{other} elements are none of {nameof Dtype}'s; the tensor has to be converted first"

/// The default, apart from the union, which can hold no state.
type internal DtypeDefault private () =
    static let mutable current = Dtype.Float32

    static member Value
        with get () = current
        and set value = current <- value

/// <summary>What belongs to <see cref="T:DiffSharp.Dtype"/> but can change.</summary>
[<AutoOpen>]
module DtypeExtensions =
    type Dtype with

        /// <summary>The element type that creation uses unless told otherwise: Float32 at first, for the whole process.</summary>
        static member Default
            with get () = DtypeDefault.Value
            and set (value: Dtype) = DtypeDefault.Value <- value
