namespace DiffSharp

open TorchSharp

/// <summary>A source of random numbers that is a function of its seed: the same seed gives the same bits on the same device.</summary>
/// <remarks>Each draw moves it on, so it belongs to one thread at a time. Draws without a generator come from the process's own, which
/// <c>dsharp.seed</c> sets.</remarks>
[<Sealed>]
type Generator(seed: int64, ?device: Device) =
    let place: Device = Create.device device

    let inner =
        TorchRuntime.Ensure()

        // libtorch's constructor ends the process where there is no such device
        if place.DeviceType = DiffSharp.DeviceType.CUDA && not (torch.cuda.is_available ()) then
            invalidArg (nameof device) $"is {place.Name}, which is not there"

        if place.DeviceType <> DiffSharp.DeviceType.CUDA && place.DeviceType <> DiffSharp.DeviceType.CPU then
            invalidArg (nameof device) $"is {place.Name}; random numbers come from the processor or an NVIDIA GPU"

        new torch.Generator(uint64 seed, place.Torch)

    /// <summary>What it started from.</summary>
    member _.Seed = seed

    /// <summary>Where its numbers are drawn.</summary>
    member _.Device = place

    member internal _.Native = inner
