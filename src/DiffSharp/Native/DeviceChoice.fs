/// Which device computations use unless told otherwise.
module internal DiffSharp.Native.DeviceChoice

open System
open System.Globalization
open DiffSharp

[<Literal>]
let DeviceVariable = "NOISESCALE_DEVICE"

let private refused cause cure = Error(TorchRuntimeException("no device to compute on", cause, cure))

/// The device and the reason for it, given the value of NOISESCALE_DEVICE and the number of CUDA devices.
let choose (requested: string | null) (cudaDevices: int) : Result<string * string, TorchRuntimeException> =
    let cuda name index =
        if index < cudaDevices then
            Ok(name, $"{DeviceVariable}={name}")
        elif cudaDevices = 0 then
            refused
                $"{DeviceVariable}={name}, and this libtorch sees no CUDA device"
                $"set {DeviceVariable}=auto or cpu; or let LIBTORCH_DIR name a libtorch built for CUDA, on a machine whose driver shows a device"
        else
            refused $"{DeviceVariable}={name}, and the CUDA devices are 0 to {cudaDevices - 1}" $"name one of those in {DeviceVariable}"

    let name =
        match requested with
        | null -> "auto"
        | value -> value.Trim().ToLowerInvariant()

    match name with
    | ""
    | "auto" when cudaDevices > 0 -> Ok("cuda", $"automatic: {cudaDevices} CUDA device(s)")
    | ""
    | "auto" -> Ok("cpu", "automatic: no CUDA device")
    | "cpu" -> Ok("cpu", $"{DeviceVariable}=cpu")
    | "cuda" -> cuda name 0
    | _ ->
        let digits = name.AsSpan(min name.Length 5)

        match
            name.StartsWith("cuda:", StringComparison.Ordinal), Int32.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture)
        with
        | true, (true, index) -> cuda name index
        | _ -> refused $"{DeviceVariable}={requested} is none of auto, cpu, cuda, cuda:N" $"set {DeviceVariable} to one of those"
