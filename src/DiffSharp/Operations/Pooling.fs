namespace DiffSharp

open System
open TorchSharp

/// <summary>Pooling, of inputs whose dimensions are examples, channels and one, two or three of space.</summary>
[<AutoOpen>]
module Pooling =

    let private window operation count kernelSize kernelSizes stride strides padding paddings =
        let kernel: int64[] = each operation "kernel size" count kernelSize kernelSizes 0L 1L

        let strides =
            match stride, strides with
            | None, None -> kernel
            | _ -> each operation "stride" count stride strides 1L 1L

        kernel, strides, each operation "padding" count padding paddings 0L 0L

    let private pair operation (a: Tensor) (body: torch.Tensor -> struct (torch.Tensor * torch.Tensor)) =
        let native = a.Native

        let struct (values, indices) =
            Guard.run operation (fun () -> Describe.tensor native) (fun () -> body native)

        Tensor.Own values, Tensor.Own indices

    type Tensor with

        /// <summary>The largest elements of windows that move over the last 1 dimension.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        member a.maxpool1d(kernelSize: int, ?stride: int, ?padding: int) : Tensor =
            spatial "maxpool1d" a 1
            let kernel, strides, paddings = window "maxpool1d" 1 (Some kernelSize) None stride None padding None

            Tensor.Unary(
                "maxpool1d",
                a,
                (fun a -> torch.nn.functional.max_pool1d (a, kernel[0], Nullable strides[0], Nullable paddings[0]))
            )

        /// <summary>The largest elements of windows, and the index of each in its channel.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        member a.maxpool1di(kernelSize: int, ?stride: int, ?padding: int) : Tensor * Tensor =
            spatial "maxpool1di" a 1
            let kernel, strides, paddings = window "maxpool1di" 1 (Some kernelSize) None stride None padding None

            pair "maxpool1di" a (fun a ->
                torch.nn.functional.max_pool1d_with_indices (a, kernel[0], Nullable strides[0], Nullable paddings[0]))

        /// <summary>The means of windows that move over the last 1 dimension, zeros included.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        member a.avgpool1d(kernelSize: int, ?stride: int, ?padding: int) : Tensor =
            spatial "avgpool1d" a 1
            let kernel, strides, paddings = window "avgpool1d" 1 (Some kernelSize) None stride None padding None

            Tensor.Unary(
                "avgpool1d",
                a,
                (fun a -> torch.nn.functional.avg_pool1d (a, kernel[0], Nullable strides[0], Nullable paddings[0]))
            )

        /// <summary>The largest elements of windows that move over the last 2 dimensions.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        member a.maxpool2d
            (?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor =
            spatial "maxpool2d" a 2

            let kernel, strides, paddings =
                window "maxpool2d" 2 kernelSize kernelSizes stride strides padding paddings

            Tensor.Unary("maxpool2d", a, (fun a -> torch.nn.functional.max_pool2d (a, kernel, strides, paddings)))

        /// <summary>The largest elements of windows, and the index of each in its channel.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        member a.maxpool2di
            (?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor * Tensor =
            spatial "maxpool2di" a 2

            let kernel, strides, paddings =
                window "maxpool2di" 2 kernelSize kernelSizes stride strides padding paddings

            pair "maxpool2di" a (fun a -> torch.nn.functional.max_pool2d_with_indices (a, kernel, strides, paddings))

        /// <summary>The means of windows that move over the last 2 dimensions, zeros included.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        member a.avgpool2d
            (?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor =
            spatial "avgpool2d" a 2

            let kernel, strides, paddings =
                window "avgpool2d" 2 kernelSize kernelSizes stride strides padding paddings

            Tensor.Unary("avgpool2d", a, (fun a -> torch.nn.functional.avg_pool2d (a, kernel, strides, paddings)))

        /// <summary>The largest elements of windows that move over the last 3 dimensions.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        member a.maxpool3d
            (?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor =
            spatial "maxpool3d" a 3

            let kernel, strides, paddings =
                window "maxpool3d" 3 kernelSize kernelSizes stride strides padding paddings

            Tensor.Unary("maxpool3d", a, (fun a -> torch.nn.functional.max_pool3d (a, kernel, strides, paddings)))

        /// <summary>The largest elements of windows, and the index of each in its channel.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        member a.maxpool3di
            (?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor * Tensor =
            spatial "maxpool3di" a 3

            let kernel, strides, paddings =
                window "maxpool3di" 3 kernelSize kernelSizes stride strides padding paddings

            pair "maxpool3di" a (fun a -> torch.nn.functional.max_pool3d_with_indices (a, kernel, strides, paddings))

        /// <summary>The means of windows that move over the last 3 dimensions, zeros included.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        member a.avgpool3d
            (?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor =
            spatial "avgpool3d" a 3

            let kernel, strides, paddings =
                window "avgpool3d" 3 kernelSize kernelSizes stride strides padding paddings

            Tensor.Unary("avgpool3d", a, (fun a -> torch.nn.functional.avg_pool3d (a, kernel, strides, paddings)))

    type dsharp with

        /// <summary>The largest elements of windows that move over the last 1 dimension.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member maxpool1d(a: Tensor, kernelSize: int, ?stride: int, ?padding: int) : Tensor =
            a.maxpool1d (kernelSize, ?stride = stride, ?padding = padding)

        /// <summary>The largest elements of windows that move over the last 1 dimension, as a function of a: for pipelines.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member maxpool1d(kernelSize: int, ?stride: int, ?padding: int) : Tensor -> Tensor =
            fun a -> a.maxpool1d (kernelSize, ?stride = stride, ?padding = padding)

        /// <summary>The largest elements of windows, and the index of each in its channel.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member maxpool1di(a: Tensor, kernelSize: int, ?stride: int, ?padding: int) : Tensor * Tensor =
            a.maxpool1di (kernelSize, ?stride = stride, ?padding = padding)

        /// <summary>The means of windows that move over the last 1 dimension, zeros included.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member avgpool1d(a: Tensor, kernelSize: int, ?stride: int, ?padding: int) : Tensor =
            a.avgpool1d (kernelSize, ?stride = stride, ?padding = padding)

        /// <summary>The means of windows that move over the last 1 dimension, zeros included, as a function of a: for pipelines.</summary>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member avgpool1d(kernelSize: int, ?stride: int, ?padding: int) : Tensor -> Tensor =
            fun a -> a.avgpool1d (kernelSize, ?stride = stride, ?padding = padding)

        /// <summary>The largest elements of windows that move over the last 2 dimensions.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member maxpool2d
            (a: Tensor, ?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor =
            a.maxpool2d (
                ?kernelSize = kernelSize,
                ?stride = stride,
                ?padding = padding,
                ?kernelSizes = kernelSizes,
                ?strides = strides,
                ?paddings = paddings
            )

        /// <summary>The largest elements of windows, and the index of each in its channel.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member maxpool2di
            (a: Tensor, ?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor * Tensor =
            a.maxpool2di (
                ?kernelSize = kernelSize,
                ?stride = stride,
                ?padding = padding,
                ?kernelSizes = kernelSizes,
                ?strides = strides,
                ?paddings = paddings
            )

        /// <summary>The means of windows that move over the last 2 dimensions, zeros included.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member avgpool2d
            (a: Tensor, ?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor =
            a.avgpool2d (
                ?kernelSize = kernelSize,
                ?stride = stride,
                ?padding = padding,
                ?kernelSizes = kernelSizes,
                ?strides = strides,
                ?paddings = paddings
            )

        /// <summary>The largest elements of windows that move over the last 3 dimensions.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member maxpool3d
            (a: Tensor, ?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor =
            a.maxpool3d (
                ?kernelSize = kernelSize,
                ?stride = stride,
                ?padding = padding,
                ?kernelSizes = kernelSizes,
                ?strides = strides,
                ?paddings = paddings
            )

        /// <summary>The largest elements of windows, and the index of each in its channel.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member maxpool3di
            (a: Tensor, ?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor * Tensor =
            a.maxpool3di (
                ?kernelSize = kernelSize,
                ?stride = stride,
                ?padding = padding,
                ?kernelSizes = kernelSizes,
                ?strides = strides,
                ?paddings = paddings
            )

        /// <summary>The means of windows that move over the last 3 dimensions, zeros included.</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="kernelSize">The window's length in each dimension.</param>
        /// <param name="stride">How far the window moves; its own length unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="kernelSizes">The window's lengths, one for each dimension.</param>
        /// <param name="strides">How far it moves in each dimension.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The window is larger than the padded input, the padding more than half of it, or a number is out of range.</exception>
        static member avgpool3d
            (a: Tensor, ?kernelSize: int, ?stride: int, ?padding: int, ?kernelSizes: seq<int>, ?strides: seq<int>, ?paddings: seq<int>)
            : Tensor =
            a.avgpool3d (
                ?kernelSize = kernelSize,
                ?stride = stride,
                ?padding = padding,
                ?kernelSizes = kernelSizes,
                ?strides = strides,
                ?paddings = paddings
            )
