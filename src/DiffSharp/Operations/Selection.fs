namespace DiffSharp

open System
open TorchSharp

/// <summary>Parts of tensors, and tensors of parts.</summary>
[<AutoOpen>]
module Selection =

    let private lengthOf (a: Tensor) (dim: int64) : int64 = if a.dim = 0 then 1L else a.Native.size (int dim)

    let private lengths operation (values: seq<int>) (native: torch.Tensor) name least =
        let values = Array.ofSeq values

        if values |> Array.exists (fun value -> value < least) then
            Guard.refuse operation (Describe.tensor native) $"{name} {Describe.dimensions values}: none may be below {least}"

        Array.map int64 values

    let private asIndices operation (a: Tensor) (length: int64) (indices: Tensor) =
        if not indices.dtype.IsIntegral then
            Guard.refuse operation (Describe.tensors [| a.Native; indices.Native |]) "indices have to be integers"

        // the processor's kernels check indices; a GPU's would end all use of the GPU
        if a.deviceType <> DiffSharp.DeviceType.CPU && indices.nelement > 0 then
            let outside = ((indices.lt (0: scalar)).any()) || ((indices.ge (length: scalar)).any())

            if outside then
                Guard.refuse operation (Describe.tensors [| a.Native; indices.Native |]) $"an index is outside [0, {length - 1L}]"

        Tensor.Unary(operation, indices, (fun indices -> indices.to_type torch.ScalarType.Int64))

    type Tensor with

        /// <summary>Cut along a dimension into parts of the given sizes.</summary>
        /// <param name="sizes">The parts' lengths.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">The sizes do not add up to the length.</exception>
        member a.split(sizes: seq<int>, ?dim: int) : Tensor[] =
            let sizes = lengths "split" sizes a.Native "sizes" 0
            let dim = dimension "split" a.Native (defaultArg dim 0)
            let native = a.Native

            Guard.run "split" (fun () -> $"{Describe.tensor native} into {Describe.dimensions sizes}") (fun () -> native.split (sizes, dim))
            |> Array.map Tensor.View

        /// <summary>Its parts along a dimension, which they lack.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.unstack(?dim: int) : Tensor[] =
            let dim = dimension "unstack" a.Native (defaultArg dim 0)
            let native = a.Native
            Guard.run "unstack" (fun () -> Describe.tensor native) (fun () -> native.unbind dim) |> Array.map Tensor.View

        /// <summary>Along a dimension, the elements at the given indices.</summary>
        /// <param name="dim">The dimension that the indices are of.</param>
        /// <param name="indices">Integers, in the shape of the result.</param>
        /// <exception cref="T:DiffSharp.TensorException">An index is outside the dimension.</exception>
        member a.gather(dim: int, indices: Tensor) : Tensor =
            let dim = dimension "gather" a.Native dim
            let native = (asIndices "gather" a (lengthOf a dim) indices).Native
            Tensor.Binary("gather", a, indices, (fun a _ -> a.gather (dim, native)))

        /// <summary>The parts along a dimension at the given indices.</summary>
        /// <param name="dim">The dimension that the indices are of.</param>
        /// <param name="indices">A vector of integers.</param>
        /// <exception cref="T:DiffSharp.TensorException">An index is outside the dimension.</exception>
        member a.indexSelect(dim: int, indices: Tensor) : Tensor =
            let dim = dimension "indexSelect" a.Native dim
            let native = (asIndices "indexSelect" a (lengthOf a dim) indices).Native
            Tensor.Binary("indexSelect", a, indices, (fun a _ -> a.index_select (dim, native)))

        /// <summary>A tensor of zeros of the given shape, with the elements of this one put at the indices along a dimension.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <param name="indices">Integers.</param>
        /// <param name="destinationShape">The shape of the result.</param>
        /// <exception cref="T:DiffSharp.TensorException">An index is outside the dimension.</exception>
        member a.scatter(dim: int, indices: Tensor, destinationShape: seq<int>) : Tensor =
            let dim = dimension "scatter" a.Native dim
            let shape = Create.lengths "scatter" destinationShape

            if shape.Length <> max a.dim 1 then
                Guard.refuse
                    "scatter"
                    (Describe.tensor a.Native)
                    $"the destination's shape is {Describe.dimensions shape}; it has to have as many dimensions"

            let native = (asIndices "scatter" a shape[int dim] indices).Native

            Tensor.Binary(
                "scatter",
                a,
                indices,
                (fun a _ ->
                    use zeros = torch.zeros (shape, Nullable a.dtype, a.device)
                    zeros.scatter (dim, native, a))
            )

        /// <summary>Zeros put around: as many before and after each dimension as the paddings say.</summary>
        /// <param name="paddings">One for each dimension.</param>
        member a.pad(paddings: seq<int>) : Tensor =
            let paddings = lengths "pad" paddings a.Native "paddings" 0

            if paddings.Length <> a.dim then
                Guard.refuse "pad" (Describe.tensor a.Native) $"{paddings.Length} paddings for {a.dim} dimensions"

            // libtorch takes pairs, the last dimension first
            let pairs = paddings |> Array.rev |> Array.collect (fun width -> [| width; width |])
            Tensor.Unary("pad", a, (fun a -> torch.nn.functional.pad (a, pairs, PaddingModes.Constant, 0.0)))

        /// <summary>The diagonals of two dimensions, as a new last dimension.</summary>
        /// <param name="offset">How far above the main diagonal.</param>
        /// <param name="dim1">One dimension.</param>
        /// <param name="dim2">The other dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.diagonal(?offset: int, ?dim1: int, ?dim2: int) : Tensor =
            let native = a.Native
            let dim1 = dimension "diagonal" native (defaultArg dim1 0)
            let dim2 = dimension "diagonal" native (defaultArg dim2 1)
            let offset = int64 (defaultArg offset 0)
            Tensor.UnaryView("diagonal", a, (fun a -> a.diagonal (offset, dim1, dim2)))

        /// <summary>The matrix with a vector on its diagonal, or the diagonal of a matrix.</summary>
        /// <param name="offset">How far above the main diagonal.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is neither a vector nor a matrix.</exception>
        member a.diag(?offset: int) : Tensor =
            let offset = int64 (defaultArg offset 0)
            Tensor.Unary("diag", a, (fun a -> a.diag offset))

        /// <summary>The lower triangle: zeros above the diagonal.</summary>
        /// <param name="diagonal">How far above the main diagonal it ends.</param>
        member a.tril(?diagonal: int) : Tensor =
            let offset = int64 (defaultArg diagonal 0)
            Tensor.Unary("tril", a, (fun a -> a.tril offset))

        /// <summary>The upper triangle: zeros below the diagonal.</summary>
        /// <param name="diagonal">How far above the main diagonal it ends.</param>
        member a.triu(?diagonal: int) : Tensor =
            let offset = int64 (defaultArg diagonal 0)
            Tensor.Unary("triu", a, (fun a -> a.triu offset))

    type dsharp with

        /// <summary>Cut along a dimension into parts of the given sizes.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="sizes">The parts' lengths.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">The sizes do not add up to the length.</exception>
        static member split(a: Tensor, sizes: seq<int>, ?dim: int) : Tensor[] = a.split (sizes, ?dim = dim)

        /// <summary>Its parts along a dimension, which they lack.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member unstack(a: Tensor, ?dim: int) : Tensor[] = a.unstack (?dim = dim)

        /// <summary>Along a dimension, the elements at the given indices.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that the indices are of.</param>
        /// <param name="indices">Integers, in the shape of the result.</param>
        /// <exception cref="T:DiffSharp.TensorException">An index is outside the dimension.</exception>
        static member gather(a: Tensor, dim: int, indices: Tensor) : Tensor = a.gather (dim, indices)

        /// <summary>Along a dimension, the elements at the given indices, as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension that the indices are of.</param>
        /// <param name="indices">Integers, in the shape of the result.</param>
        /// <exception cref="T:DiffSharp.TensorException">An index is outside the dimension.</exception>
        static member gather(dim: int, indices: Tensor) : Tensor -> Tensor = fun a -> a.gather (dim, indices)

        /// <summary>The parts along a dimension at the given indices.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension that the indices are of.</param>
        /// <param name="indices">A vector of integers.</param>
        /// <exception cref="T:DiffSharp.TensorException">An index is outside the dimension.</exception>
        static member indexSelect(a: Tensor, dim: int, indices: Tensor) : Tensor = a.indexSelect (dim, indices)

        /// <summary>A tensor of zeros of the given shape, with the elements of this one put at the indices along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <param name="indices">Integers.</param>
        /// <param name="destinationShape">The shape of the result.</param>
        /// <exception cref="T:DiffSharp.TensorException">An index is outside the dimension.</exception>
        static member scatter(a: Tensor, dim: int, indices: Tensor, destinationShape: seq<int>) : Tensor =
            a.scatter (dim, indices, destinationShape)

        /// <summary>Zeros put around: as many before and after each dimension as the paddings say.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="paddings">One for each dimension.</param>
        static member pad(a: Tensor, paddings: seq<int>) : Tensor = a.pad (paddings)

        /// <summary>Zeros put around: as many before and after each dimension as the paddings say, as a function of a: for pipelines.</summary>
        /// <param name="paddings">One for each dimension.</param>
        static member pad(paddings: seq<int>) : Tensor -> Tensor = fun a -> a.pad (paddings)

        /// <summary>The diagonals of two dimensions, as a new last dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="offset">How far above the main diagonal.</param>
        /// <param name="dim1">One dimension.</param>
        /// <param name="dim2">The other dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member diagonal(a: Tensor, ?offset: int, ?dim1: int, ?dim2: int) : Tensor =
            a.diagonal (?offset = offset, ?dim1 = dim1, ?dim2 = dim2)

        /// <summary>The matrix with a vector on its diagonal, or the diagonal of a matrix.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="offset">How far above the main diagonal.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is neither a vector nor a matrix.</exception>
        static member diag(a: Tensor, ?offset: int) : Tensor = a.diag (?offset = offset)

        /// <summary>The lower triangle: zeros above the diagonal.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="diagonal">How far above the main diagonal it ends.</param>
        static member tril(a: Tensor, ?diagonal: int) : Tensor = a.tril (?diagonal = diagonal)

        /// <summary>The upper triangle: zeros below the diagonal.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="diagonal">How far above the main diagonal it ends.</param>
        static member triu(a: Tensor, ?diagonal: int) : Tensor = a.triu (?diagonal = diagonal)

        /// <summary>Tensors of one shape put side by side along a new dimension.</summary>
        /// <param name="tensors">At least one.</param>
        /// <param name="dim">Where the new dimension is put in; the first place unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is none, their shapes differ, or there is no such place.</exception>
        static member stack(tensors: seq<Tensor>, ?dim: int) : Tensor =
            TorchRuntime.Ensure()
            let natives = tensors |> Seq.map _.Native |> Array.ofSeq
            let dim = int64 (defaultArg dim 0)

            Guard.run "stack" (fun () -> Describe.tensors natives) (fun () -> torch.stack (natives, dim)) |> Tensor.Own

        /// <summary>Tensors put one after another along a dimension.</summary>
        /// <param name="tensors">At least one; their shapes may differ in that dimension alone.</param>
        /// <param name="dim">The dimension; the first unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is none, other lengths differ, or there is no such dimension.</exception>
        static member cat(tensors: seq<Tensor>, ?dim: int) : Tensor =
            TorchRuntime.Ensure()
            let natives = tensors |> Seq.map _.Native |> Array.ofSeq
            let dim = int64 (defaultArg dim 0)

            Guard.run "cat" (fun () -> Describe.tensors natives) (fun () ->
                if natives.Length = 0 then
                    invalidArg (nameof tensors) "there is none; at least one is needed"

                torch.cat (natives, dim))
            |> Tensor.Own
