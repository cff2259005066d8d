namespace DiffSharp

open System
open TorchSharp

/// <summary>A plain number beside a tensor: float, float32, an integer of any size or a boolean.</summary>
type scalar = IConvertible

/// Plain numbers as libtorch takes them. Whoever makes one owns it: a native scalar that nobody holds can be finalised while a kernel reads it.
/// TorchSharp's add, square, softplus, elu and vector_norm make theirs so: here they are called in other ways.
module internal Number =

    /// The 1 that libtorch's add multiplies its second argument by; lives as long as the process.
    let private one =
        lazy
            (TorchRuntime.Ensure()
             (1).ToScalar())

    let add (a: torch.Tensor) (b: torch.Tensor) : torch.Tensor = a.add (b, one.Value)

    let addNumber (a: torch.Tensor) (b: Scalar) : torch.Tensor = a.add (b, one.Value)

    /// Whether a number is an integer or a boolean, and so leaves the element type of an integer tensor alone.
    let isWhole (value: scalar) =
        match value.GetTypeCode() with
        | TypeCode.Single
        | TypeCode.Double
        | TypeCode.Decimal -> false
        | _ -> true

    let private invariant = Globalization.CultureInfo.InvariantCulture

    let toFloat operation (value: scalar) : float =
        match value with
        | :? float as number -> number
        | value ->
            match value.GetTypeCode() with
            | TypeCode.String
            | TypeCode.Char
            | TypeCode.DateTime
            | TypeCode.Object -> Guard.refuse operation "" $"a {value.GetType().Name} is no number"
            | _ -> value.ToDouble invariant

    let toScalar operation (value: scalar) : Scalar =
        match value with
        | :? float as number -> number.ToScalar()
        | :? float32 as number -> (float number).ToScalar()
        | :? int as number -> number.ToScalar()
        | :? int64 as number -> number.ToScalar()
        | :? bool as truth -> truth.ToScalar()
        | value ->
            let number = toFloat operation value

            if not (isWhole value) then number.ToScalar()
            elif abs number <= 9.2e18 then (value.ToInt64 invariant).ToScalar()
            else Guard.refuse operation "" $"{value} does not fit 64 bits"
