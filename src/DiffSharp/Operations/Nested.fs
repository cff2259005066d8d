namespace DiffSharp

open System
open System.Collections
open System.Runtime.CompilerServices
open TorchSharp

/// Numbers in nested sequences, as tensors.
module internal Nested =

    [<Literal>]
    let private Operation = "dsharp.tensor"

    let private refuse problem = Guard.refuse Operation "" problem

    /// The element type that a .NET number has as a tensor's element; a float is whatever the default is.
    let private naturalDtype (element: Type) : Dtype =
        match Type.GetTypeCode element with
        | TypeCode.Double
        | TypeCode.Decimal -> Dtype.Default
        | TypeCode.Single -> Dtype.Float32
        | TypeCode.SByte -> Dtype.Int8
        | TypeCode.Byte -> Dtype.Byte
        | TypeCode.Int16 -> Dtype.Int16
        | TypeCode.UInt16
        | TypeCode.Int32 -> Dtype.Int32
        | TypeCode.UInt32
        | TypeCode.UInt64
        | TypeCode.Int64 -> Dtype.Int64
        | TypeCode.Boolean -> Dtype.Bool
        | _ -> refuse $"a {element.Name} is no number"

    /// The tensor on the processor, of the number's own precision, that holds what a flat array holds.
    let private ofFlat (values: Array) (shape: int64[]) : torch.Tensor =
        match values with
        | :? (float[]) as values -> torch.tensor (values, ReadOnlySpan shape, Nullable torch.ScalarType.Float64)
        | :? (float32[]) as values -> torch.tensor (values, ReadOnlySpan shape, Nullable torch.ScalarType.Float32)
        | :? (int[]) as values -> torch.tensor (values, ReadOnlySpan shape, Nullable torch.ScalarType.Int32)
        | :? (int64[]) as values -> torch.tensor (values, ReadOnlySpan shape, Nullable torch.ScalarType.Int64)
        | :? (bool[]) as values -> torch.tensor (values, ReadOnlySpan shape, Nullable torch.ScalarType.Bool)
        | :? (byte[]) as values when values.GetType() = typeof<byte[]> ->
            torch.tensor (values, ReadOnlySpan shape, Nullable torch.ScalarType.Byte)
        | values ->
            let convert: obj | null -> float =
                function
                | :? IConvertible as number -> Number.toFloat Operation number
                | null -> refuse "a null among the numbers"
                | other -> refuse $"a {other.GetType().Name} is no number"

            let whole (number: obj | null) =
                match number with
                | :? IConvertible as number -> Number.isWhole number
                | _ -> false

            if values.Length > 0 && whole (values.GetValue 0) && not (values.GetValue 0 :? bool) then
                let numbers =
                    [| for value in values -> Convert.ToInt64(value, Globalization.CultureInfo.InvariantCulture) |]

                torch.tensor (numbers, ReadOnlySpan shape, Nullable torch.ScalarType.Int64)
            else
                torch.tensor ([| for value in values -> convert value |], ReadOnlySpan shape, Nullable torch.ScalarType.Float64)

    let private flatten (values: Array) : Array =
        if values.Rank = 1 then
            values
        else
            match values.GetType().GetElementType() with
            | null -> refuse "an array without an element type"
            | element ->
                let flat = Array.CreateInstance(element, values.Length)
                let mutable next = 0

                for value in values do
                    flat.SetValue(value, next)
                    next <- next + 1

                flat

    /// Leaves in order and the shape they make; ragged nesting is refused by the place where it shows.
    let private collect (value: obj) : ResizeArray<obj> * int list =
        let leaves = ResizeArray<obj>()

        let rec shapeOf (place: string) (value: obj | null) : int list =
            match value with
            | null -> refuse $"there is a null at {place}"
            | :? string -> refuse $"there is a string at {place}"
            | :? Tensor as tensor ->
                leaves.Add tensor
                []
            | :? IEnumerable as items -> rows place (Seq.cast<obj | null> items)
            | :? ITuple as tuple -> rows place (seq { for i in 0 .. tuple.Length - 1 -> tuple[i] })
            | number ->
                leaves.Add number
                []

        and rows place items =
            let shapes = items |> Seq.mapi (fun i item -> shapeOf $"{place}[{i}]" item) |> Array.ofSeq

            match Array.tryHead shapes with
            | None -> [ 0 ]
            | Some first ->
                match Array.tryFindIndex ((<>) first) shapes with
                | None -> shapes.Length :: first
                | Some i ->
                    refuse
                        $"the nesting is ragged: {place}[0] has shape {Describe.dimensions first}, but {place}[{i}] {Describe.dimensions shapes[i]}"

        let shape = shapeOf "value" value
        leaves, shape

    let private typeOfAll (numbers: ResizeArray<obj>) =
        let types = numbers |> Seq.map _.GetType() |> Seq.distinct |> List.ofSeq

        match types with
        | [ one ] -> one
        | [] -> typeof<float>
        | several -> refuse $"""numbers of several types: {String.Join(", ", several |> List.map _.Name)}"""

    /// The native tensor for numbers nested in any way, on the processor, and the element type they ask for.
    let toNative (value: obj) : torch.Tensor * Dtype =
        match value with
        | :? Array as array when
            (match array.GetType().GetElementType() with
             | null -> false
             | element -> element.IsPrimitive)
            ->
            let shape = Array.init array.Rank (fun i -> int64 (array.GetLength i))
            let element = string (array.GetType().GetElementType()) |> Type.GetType

            let dtype =
                match element with
                | null -> Dtype.Default
                | element -> naturalDtype element

            ofFlat (flatten array) shape, dtype
        | :? IConvertible as number when not (value :? string) ->
            let one = Array.CreateInstance(number.GetType(), 1)
            one.SetValue(number, 0)
            ofFlat one [||], naturalDtype (number.GetType())
        | value ->
            let leaves, shape = collect value
            let shape = shape |> List.map int64 |> Array.ofList

            if leaves.Count > 0 && leaves |> Seq.forall (fun leaf -> leaf :? Tensor) then
                let tensors = leaves |> Seq.cast<Tensor> |> Array.ofSeq
                let natives = tensors |> Array.map _.Native
                let stacked = torch.stack (natives, 0L)
                GC.KeepAlive tensors
                stacked.reshape (Array.append shape stacked.shape[1..]), tensors[0].dtype
            else
                let element = typeOfAll leaves
                let flat = Array.CreateInstance(element, leaves.Count)

                for i in 0 .. leaves.Count - 1 do
                    flat.SetValue(leaves[i], i)

                ofFlat flat shape, naturalDtype element
