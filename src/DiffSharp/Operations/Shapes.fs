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

        /// <summary>The same numbers on another device.</summary>
        /// <param name="device">Where it lives.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such device.</exception>
        member a.move(device: Device) : Tensor =
            if a.device = device then
                a
            else
                Tensor.Unary("move", a, (fun a -> a.``to`` device.Torch))

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

        /// <summary>The same numbers on another device.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="device">Where it lives.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such device.</exception>
        static member move(a: Tensor, device: Device) : Tensor = a.move (device)

        /// <summary>The same numbers as elements of another type, on another device, or both.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="dtype">The element type.</param>
        /// <param name="device">Where it lives.</param>
        /// <exception cref="T:DiffSharp.TensorException">There is no such device.</exception>
        static member move(a: Tensor, ?dtype: Dtype, ?device: Device) : Tensor = a.move (?dtype = dtype, ?device = device)
