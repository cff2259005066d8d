namespace DiffSharp

open System
open TorchSharp

/// <summary>A plain number beside a tensor: float, float32, an integer of any size or a boolean.</summary>
type scalar = IConvertible

/// Plain numbers as libtorch takes them. Whoever makes one owns it: a native scalar that nobody holds can be finalised while a kernel reads it.
module internal Number =

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
