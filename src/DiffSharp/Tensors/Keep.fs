namespace DiffSharp

open System
open System.Collections
open System.Runtime.CompilerServices
open FSharp.Reflection

/// Saves the tensors in a result from the end of a frame.
module internal Keep =

    let private holdsItsItems (items: IEnumerable) =
        items :? ICollection
        || items.GetType().GetInterfaces()
           |> Array.exists (fun one ->
               one.IsGenericType && one.GetGenericTypeDefinition() = typedefof<System.Collections.Generic.IReadOnlyCollection<_>>)

    let rec private visit (frame: Frame) (value: obj | null) : unit =
        match value with
        | null -> ()
        | :? Tensor as tensor -> tensor.KeepFrom frame
        | :? string -> ()
        | :? IEnumerable as items when holdsItsItems items ->
            // arrays of numbers are long, and hold no tensor
            match items.GetType().GetElementType() with
            | null -> visitAll frame items
            | element when element.IsPrimitive -> ()
            | _ -> visitAll frame items
        | :? IEnumerable ->
            raise (
                ArgumentException(
                    $"{frame.Name}: a lazy sequence would be computed after its tensors have been released; return a list or an array"
                )
            )
        | :? ITuple as tuple ->
            for i in 0 .. tuple.Length - 1 do
                visit frame tuple[i]
        | value ->
            let kind = value.GetType()

            if kind.IsPrimitive then
                ()
            elif FSharpType.IsRecord(kind, true) then
                for field in FSharpValue.GetRecordFields(value, true) do
                    visit frame field
            elif FSharpType.IsUnion(kind, true) then
                for field in snd (FSharpValue.GetUnionFields(value, kind, true)) do
                    visit frame field

    and private visitAll frame items =
        for item in items do
            visit frame item

    /// A single tensor, an array or a tuple of them, a list, an option, a record: whatever holds its tensors itself.
    let from (frame: Frame) (result: 'a) : 'a =
        match box result with
        | :? Tensor as tensor -> tensor.KeepFrom frame
        | other -> visit frame other

        result
