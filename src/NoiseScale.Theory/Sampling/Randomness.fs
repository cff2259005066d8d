namespace NoiseScale.Theory.Sampling

open System
open DiffSharp

/// What random numbers are for: streams of different purposes are independent.
type internal Purpose =
    | Diffusion = 1
    | Batch = 2
    | FisherBatch = 3
    | FisherLabels = 4
    | Momentum = 5
    | Probe = 6

/// <summary>Random numbers as a function of (seed, purpose, update) alone, so that a chain resumes from its state without the history of a generator.</summary>
/// <remarks>The mixing is SplitMix64's (Steele, Lea and Flood 2014), as in the data order of the training library.</remarks>
module internal Randomness =

    [<Literal>]
    let private Gamma = 0x9E3779B97F4A7C15UL

    let private mix (z: uint64) =
        let z = (z ^^^ (z >>> 30)) * 0xBF58476D1CE4E5B9UL
        let z = (z ^^^ (z >>> 27)) * 0x94D049BB133111EBUL
        z ^^^ (z >>> 31)

    /// The key of a stream.
    let key (seed: int64) (purpose: Purpose) (update: int64) : uint64 =
        let key = mix (uint64 seed + Gamma)
        let key = mix (key ^^^ (uint64 purpose * Gamma))
        mix (key ^^^ uint64 update)

    /// A generator of tensors for one update.
    let generator seed purpose update (device: Device) = Generator(int64 (key seed purpose update), device)

    /// Standard normal numbers.
    let normal seed purpose update (shape: int[]) (like: Tensor) : Tensor =
        dsharp.randn (shape, dtype = like.dtype, device = like.device, generator = generator seed purpose update like.device)

    /// A number below a bound from 64 random bits; the bias is below bound/2⁶⁴.
    let private below (bits: uint64) (bound: int) =
        let mutable low = 0UL
        int (Math.BigMul(bits, uint64 bound, &low))

    /// <summary>A batch for every chain: `size` of 0 … n − 1 without repetition, each subset equally likely, chains independent, [chains, size].</summary>
    /// <remarks>The first steps of a Fisher–Yates shuffle of one array, undone after every chain: time and memory in proportion to chains·size, not to
    /// chains·n.</remarks>
    let batches seed purpose update (chains: int) (n: int) (size: int) (device: Device) : Tensor =
        let order = Array.init n int64
        let chosen = Array.zeroCreate (chains * size)
        let swaps = Array.zeroCreate size
        let mutable counter = key seed purpose update

        for chain in 0 .. chains - 1 do
            for i in 0 .. size - 1 do
                counter <- counter + Gamma
                let j = i + below (mix counter) (n - i)
                let picked = order[j]
                order[j] <- order[i]
                order[i] <- picked
                swaps[i] <- j
                chosen[chain * size + i] <- picked

            for i in size - 1 .. -1 .. 0 do
                let j = swaps[i]
                let picked = order[i]
                order[i] <- order[j]
                order[j] <- picked

        dsharp.tensor(chosen, dtype = Dtype.Int64, device = device).view [ chains; size ]
