// Running chains with progress, results by seed with their intervals, and panels: what every figure here does.
#load "../common/cache.fsx"
#load "../common/seeds.fsx"
#load "settings.fsx"

open System
open System.Diagnostics
open System.Threading
open DiffSharp
open NoiseScale.Theory.Sampling
open NoiseScale.Training.Runs
open Panel
open Seeds
open Settings

TorchRuntime.EnableProcessSwitches() // this script is its own process
TorchRuntime.Ensure()
TorchSharp.torch.set_num_threads profile.Threads

/// How far all jobs of a figure are, in updates: lines for the command line, one moving line on a terminal, a line every tenth otherwise.
type Watch(label: string, total: int64) =
    let forCommand = Environment.GetEnvironmentVariable "NOISESCALE_PROGRESS" = "lines"
    let clock = Stopwatch.StartNew()
    let mutable made = 0L
    let mutable found = 0L
    let mutable lastTenth = -1
    let mutable shown = TimeSpan.Zero

    let words (left: TimeSpan) =
        if left.TotalHours >= 1.0 then
            left.ToString @"h\:mm\:ss"
        else
            left.ToString @"m\:ss"

    let show () =
        let fraction = float made / float total
        let computed = made - found

        let left =
            if computed < total / 200L then
                "?"
            else
                words (clock.Elapsed * (float (total - made) / float computed))

        if forCommand then
            if clock.Elapsed - shown > TimeSpan.FromSeconds 0.5 then
                shown <- clock.Elapsed
                printfn $"@ {fraction:F4} {left} {label}"
        elif not Console.IsErrorRedirected then
            eprintf $"\r{label}: {fraction:P0}, {left} left    "
        elif int (fraction * 10.0) > lastTenth then
            lastTenth <- int (fraction * 10.0)
            eprintfn $"{label}: {fraction:P0}, {left} left"

    /// So many more updates are made, or were found on the disk.
    member this.Add(updates: int64, wasFound: bool) =
        lock this (fun () ->
            made <- made + updates

            if wasFound then found <- found + updates else show ()

            if made >= total && not forCommand && not Console.IsErrorRedirected then
                eprintf $"\r{String(' ', 70)}\r")

/// A piece of a figure's work: what decides its result, its length in updates, and how it is done, reporting the updates made so far.
type Job<'result> = { Key: string; Updates: int64; Compute: (int64 -> unit) -> 'result }

let private once (watch: Watch) name (job: Job<'result>) : 'result =
    let mutable wasFound = true
    let mutable reported = 0L

    let report (made: int64) =
        watch.Add(made - reported, false)
        reported <- made

    let result =
        Cache.cached arguments name job.Key (fun () ->
            wasFound <- false
            job.Compute report)

    watch.Add(job.Updates - reported, wasFound)
    result

/// The results of jobs in their order: found on the disk, or computed now, as many at a time as there are processors, each on its own thread.
let runJobs label name (jobs: Job<'result> list) : 'result list =
    let watch = Watch(label, jobs |> List.sumBy _.Updates)
    let jobs = List.toArray jobs
    let results = Array.zeroCreate jobs.Length
    let options = Tasks.ParallelOptions(MaxDegreeOfParallelism = Environment.ProcessorCount)
    Tasks.Parallel.For(0, jobs.Length, options, (fun i -> results[i] <- once watch name jobs[i])) |> ignore
    List.ofArray results

/// Runs chains from positions, or says why they could not go on.
let tryChains (report: int64 -> unit) (burnIn: int) (samples: int) (sampler: Sampler) (positions: Tensor) : Result<Tensor, string> =
    let plan =
        { BurnIn = int64 burnIn
          Thinning = 1
          Samples = samples
          LargestParameter = infinity }

    let started = sampler.Init positions |> SamplingFault.orFail

    try
        match Chains.resume plan (fun p -> report p.Done) sampler started with
        | Ok run -> Ok run.Samples
        | Error broken -> Error $"{sampler.Name}: {broken.Fault}"
    with :? TensorException as e ->
        // large weights overflow the outputs before they do themselves
        Error $"{sampler.Name}: {e.Message}"

/// Runs chains from positions; a fault ends the script with its sentence.
let runChains report burnIn samples sampler positions : Tensor =
    match tryChains report burnIn samples sampler positions with
    | Ok samples -> samples
    | Error words ->
        eprintfn $"{words}"
        exit 1

// ---- numbers with intervals ------------------------------------------------------------------------------------------------

let short (m: MeanInterval) = $"{m.Mean:G3} [{m.Low:G3}, {m.High:G3}]"


/// The value of a diagnostic; a fault ends the script with its sentence.
let diagnosed (result: Result<'a, DiagnosticError>) : 'a =
    match result with
    | Ok value -> value
    | Error error ->
        eprintfn $"{error}"
        exit 1

// ---- where a curve is lowest -----------------------------------------------------------------------------------------------

/// The lowest point of a curve over log₂ x, seed by seed: the vertex of a parabola through the lowest point of the mean curve and its neighbours, no farther than they reach.
type Lowest =
    {
        /// log₂ x of every seed
        OfSeeds: float list
        /// the grid's point of lowest mean
        Best: int
        /// whether that is at neither end
        IsInterior: bool
    }

let lowest (logs: float list) (values: float list list) : Lowest =
    let best = values |> List.indexed |> List.minBy (snd >> List.average) |> fst
    let last = logs.Length - 1
    let first = max 0 (min (best - 1) (last - 2))
    let near = [ first .. min last (first + 2) ]

    let ofSeed seed =
        let points = near |> List.map (fun i -> logs[i], values[i][seed])

        if near.Length < 3 then
            logs[best]
        else
            let xs, ys = points |> List.toArray |> Array.unzip
            let fit = MathNet.Numerics.Fit.Polynomial(xs, ys, 2)

            if fit[2] > 0.0 then
                Math.Clamp(-fit[1] / (2.0 * fit[2]), Array.min xs, Array.max xs)
            else
                points |> List.minBy snd |> fst

    { OfSeeds = [ for seed in 0 .. values[0].Length - 1 -> ofSeed seed ]
      Best = best
      IsInterior = best > 0 && best < last }

let provenance (seeds: string) data (clock: Stopwatch) =
    [ "data", data
      "seeds", seeds
      "library", RunSpec.LibraryVersion
      "TorchSharp, libtorch", $"{typeof<TorchSharp.torch>.Assembly.GetName().Version}, {TorchRuntime.Report.LibTorchVersion}"
      "device, threads, workers", $"CPU, {profile.Threads}, {Environment.ProcessorCount}"
      "this run", $"{clock.Elapsed.TotalSeconds:F1} s" ]

/// Ends the script with a sentence where a profile wants more training images than there are.
let requireTrainingImages (data: NoiseScale.Training.Data.ImageDataSet) (wanted: int) =
    if data.Train.Count < wanted then
        eprintfn $"the {arguments.Profile} profile trains here on {wanted} images; {data.Name} has {data.Train.Count}"
        exit 1
