namespace DiffSharp

open TorchSharp

/// <summary>The kinds of devices that tensors live on.</summary>
type DeviceType =
    /// <summary>The processor's memory.</summary>
    | CPU = 0
    /// <summary>An NVIDIA GPU.</summary>
    | CUDA = 1
    /// <summary>Apple's Metal.</summary>
    | MPS = 13

/// <summary>A place where tensors live and computations run.</summary>
[<Struct>]
type Device =
    /// <summary>A device of a type, with its number among those of its type; −1 stands for the current one.</summary>
    | Device of deviceType: DeviceType * index: int

    /// <summary>The kind of device.</summary>
    member this.DeviceType = let (Device(kind, _)) = this in kind

    /// <summary>Its number among the devices of its kind; −1 stands for the current one.</summary>
    member this.DeviceIndex = let (Device(_, index)) = this in index

    /// <summary>The processor.</summary>
    static member CPU = Device(DeviceType.CPU, -1)

    /// <summary>The first NVIDIA GPU.</summary>
    static member GPU = Device(DeviceType.CUDA, 0)

    /// <summary>The name libtorch gives it: cpu, cuda:0.</summary>
    member this.Name =
        match this.DeviceType with
        | DeviceType.CPU -> "cpu"
        | kind when this.DeviceIndex < 0 -> kind.ToString().ToLowerInvariant()
        | kind -> $"{kind.ToString().ToLowerInvariant()}:{this.DeviceIndex}"

    /// <summary>Its name.</summary>
    override this.ToString() = this.Name

    member internal this.Torch = torch.device this.Name

    static member internal OfTorch(device: torch.Device) =
        match device.``type`` with
        | TorchSharp.DeviceType.CPU -> Device.CPU
        | TorchSharp.DeviceType.CUDA -> Device(DeviceType.CUDA, max device.index 0)
        | TorchSharp.DeviceType.MPS -> Device(DeviceType.MPS, max device.index 0)
        | other -> invalidArg (nameof device) $"tensors on {other} are not supported; move them first"

type internal DeviceDefault private () =
    // What NOISESCALE_DEVICE names, asked for when it is first needed: libtorch has to be loaded for that.
    static let mutable current: Device voption = ValueNone

    static member Value
        with get () =
            match current with
            | ValueSome device -> device
            | ValueNone ->
                let device = Device.OfTorch TorchRuntime.DefaultDevice
                current <- ValueSome device
                device
        and set value = current <- ValueSome value

/// <summary>What belongs to <see cref="T:DiffSharp.Device"/> but can change.</summary>
[<AutoOpen>]
module DeviceExtensions =
    type Device with

        /// <summary>The device that creation uses unless told otherwise: at first what NOISESCALE_DEVICE chooses, for the whole process.</summary>
        /// <exception cref="T:DiffSharp.TorchRuntimeException">libtorch cannot be loaded, or that device is not there.</exception>
        static member Default
            with get () = DeviceDefault.Value
            and set (value: Device) = DeviceDefault.Value <- value
