// What every figure here does: results that end the script with their sentence, means over seeds with intervals, panels, provenance.
#load "../common/cache.fsx"
#load "../common/seeds.fsx"
#load "settings.fsx"

open System.Diagnostics
open DiffSharp
open NoiseScale.Training.Runs
open Panel
open Seeds
open Settings

TorchRuntime.EnableProcessSwitches() // this script is its own process
TorchRuntime.Ensure()
TorchSharp.torch.set_num_threads profile.Threads

let clock = Stopwatch.StartNew()

/// The value; an error ends the script with its sentence.
let orExit (result: Result<'a, 'error>) : 'a =
    match result with
    | Ok value -> value
    | Error error ->
        eprintfn $"{error}"
        exit 1

let numbers (values: float seq) : Tensor = dsharp.tensor (Array.ofSeq values, dtype = Dtype.Float64, device = Device.CPU)

/// Standard normal numbers of a seed.
let normal (seed: int64) (shape: int list) : Tensor =
    dsharp.randn (shape, dtype = Dtype.Float64, device = Device.CPU, generator = Generator(seed, Device.CPU))

/// The largest difference of two tensors, whatever their shape.
let largestDifference (a: Tensor) (b: Tensor) = dsharp.scope (fun () -> float (((a - b).abs()).max()))



/// Several numbers on a grid of equal ratios, 10^from … 10^upTo.
let decades (from: float) (upTo: float) (count: int) =
    [ for i in 0 .. count - 1 -> 10.0 ** (from + (upTo - from) * float i / float (count - 1)) ]

let provenance (data: string) (seeds: string) =
    [ "data", data
      "seeds", seeds
      "library", RunSpec.LibraryVersion
      "TorchSharp, libtorch", $"{typeof<TorchSharp.torch>.Assembly.GetName().Version}, {TorchRuntime.Report.LibTorchVersion}"
      "device, threads, workers", $"CPU, {profile.Threads}, {System.Environment.ProcessorCount}"
      "this run", $"{clock.Elapsed.TotalSeconds:F1} s, {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:F1} s of processors" ]
