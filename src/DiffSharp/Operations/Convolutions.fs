namespace DiffSharp

open System
open TorchSharp

/// <summary>Convolution, of inputs whose dimensions are examples, channels and one, two or three of space.</summary>
[<AutoOpen>]
module Convolutions =

    /// One number for all dimensions, or one for each.
    let internal each operation name (count: int) (one: int option) (many: seq<int> option) (otherwise: int64) least : int64[] =
        let values =
            match one, many with
            | Some _, Some _ -> Guard.refuse operation "" $"the {name} is given twice"
            | Some one, None -> Array.create count (int64 one)
            | None, Some many -> many |> Seq.map int64 |> Array.ofSeq
            | None, None -> Array.create count otherwise

        if values.Length <> count then
            Guard.refuse operation "" $"the {name} is {Describe.dimensions values}; there have to be {count}"

        if values |> Array.exists (fun value -> value < least) then
            Guard.refuse operation "" $"the {name} is {Describe.dimensions values}; none may be below {least}"

        values

    let internal spatial operation (a: Tensor) (spatial: int) =
        if a.dim <> spatial + 2 then
            Guard.refuse operation (Describe.tensor a.Native) $"it has to be of examples, channels and {spatial} more dimensions"

    type Tensor with

        /// <summary>The cross-correlation of inputs (examples, channels, length) with kernels b (output channels, channels, …), as networks call convolution.</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        member a.conv1d(b: Tensor, ?stride: int, ?padding: int, ?dilation: int) : Tensor =
            spatial "conv1d" a 1
            let strides = each "conv1d" "stride" 1 stride None 1L 1L
            let paddings = each "conv1d" "padding" 1 padding None 0L 0L
            let dilations = each "conv1d" "dilation" 1 dilation None 1L 1L

            Tensor.Binary(
                "conv1d",
                a,
                b,
                (fun a b -> torch.nn.functional.conv1d (a, b, null, Nullable strides[0], Nullable paddings[0], Nullable dilations[0]))
            )

        /// <summary>The cross-correlation of inputs (examples, channels, …) with kernels b (output channels, channels, …), as networks call convolution.</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        member a.conv2d
            (b: Tensor, ?stride: int, ?strides: seq<int>, ?padding: int, ?paddings: seq<int>, ?dilation: int, ?dilations: seq<int>)
            : Tensor =
            spatial "conv2d" a 2
            let strides = each "conv2d" "stride" 2 stride strides 1L 1L
            let paddings = each "conv2d" "padding" 2 padding paddings 0L 0L
            let dilations = each "conv2d" "dilation" 2 dilation dilations 1L 1L

            Tensor.Binary("conv2d", a, b, (fun a b -> torch.nn.functional.conv2d (a, b, null, strides, paddings, dilations)))

        /// <summary>The cross-correlation of inputs (examples, channels, …) with kernels b (output channels, channels, …), as networks call convolution.</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        member a.conv3d
            (b: Tensor, ?stride: int, ?strides: seq<int>, ?padding: int, ?paddings: seq<int>, ?dilation: int, ?dilations: seq<int>)
            : Tensor =
            spatial "conv3d" a 3
            let strides = each "conv3d" "stride" 3 stride strides 1L 1L
            let paddings = each "conv3d" "padding" 3 padding paddings 0L 0L
            let dilations = each "conv3d" "dilation" 3 dilation dilations 1L 1L

            Tensor.Binary("conv3d", a, b, (fun a b -> torch.nn.functional.conv3d (a, b, null, strides, paddings, dilations)))

    type dsharp with

        /// <summary>The cross-correlation of inputs (examples, channels, length) with kernels b (output channels, channels, …), as networks call convolution.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member conv1d(a: Tensor, b: Tensor, ?stride: int, ?padding: int, ?dilation: int) : Tensor =
            a.conv1d (b, ?stride = stride, ?padding = padding, ?dilation = dilation)

        /// <summary>The cross-correlation of inputs (examples, channels, length) with kernels b (output channels, channels, …), as networks call convolution, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member conv1d(b: Tensor, ?stride: int, ?padding: int, ?dilation: int) : Tensor -> Tensor =
            fun a -> a.conv1d (b, ?stride = stride, ?padding = padding, ?dilation = dilation)

        /// <summary>The cross-correlation of inputs (examples, channels, …) with kernels b (output channels, channels, …), as networks call convolution.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member conv2d
            (
                a: Tensor,
                b: Tensor,
                ?stride: int,
                ?strides: seq<int>,
                ?padding: int,
                ?paddings: seq<int>,
                ?dilation: int,
                ?dilations: seq<int>
            ) : Tensor =
            a.conv2d (
                b,
                ?stride = stride,
                ?strides = strides,
                ?padding = padding,
                ?paddings = paddings,
                ?dilation = dilation,
                ?dilations = dilations
            )

        /// <summary>The cross-correlation of inputs (examples, channels, …) with kernels b (output channels, channels, …), as networks call convolution, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member conv2d
            (b: Tensor, ?stride: int, ?strides: seq<int>, ?padding: int, ?paddings: seq<int>, ?dilation: int, ?dilations: seq<int>)
            : Tensor -> Tensor =
            fun a ->
                a.conv2d (
                    b,
                    ?stride = stride,
                    ?strides = strides,
                    ?padding = padding,
                    ?paddings = paddings,
                    ?dilation = dilation,
                    ?dilations = dilations
                )

        /// <summary>The cross-correlation of inputs (examples, channels, …) with kernels b (output channels, channels, …), as networks call convolution.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member conv3d
            (
                a: Tensor,
                b: Tensor,
                ?stride: int,
                ?strides: seq<int>,
                ?padding: int,
                ?paddings: seq<int>,
                ?dilation: int,
                ?dilations: seq<int>
            ) : Tensor =
            a.conv3d (
                b,
                ?stride = stride,
                ?strides = strides,
                ?padding = padding,
                ?paddings = paddings,
                ?dilation = dilation,
                ?dilations = dilations
            )

        /// <summary>The cross-correlation of inputs (examples, channels, …) with kernels b (output channels, channels, …), as networks call convolution, as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member conv3d
            (b: Tensor, ?stride: int, ?strides: seq<int>, ?padding: int, ?paddings: seq<int>, ?dilation: int, ?dilations: seq<int>)
            : Tensor -> Tensor =
            fun a ->
                a.conv3d (
                    b,
                    ?stride = stride,
                    ?strides = strides,
                    ?padding = padding,
                    ?paddings = paddings,
                    ?dilation = dilation,
                    ?dilations = dilations
                )
