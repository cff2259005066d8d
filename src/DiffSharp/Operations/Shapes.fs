namespace DiffSharp

open System
open TorchSharp

/// <summary>The same elements in other shapes, orders, types and places.</summary>
[<AutoOpen>]
module Shapes =

    /// Lengths for a view: one of them may be −1, for whatever is left.
    let private viewLengths operation (native: torch.Tensor) (shape: seq<int>) : int64[] =
        let shape = Array.ofSeq shape
        let unknown = shape |> Array.filter ((=) -1) |> Array.length

        if unknown > 1 || shape |> Array.exists (fun length -> length < -1) then
            Guard.refuse operation (Describe.tensor native) $"{Describe.dimensions shape} is no shape; at most one length may be −1"

        Array.map int64 shape

    let private lengths operation (values: seq<int>) (native: torch.Tensor) name least =
        let values = Array.ofSeq values

        if values |> Array.exists (fun value -> value < least) then
            Guard.refuse operation (Describe.tensor native) $"{name} {Describe.dimensions values}: none may be below {least}"

        Array.map int64 values

    let private asIndices operation (a: Tensor) (indices: Tensor) =
        if not indices.dtype.IsIntegral then
            Guard.refuse operation (Describe.tensors [| a.Native; indices.Native |]) "indices have to be integers"

        Tensor.Unary(operation, indices, (fun indices -> indices.to_type torch.ScalarType.Int64))

    type Tensor with

        /// <summary>The same elements in another shape.</summary>
        /// <param name="shape">The new lengths; one may be −1, for whatever is left.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        member a.view(shape: seq<int>) : Tensor =
            let shape = viewLengths "view" a.Native shape
            Tensor.UnaryView("view", a, (fun a -> a.reshape shape))

        /// <summary>The same elements as a vector.</summary>
        /// <param name="shape">The new lengths; one may be −1, for whatever is left.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        member a.view(shape: int) : Tensor = a.view [ shape ]

        /// <summary>The same elements in another shape.</summary>
        /// <param name="shape">The new lengths; one may be −1, for whatever is left.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        member a.reshape(shape: seq<int>) : Tensor =
            let shape = viewLengths "reshape" a.Native shape
            Tensor.UnaryView("reshape", a, (fun a -> a.reshape shape))

        /// <summary>The same elements in the shape of another tensor.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        member a.viewAs(b: Tensor) : Tensor = a.view b.shape

        /// <summary>The dimensions from start to end made one; a number becomes a vector.</summary>
        /// <param name="startDim">The first of them.</param>
        /// <param name="endDim">The last of them.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.flatten(?startDim: int, ?endDim: int) : Tensor =
            let first = dimension "flatten" a.Native (defaultArg startDim 0)
            let last = dimension "flatten" a.Native (defaultArg endDim -1)
            Tensor.UnaryView("flatten", a, (fun a -> a.flatten (first, last)))

        /// <summary>Dimensions of length 1 stretched, and new ones put in front, without copying.</summary>
        /// <param name="shape">The new lengths; −1 leaves one as it is.</param>
        /// <exception cref="T:DiffSharp.TensorException">A length other than 1 would change.</exception>
        member a.expand(shape: seq<int>) : Tensor =
            let shape = lengths "expand" shape a.Native "the lengths" -1
            Tensor.UnaryView("expand", a, (fun a -> a.expand (shape, false)))

        /// <summary>Dimensions of length 1 stretched to the shape of another tensor.</summary>
        /// <param name="b">The other tensor.</param>
        member a.expandAs(b: Tensor) : Tensor = a.expand b.shape

        /// <summary>Without its dimensions of length 1, or without the given one if that has length 1.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.squeeze(?dim: int) : Tensor =
            match dim with
            | None -> Tensor.UnaryView("squeeze", a, (fun a -> a.squeeze ()))
            | Some dim ->
                let dim = dimension "squeeze" a.Native dim
                Tensor.UnaryView("squeeze", a, (fun a -> a.squeeze (Nullable dim)))

        /// <summary>With a dimension of length 1 put in at the given place.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.unsqueeze(dim: int) : Tensor =
            let count = int a.Native.ndim + 1

            if dim < -count || dim >= count then
                Guard.refuse "unsqueeze" (Describe.tensor a.Native) $"there is no place {dim}; places run from {-count} to {count - 1}"

            Tensor.UnaryView("unsqueeze", a, (fun a -> a.unsqueeze (int64 dim)))

        /// <summary>The two dimensions exchanged.</summary>
        /// <param name="dim0">One.</param>
        /// <param name="dim1">One dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.transpose(dim0: int, dim1: int) : Tensor =
            let dim0, dim1 = dimension "transpose" a.Native dim0, dimension "transpose" a.Native dim1
            Tensor.UnaryView("transpose", a, (fun a -> a.transpose (dim0, dim1)))

        /// <summary>The matrix transposed.</summary>
        /// <exception cref="T:DiffSharp.TensorException">It is no matrix.</exception>
        member a.transpose() : Tensor =
            if a.dim <> 2 then
                Guard.refuse "transpose" (Describe.tensor a.Native) "only a matrix is transposed without saying which dimensions"

            a.transpose (0, 1)

        /// <summary>The dimensions in another order.</summary>
        /// <param name="permutation">The present dimension for each place.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no permutation of the dimensions.</exception>
        member a.permute(permutation: seq<int>) : Tensor =
            let order = permutation |> Seq.map (dimension "permute" a.Native) |> Array.ofSeq

            if Array.sort order <> Array.init a.dim int64 then
                Guard.refuse "permute" (Describe.tensor a.Native) $"{Describe.dimensions permutation} is no order of its dimensions"

            Tensor.UnaryView("permute", a, (fun a -> a.permute order))

        /// <summary>The given dimensions backwards.</summary>
        /// <param name="dims">The dimensions.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.flip(dims: seq<int>) : Tensor =
            let dims = dims |> Seq.map (dimension "flip" a.Native) |> Array.ofSeq
            Tensor.Unary("flip", a, (fun a -> a.flip dims))

        /// <summary>Shifted cyclically along a dimension.</summary>
        /// <param name="shift">By how many places.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.roll(shift: int, dim: int) : Tensor =
            let dim = dimension "roll" a.Native dim
            Tensor.Unary("roll", a, (fun a -> a.roll (int64 shift, Nullable dim)))

        /// <summary>Repeated along a dimension.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <param name="times">How often.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        member a.repeat(dim: int, times: int) : Tensor =
            let dim = int (dimension "repeat" a.Native dim)

            if times < 1 then
                Guard.refuse "repeat" (Describe.tensor a.Native) $"{times} times; it has to be 1 or more"

            let times = Array.init (max a.dim 1) (fun i -> if i = dim then int64 times else 1L)
            Tensor.Unary("repeat", a, (fun a -> a.repeat times))

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
            let native = (asIndices "gather" a indices).Native
            Tensor.Binary("gather", a, indices, (fun a _ -> a.gather (dim, native)))

        /// <summary>The parts along a dimension at the given indices.</summary>
        /// <param name="dim">The dimension that the indices are of.</param>
        /// <param name="indices">A vector of integers.</param>
        /// <exception cref="T:DiffSharp.TensorException">An index is outside the dimension.</exception>
        member a.indexSelect(dim: int, indices: Tensor) : Tensor =
            let dim = dimension "indexSelect" a.Native dim
            let native = (asIndices "indexSelect" a indices).Native
            Tensor.Binary("indexSelect", a, indices, (fun a _ -> a.index_select (dim, native)))

        /// <summary>A tensor of zeros of the given shape, with the elements of this one put at the indices along a dimension.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <param name="indices">Integers.</param>
        /// <param name="destinationShape">The shape of the result.</param>
        /// <exception cref="T:DiffSharp.TensorException">An index is outside the dimension.</exception>
        member a.scatter(dim: int, indices: Tensor, destinationShape: seq<int>) : Tensor =
            let dim = dimension "scatter" a.Native dim
            let shape = Create.lengths "scatter" destinationShape
            let native = (asIndices "scatter" a indices).Native

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

        /// <summary>A copy with elements of its own.</summary>
        member a.clone() : Tensor = Tensor.Unary("clone", a, (fun a -> a.clone ()))

        /// <summary>The same elements as a constant: derivatives stop here.</summary>
        member a.noDiff() : Tensor = Tensor.UnaryView("noDiff", a, (fun a -> a.detach ()))

        /// <summary>The same numbers as elements of another type.</summary>
        /// <param name="dtype">The element type.</param>
        member a.cast(dtype: Dtype) : Tensor =
            if a.dtype = dtype then
                a
            else
                Tensor.Unary("cast", a, (fun a -> a.to_type dtype.Torch))

        /// <summary>The same numbers as elements of another type, on another device, or both.</summary>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such device.</exception>
        member a.move(?dtype: Dtype, ?device: Device) : Tensor =
            let kind: Dtype = defaultArg dtype a.dtype
            let place: Device = defaultArg device a.device

            if kind = a.dtype && place = a.device then
                a
            else
                Tensor.Unary("move", a, (fun a -> a.``to`` (kind.Torch, place.Torch)))

    type dsharp with

        /// <summary>The same elements in another shape.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shape">The new lengths; one may be −1, for whatever is left.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        static member view(a: Tensor, shape: seq<int>) : Tensor = a.view (shape)

        /// <summary>The same elements in another shape, as a function of a: for pipelines.</summary>
        /// <param name="shape">The new lengths; one may be −1, for whatever is left.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        static member view(shape: seq<int>) : Tensor -> Tensor = fun a -> a.view (shape)

        /// <summary>The same elements as a vector.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shape">The new lengths; one may be −1, for whatever is left.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        static member view(a: Tensor, shape: int) : Tensor = a.view (shape)

        /// <summary>The same elements as a vector, as a function of a: for pipelines.</summary>
        /// <param name="shape">The new lengths; one may be −1, for whatever is left.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        static member view(shape: int) : Tensor -> Tensor = fun a -> a.view (shape)

        /// <summary>The same elements in another shape.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shape">The new lengths; one may be −1, for whatever is left.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        static member reshape(a: Tensor, shape: seq<int>) : Tensor = a.reshape (shape)

        /// <summary>The same elements in another shape, as a function of a: for pipelines.</summary>
        /// <param name="shape">The new lengths; one may be −1, for whatever is left.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        static member reshape(shape: seq<int>) : Tensor -> Tensor = fun a -> a.reshape (shape)

        /// <summary>The same elements in the shape of another tensor.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        static member viewAs(a: Tensor, b: Tensor) : Tensor = a.viewAs (b)

        /// <summary>The same elements in the shape of another tensor, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of elements differ.</exception>
        static member viewAs(b: Tensor) : Tensor -> Tensor = fun a -> a.viewAs (b)

        /// <summary>The dimensions from start to end made one; a number becomes a vector.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="startDim">The first of them.</param>
        /// <param name="endDim">The last of them.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member flatten(a: Tensor, ?startDim: int, ?endDim: int) : Tensor = a.flatten (?startDim = startDim, ?endDim = endDim)

        /// <summary>Dimensions of length 1 stretched, and new ones put in front, without copying.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shape">The new lengths; −1 leaves one as it is.</param>
        /// <exception cref="T:DiffSharp.TensorException">A length other than 1 would change.</exception>
        static member expand(a: Tensor, shape: seq<int>) : Tensor = a.expand (shape)

        /// <summary>Dimensions of length 1 stretched, and new ones put in front, without copying, as a function of a: for pipelines.</summary>
        /// <param name="shape">The new lengths; −1 leaves one as it is.</param>
        /// <exception cref="T:DiffSharp.TensorException">A length other than 1 would change.</exception>
        static member expand(shape: seq<int>) : Tensor -> Tensor = fun a -> a.expand (shape)

        /// <summary>Dimensions of length 1 stretched to the shape of another tensor.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        static member expandAs(a: Tensor, b: Tensor) : Tensor = a.expandAs (b)

        /// <summary>Dimensions of length 1 stretched to the shape of another tensor, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        static member expandAs(b: Tensor) : Tensor -> Tensor = fun a -> a.expandAs (b)

        /// <summary>Without its dimensions of length 1, or without the given one if that has length 1.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member squeeze(a: Tensor, ?dim: int) : Tensor = a.squeeze (?dim = dim)

        /// <summary>With a dimension of length 1 put in at the given place.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member unsqueeze(a: Tensor, dim: int) : Tensor = a.unsqueeze (dim)

        /// <summary>With a dimension of length 1 put in at the given place, as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member unsqueeze(dim: int) : Tensor -> Tensor = fun a -> a.unsqueeze (dim)

        /// <summary>The two dimensions exchanged.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim0">One.</param>
        /// <param name="dim1">One dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member transpose(a: Tensor, dim0: int, dim1: int) : Tensor = a.transpose (dim0, dim1)

        /// <summary>The two dimensions exchanged, as a function of a: for pipelines.</summary>
        /// <param name="dim0">One.</param>
        /// <param name="dim1">One dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member transpose(dim0: int, dim1: int) : Tensor -> Tensor = fun a -> a.transpose (dim0, dim1)

        /// <summary>The matrix transposed.</summary>
        /// <param name="a">The tensor.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no matrix.</exception>
        static member transpose(a: Tensor) : Tensor = a.transpose ()

        /// <summary>The dimensions in another order.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="permutation">The present dimension for each place.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no permutation of the dimensions.</exception>
        static member permute(a: Tensor, permutation: seq<int>) : Tensor = a.permute (permutation)

        /// <summary>The dimensions in another order, as a function of a: for pipelines.</summary>
        /// <param name="permutation">The present dimension for each place.</param>
        /// <exception cref="T:DiffSharp.TensorException">It is no permutation of the dimensions.</exception>
        static member permute(permutation: seq<int>) : Tensor -> Tensor = fun a -> a.permute (permutation)

        /// <summary>The given dimensions backwards.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dims">The dimensions.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member flip(a: Tensor, dims: seq<int>) : Tensor = a.flip (dims)

        /// <summary>The given dimensions backwards, as a function of a: for pipelines.</summary>
        /// <param name="dims">The dimensions.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member flip(dims: seq<int>) : Tensor -> Tensor = fun a -> a.flip (dims)

        /// <summary>Shifted cyclically along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="shift">By how many places.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member roll(a: Tensor, shift: int, dim: int) : Tensor = a.roll (shift, dim)

        /// <summary>Repeated along a dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <param name="times">How often.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member repeat(a: Tensor, dim: int, times: int) : Tensor = a.repeat (dim, times)

        /// <summary>Repeated along a dimension, as a function of a: for pipelines.</summary>
        /// <param name="dim">The dimension; negative ones count from the end.</param>
        /// <param name="times">How often.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such dimension.</exception>
        static member repeat(dim: int, times: int) : Tensor -> Tensor = fun a -> a.repeat (dim, times)

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

        /// <summary>A copy with elements of its own.</summary>
        /// <param name="a">The tensor.</param>
        static member clone(a: Tensor) : Tensor = a.clone ()

        /// <summary>The same elements as a constant: derivatives stop here.</summary>
        /// <param name="a">The tensor.</param>
        static member noDiff(a: Tensor) : Tensor = a.noDiff ()

        /// <summary>The same numbers as elements of another type.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dtype">The element type.</param>
        static member cast(a: Tensor, dtype: Dtype) : Tensor = a.cast (dtype)

        /// <summary>The same numbers as elements of another type, as a function of a: for pipelines.</summary>
        /// <param name="dtype">The element type.</param>
        static member cast(dtype: Dtype) : Tensor -> Tensor = fun a -> a.cast (dtype)

        /// <summary>The same numbers as elements of another type, on another device, or both.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such device.</exception>
        static member move(a: Tensor, ?dtype: Dtype, ?device: Device) : Tensor = a.move (?dtype = dtype, ?device = device)

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
