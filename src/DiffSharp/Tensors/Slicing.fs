namespace DiffSharp

open TorchSharp

/// <summary>Parts of tensors: t[i, j], t[1..3, *].</summary>
[<AutoOpen>]
module Slicing =

    /// The part of one dimension that an index, or two optional inclusive bounds, ask for.
    type private Part =
        | At of int
        | From of int option * int option

    let private refuse (native: torch.Tensor) problem = Guard.refuse "index" (Describe.tensor native) problem

    let private inside (native: torch.Tensor) dimension length index =
        let position = if index < 0 then index + length else index

        if position < 0 || position >= length then
            refuse native $"index {index} of dimension {dimension} is outside [{-length}, {length - 1}]"

        position

    let private cut (tensor: Tensor) (parts: Part[]) : Tensor =
        let native = tensor.Native
        let shape = tensor.shape

        if parts.Length > shape.Length then
            refuse native $"{parts.Length} indices for {shape.Length} dimensions"

        let take (result: torch.Tensor, dimension: int) (position: int) (part: Part) =
            let length = shape[position]

            match part with
            | At index -> result.select (int64 dimension, int64 (inside native position length index)), dimension
            | From(None, None) -> result, dimension + 1
            | From(low, high) ->
                let first, last = defaultArg low 0, defaultArg high (length - 1)

                if first < 0 || first > length || last >= length then
                    refuse native $"the range {first}..{last} leaves dimension {position}, whose last index is {length - 1}"

                // an upper bound below the lower one asks for nothing, as in F#'s arrays
                let count = max 0 (last - first + 1)
                result.narrow (int64 dimension, int64 first, int64 count), dimension + 1

        Guard.run "index" (fun () -> Describe.tensor native) (fun () ->
            let mutable state = native, 0

            for position in 0 .. parts.Length - 1 do
                let before = fst state
                state <- take state position parts[position]
                // nobody else holds a part on the way
                System.GC.KeepAlive before

            let result = fst state
            // all of it is the tensor itself
            if obj.ReferenceEquals(result, native) then tensor else Tensor.View result)

    type Tensor with

        /// <summary>The part at these indices, of the first dimensions; those left over stay. Negative ones count from the end.</summary>
        /// <param name="index">One index for each of the first dimensions.</param>
        /// <exception cref="T:DiffSharp.TensorException">There are more indices than dimensions, or one is outside its dimension.</exception>
        member this.Item
            with get ([<System.ParamArray>] index: int[]) = cut this (Array.map At index)

        /// <summary>The part at a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option) = cut this [| From(low0, high0) |]

        /// <summary>The part at an index, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, low1: int option, high1: int option) = cut this [| At index0; From(low1, high1) |]

        /// <summary>The part at a range, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option, index1: int) = cut this [| From(low0, high0); At index1 |]

        /// <summary>The part at a range, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option, low1: int option, high1: int option) =
            cut this [| From(low0, high0); From(low1, high1) |]

        /// <summary>The part at an index, an index, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, index1: int, low2: int option, high2: int option) =
            cut this [| At index0; At index1; From(low2, high2) |]

        /// <summary>The part at an index, a range, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, low1: int option, high1: int option, index2: int) =
            cut this [| At index0; From(low1, high1); At index2 |]

        /// <summary>The part at an index, a range, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, low1: int option, high1: int option, low2: int option, high2: int option) =
            cut this [| At index0; From(low1, high1); From(low2, high2) |]

        /// <summary>The part at a range, an index, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option, index1: int, index2: int) =
            cut this [| From(low0, high0); At index1; At index2 |]

        /// <summary>The part at a range, an index, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option, index1: int, low2: int option, high2: int option) =
            cut this [| From(low0, high0); At index1; From(low2, high2) |]

        /// <summary>The part at a range, a range, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option, low1: int option, high1: int option, index2: int) =
            cut this [| From(low0, high0); From(low1, high1); At index2 |]

        /// <summary>The part at a range, a range, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice
            (low0: int option, high0: int option, low1: int option, high1: int option, low2: int option, high2: int option)
            =
            cut this [| From(low0, high0); From(low1, high1); From(low2, high2) |]

        /// <summary>The part at an index, an index, an index, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, index1: int, index2: int, low3: int option, high3: int option) =
            cut this [| At index0; At index1; At index2; From(low3, high3) |]

        /// <summary>The part at an index, an index, a range, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, index1: int, low2: int option, high2: int option, index3: int) =
            cut this [| At index0; At index1; From(low2, high2); At index3 |]

        /// <summary>The part at an index, an index, a range, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, index1: int, low2: int option, high2: int option, low3: int option, high3: int option) =
            cut this [| At index0; At index1; From(low2, high2); From(low3, high3) |]

        /// <summary>The part at an index, a range, an index, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, low1: int option, high1: int option, index2: int, index3: int) =
            cut this [| At index0; From(low1, high1); At index2; At index3 |]

        /// <summary>The part at an index, a range, an index, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, low1: int option, high1: int option, index2: int, low3: int option, high3: int option) =
            cut this [| At index0; From(low1, high1); At index2; From(low3, high3) |]

        /// <summary>The part at an index, a range, a range, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(index0: int, low1: int option, high1: int option, low2: int option, high2: int option, index3: int) =
            cut this [| At index0; From(low1, high1); From(low2, high2); At index3 |]

        /// <summary>The part at an index, a range, a range, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice
            (index0: int, low1: int option, high1: int option, low2: int option, high2: int option, low3: int option, high3: int option)
            =
            cut this [| At index0; From(low1, high1); From(low2, high2); From(low3, high3) |]

        /// <summary>The part at a range, an index, an index, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option, index1: int, index2: int, index3: int) =
            cut this [| From(low0, high0); At index1; At index2; At index3 |]

        /// <summary>The part at a range, an index, an index, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option, index1: int, index2: int, low3: int option, high3: int option) =
            cut this [| From(low0, high0); At index1; At index2; From(low3, high3) |]

        /// <summary>The part at a range, an index, a range, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option, index1: int, low2: int option, high2: int option, index3: int) =
            cut this [| From(low0, high0); At index1; From(low2, high2); At index3 |]

        /// <summary>The part at a range, an index, a range, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice
            (low0: int option, high0: int option, index1: int, low2: int option, high2: int option, low3: int option, high3: int option)
            =
            cut this [| From(low0, high0); At index1; From(low2, high2); From(low3, high3) |]

        /// <summary>The part at a range, a range, an index, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice(low0: int option, high0: int option, low1: int option, high1: int option, index2: int, index3: int) =
            cut this [| From(low0, high0); From(low1, high1); At index2; At index3 |]

        /// <summary>The part at a range, a range, an index, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice
            (low0: int option, high0: int option, low1: int option, high1: int option, index2: int, low3: int option, high3: int option)
            =
            cut this [| From(low0, high0); From(low1, high1); At index2; From(low3, high3) |]

        /// <summary>The part at a range, a range, a range, an index; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice
            (low0: int option, high0: int option, low1: int option, high1: int option, low2: int option, high2: int option, index3: int)
            =
            cut this [| From(low0, high0); From(low1, high1); From(low2, high2); At index3 |]

        /// <summary>The part at a range, a range, a range, a range; bounds are inclusive.</summary>
        /// <exception cref="T:DiffSharp.TensorException">An index or a bound is outside its dimension.</exception>
        member this.GetSlice
            (
                low0: int option,
                high0: int option,
                low1: int option,
                high1: int option,
                low2: int option,
                high2: int option,
                low3: int option,
                high3: int option
            ) =
            cut this [| From(low0, high0); From(low1, high1); From(low2, high2); From(low3, high3) |]
