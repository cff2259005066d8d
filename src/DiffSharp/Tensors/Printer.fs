namespace DiffSharp

open System
open System.Globalization
open System.Text
open TorchSharp

/// Tensors as text: all elements of a small one, three at either end of each dimension of a large one.
module internal Printer =

    /// More elements than this, and only the ends of each dimension are shown.
    [<Literal>]
    let private Most = 1000

    [<Literal>]
    let private Ends = 3

    let private invariant = CultureInfo.InvariantCulture

    let private floating (value: float) =
        if Double.IsNaN value then
            "nan"
        elif Double.IsInfinity value then
            (if value > 0.0 then "inf" else "-inf")
        elif value = Math.Floor value && abs value < 1e6 then
            value.ToString("0.", invariant) + "."
        elif abs value < 1e-4 || abs value >= 1e6 then
            value.ToString("0.0000e+00", invariant)
        else
            value.ToString("0.0000", invariant)

    /// Which indices of a dimension are shown; −1 stands for the gap.
    let private shown summarise (length: int) =
        if summarise && length > 2 * Ends then
            [ yield! seq { 0 .. Ends - 1 }; -1; yield! seq { length - Ends .. length - 1 } ]
        else
            [ 0 .. length - 1 ]

    let private element (dtype: Dtype) (flat: torch.Tensor) =
        match dtype with
        | Dtype.Bool ->
            let data = flat.data<bool>()
            fun (i: int64) -> if data[i] then "true" else "false"
        | dtype when dtype.IsFloatingPoint ->
            let data = flat.data<float>()
            fun i -> floating data[i]
        | _ ->
            let data = flat.data<int64>()
            fun i -> data[i].ToString invariant

    let text (tensor: torch.Tensor) : string =
        use _ = torch.NewDisposeScope()
        let dtype = Dtype.OfTorch tensor.dtype
        let shape = tensor.shape |> Array.map int
        let summarise = tensor.numel () > int64 Most

        let flat =
            let onCpu = tensor.detach().cpu().contiguous()

            if dtype = Dtype.Bool then onCpu
            elif dtype.IsFloatingPoint then onCpu.to_type torch.ScalarType.Float64
            else onCpu.to_type torch.ScalarType.Int64

        let read = if flat.numel () = 0L then (fun _ -> "") else element dtype (flat.reshape -1L)
        let output = StringBuilder "tensor("

        let rec write dimension (offset: int64) =
            if dimension = shape.Length then
                output.Append(read offset) |> ignore
            else
                let stride = Array.fold (fun product length -> product * int64 length) 1L shape[dimension + 1 ..]
                output.Append '[' |> ignore

                shown summarise shape[dimension]
                |> List.iteri (fun position index ->
                    if position > 0 then
                        let lines = shape.Length - dimension - 1
                        output.Append(if lines = 0 then ", " else "," + String('\n', lines)) |> ignore

                        if lines > 0 then
                            output.Append(' ', 8 + dimension) |> ignore

                    if index < 0 then
                        output.Append "..." |> ignore
                    else
                        write (dimension + 1) (offset + int64 index * stride))

                output.Append ']' |> ignore

        write 0 0L

        if dtype <> DtypeDefault.Value then
            output.Append($", dtype={dtype}") |> ignore

        let device = Device.OfTorch tensor.device

        if device.DeviceType <> DiffSharp.DeviceType.CPU then
            output.Append($", device={device}") |> ignore

        output.Append(')').ToString()
