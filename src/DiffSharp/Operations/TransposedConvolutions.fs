namespace DiffSharp

open System
open TorchSharp

/// <summary>The transposes of convolutions as linear maps: upsampling.</summary>
[<AutoOpen>]
module TransposedConvolutions =

    type Tensor with

        /// <summary>The transpose of conv1d as a linear map: inputs (examples, channels, …), kernels b (channels, output channels, …).</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="outputPadding">How many more at one end of the output, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        member a.convTranspose1d(b: Tensor, ?stride: int, ?padding: int, ?dilation: int, ?outputPadding: int) : Tensor =
            spatial "convTranspose1d" a 1
            let strides = each "convTranspose1d" "stride" 1 stride None 1L 1L
            let paddings = each "convTranspose1d" "padding" 1 padding None 0L 0L
            let dilations = each "convTranspose1d" "dilation" 1 dilation None 1L 1L
            let more = each "convTranspose1d" "output padding" 1 outputPadding None 0L 0L

            Tensor.Binary(
                "convTranspose1d",
                a,
                b,
                (fun a b ->
                    torch.nn.functional.conv_transpose1d (
                        a,
                        b,
                        null,
                        Nullable strides[0],
                        Nullable paddings[0],
                        Nullable more[0],
                        Nullable dilations[0]
                    ))
            )

        /// <summary>The transpose of conv2d as a linear map: inputs (examples, channels, …), kernels b (channels, output channels, …).</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <param name="outputPadding">How many more at one end of the output, 0 unless given.</param>
        /// <param name="outputPaddings">How many more, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        member a.convTranspose2d
            (
                b: Tensor,
                ?stride: int,
                ?strides: seq<int>,
                ?padding: int,
                ?paddings: seq<int>,
                ?dilation: int,
                ?dilations: seq<int>,
                ?outputPadding: int,
                ?outputPaddings: seq<int>
            ) : Tensor =
            spatial "convTranspose2d" a 2
            let strides = each "convTranspose2d" "stride" 2 stride strides 1L 1L
            let paddings = each "convTranspose2d" "padding" 2 padding paddings 0L 0L
            let dilations = each "convTranspose2d" "dilation" 2 dilation dilations 1L 1L
            let more = each "convTranspose2d" "output padding" 2 outputPadding outputPaddings 0L 0L

            Tensor.Binary(
                "convTranspose2d",
                a,
                b,
                (fun a b -> torch.nn.functional.conv_transpose2d (a, b, null, strides, paddings, more, dilations))
            )

        /// <summary>The transpose of conv3d as a linear map: inputs (examples, channels, …), kernels b (channels, output channels, …).</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <param name="outputPadding">How many more at one end of the output, 0 unless given.</param>
        /// <param name="outputPaddings">How many more, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        member a.convTranspose3d
            (
                b: Tensor,
                ?stride: int,
                ?strides: seq<int>,
                ?padding: int,
                ?paddings: seq<int>,
                ?dilation: int,
                ?dilations: seq<int>,
                ?outputPadding: int,
                ?outputPaddings: seq<int>
            ) : Tensor =
            spatial "convTranspose3d" a 3
            let strides = each "convTranspose3d" "stride" 3 stride strides 1L 1L
            let paddings = each "convTranspose3d" "padding" 3 padding paddings 0L 0L
            let dilations = each "convTranspose3d" "dilation" 3 dilation dilations 1L 1L
            let more = each "convTranspose3d" "output padding" 3 outputPadding outputPaddings 0L 0L

            Tensor.Binary(
                "convTranspose3d",
                a,
                b,
                (fun a b -> torch.nn.functional.conv_transpose3d (a, b, null, strides, paddings, more, dilations))
            )

    type dsharp with

        /// <summary>The transpose of conv1d as a linear map: inputs (examples, channels, …), kernels b (channels, output channels, …).</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="outputPadding">How many more at one end of the output, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member convTranspose1d(a: Tensor, b: Tensor, ?stride: int, ?padding: int, ?dilation: int, ?outputPadding: int) : Tensor =
            a.convTranspose1d (b, ?stride = stride, ?padding = padding, ?dilation = dilation, ?outputPadding = outputPadding)

        /// <summary>The transpose of conv1d as a linear map: inputs (examples, channels, …), kernels b (channels, output channels, …), as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="outputPadding">How many more at one end of the output, 0 unless given.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member convTranspose1d(b: Tensor, ?stride: int, ?padding: int, ?dilation: int, ?outputPadding: int) : Tensor -> Tensor =
            fun a -> a.convTranspose1d (b, ?stride = stride, ?padding = padding, ?dilation = dilation, ?outputPadding = outputPadding)

        /// <summary>The transpose of conv2d as a linear map: inputs (examples, channels, …), kernels b (channels, output channels, …).</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <param name="outputPadding">How many more at one end of the output, 0 unless given.</param>
        /// <param name="outputPaddings">How many more, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member convTranspose2d
            (
                a: Tensor,
                b: Tensor,
                ?stride: int,
                ?strides: seq<int>,
                ?padding: int,
                ?paddings: seq<int>,
                ?dilation: int,
                ?dilations: seq<int>,
                ?outputPadding: int,
                ?outputPaddings: seq<int>
            ) : Tensor =
            a.convTranspose2d (
                b,
                ?stride = stride,
                ?strides = strides,
                ?padding = padding,
                ?paddings = paddings,
                ?dilation = dilation,
                ?dilations = dilations,
                ?outputPadding = outputPadding,
                ?outputPaddings = outputPaddings
            )

        /// <summary>The transpose of conv2d as a linear map: inputs (examples, channels, …), kernels b (channels, output channels, …), as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <param name="outputPadding">How many more at one end of the output, 0 unless given.</param>
        /// <param name="outputPaddings">How many more, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member convTranspose2d
            (
                b: Tensor,
                ?stride: int,
                ?strides: seq<int>,
                ?padding: int,
                ?paddings: seq<int>,
                ?dilation: int,
                ?dilations: seq<int>,
                ?outputPadding: int,
                ?outputPaddings: seq<int>
            ) : Tensor -> Tensor =
            fun a ->
                a.convTranspose2d (
                    b,
                    ?stride = stride,
                    ?strides = strides,
                    ?padding = padding,
                    ?paddings = paddings,
                    ?dilation = dilation,
                    ?dilations = dilations,
                    ?outputPadding = outputPadding,
                    ?outputPaddings = outputPaddings
                )

        /// <summary>The transpose of conv3d as a linear map: inputs (examples, channels, …), kernels b (channels, output channels, …).</summary>
        /// <param name="a">The tensor.</param>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <param name="outputPadding">How many more at one end of the output, 0 unless given.</param>
        /// <param name="outputPaddings">How many more, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member convTranspose3d
            (
                a: Tensor,
                b: Tensor,
                ?stride: int,
                ?strides: seq<int>,
                ?padding: int,
                ?paddings: seq<int>,
                ?dilation: int,
                ?dilations: seq<int>,
                ?outputPadding: int,
                ?outputPaddings: seq<int>
            ) : Tensor =
            a.convTranspose3d (
                b,
                ?stride = stride,
                ?strides = strides,
                ?padding = padding,
                ?paddings = paddings,
                ?dilation = dilation,
                ?dilations = dilations,
                ?outputPadding = outputPadding,
                ?outputPaddings = outputPaddings
            )

        /// <summary>The transpose of conv3d as a linear map: inputs (examples, channels, …), kernels b (channels, output channels, …), as a function of a: for pipelines.</summary>
        /// <param name="b">The other tensor.</param>
        /// <param name="stride">How far the window moves, 1 unless given.</param>
        /// <param name="strides">How far it moves, one for each dimension.</param>
        /// <param name="padding">How many zeros at either end, 0 unless given.</param>
        /// <param name="paddings">How many zeros at either end, one for each dimension.</param>
        /// <param name="dilation">How far apart the kernel's elements are, 1 unless given.</param>
        /// <param name="dilations">How far apart they are, one for each dimension.</param>
        /// <param name="outputPadding">How many more at one end of the output, 0 unless given.</param>
        /// <param name="outputPaddings">How many more, one for each dimension.</param>
        /// <exception cref="T:DiffSharp.TensorException">The numbers of channels differ, the kernel is larger than the padded input, or a stride, padding or dilation is out of range.</exception>
        static member convTranspose3d
            (
                b: Tensor,
                ?stride: int,
                ?strides: seq<int>,
                ?padding: int,
                ?paddings: seq<int>,
                ?dilation: int,
                ?dilations: seq<int>,
                ?outputPadding: int,
                ?outputPaddings: seq<int>
            ) : Tensor -> Tensor =
            fun a ->
                a.convTranspose3d (
                    b,
                    ?stride = stride,
                    ?strides = strides,
                    ?padding = padding,
                    ?paddings = paddings,
                    ?dilation = dilation,
                    ?dilations = dilations,
                    ?outputPadding = outputPadding,
                    ?outputPaddings = outputPaddings
                )
