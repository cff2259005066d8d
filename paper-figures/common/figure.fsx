// What every figure script begins with: its arguments, where results and pages go, running what is missing with progress, provenance.
#load "picture.fsx"

open System
open System.IO
open DiffSharp
open NoiseScale.Training.Data
open NoiseScale.Training.Runs

type Arguments =
    {
        Profile: string
        /// folder of real images; none means NOISESCALE_DATA, else synthetic digits
        Data: string option
        /// where pages and pictures go; results lie in its folder `results`
        Out: string
    }

let private root = Path.GetFullPath(Path.Combine(__SOURCE_DIRECTORY__, "..", ".."))

/// The arguments of a figure of `paper`, or the words to print and the exit code.
let private parse (paper: string) (profiles: string list) (words: string list) =
    let known = String.concat "|" profiles

    let usage =
        $"usage: dotnet fsi SCRIPT [--profile {known}] [--data DIR] [--out DIR]\n\
          --profile  how much to run (default {profiles.Head})\n\
          --data     MNIST-format idx files or CIFAR-10 binaries (default: NOISESCALE_DATA, else synthetic digits)\n\
          --out      folder of pages, pictures and results (default out/{paper})"

    let rec go arguments words =
        match words with
        | [] -> Ok arguments
        | ("--help" | "-h") :: _ -> Error(usage, 0)
        | "--profile" :: value :: rest when List.contains value profiles -> go { arguments with Profile = value } rest
        | "--profile" :: value :: _ -> Error($"unknown profile '{value}': it must be one of {known}", 2)
        | "--data" :: value :: rest -> go { arguments with Data = Some value } rest
        | "--out" :: value :: rest -> go { arguments with Out = Path.GetFullPath value } rest
        | word :: _ -> Error($"unexpected argument '{word}'\n{usage}", 2)

    go { Profile = profiles.Head; Data = None; Out = Path.Combine(root, "out", paper) } words

/// Reads the arguments of the running script; a mistake ends it with a sentence, not a stack trace.
let arguments paper profiles =
    match parse paper profiles (fsi.CommandLineArgs |> List.ofArray |> List.tail) with
    | Ok arguments -> arguments
    | Error(words, code) ->
        (if code = 0 then stdout else stderr).WriteLine words
        exit code

// ---- data and runs -------------------------------------------------------------------------------------------------------

/// The data set, or the reason why there is none and the end of the script.
let dataSet (arguments: Arguments) =
    TorchRuntime.EnableProcessSwitches() // this script is its own process
    TorchRuntime.Ensure()

    try
        DataSets.Resolve(Option.toObj arguments.Data)
    with
    | :? DataFileException
    | :? IOException
    | :? ArgumentException as e ->
        eprintfn "%s" e.Message
        exit 1

let private duration (time: TimeSpan) =
    if time.TotalHours >= 1.0 then
        time.ToString @"h\:mm\:ss"
    else
        time.ToString @"m\:ss"

/// Progress of runs: machine-readable lines for the command line, one moving line on a terminal, a line every tenth otherwise.
let private progress (label: string) =
    let forCommand = Environment.GetEnvironmentVariable "NOISESCALE_PROGRESS" = "lines"
    let mutable lastTenth = -1

    { new IProgress<RunStoreProgress> with
        member _.Report(p) =
            // the first moments tell nothing yet
            let left =
                if p.Fraction < 0.01 || not p.Remaining.HasValue then
                    "?"
                else
                    duration p.Remaining.Value

            if forCommand then
                printfn $"@ {p.Fraction:F4} {left} {label}: {p.Done} of {p.Total} runs"
            elif not Console.IsErrorRedirected then
                eprintf $"\r{label}: {p.Done} of {p.Total} runs, {p.Fraction:P0}, {left} left    "
            elif int (p.Fraction * 10.0) > lastTenth then
                lastTenth <- int (p.Fraction * 10.0)
                eprintfn $"{label}: {p.Done} of {p.Total} runs, {p.Fraction:P0}, {left} left" }

/// Results of specs in their order, running what the store lacks; unfinished runs save their state at the interval. A failed run ends the script
/// with its reason.
let run (arguments: Arguments) (checkpointInterval: TimeSpan) label (data: ImageDataSet) (specs: RunSpec list) =
    let store = RunStore(Path.Combine(arguments.Out, "results"))

    let options = RunOptions(CheckpointInterval = checkpointInterval, Warn = Action<string>(eprintfn "%s"))

    let results = store.GetOrRun(specs, data, options, progress label) |> List.ofSeq

    if not Console.IsErrorRedirected && Environment.GetEnvironmentVariable "NOISESCALE_PROGRESS" <> "lines" then
        eprintf "\r%s\r" (String(' ', 70))

    for result in results do
        if result.Status = RunStatus.Failed then
            eprintfn $"run {result.SpecHash} failed: {result.FailureReason}"
            exit 1

    results

/// What produced the results: for the caption.
let provenance (data: ImageDataSet) (results: RunResult list) =
    match results with
    | [] -> []
    | first :: _ ->
        let p = first.Provenance
        let seconds = results |> List.sumBy _.Provenance.WallSeconds

        let hashes =
            results |> List.map (fun r -> r.SpecHash.Substring(0, 8)) |> List.distinct |> String.concat " "

        [ "data", $"{data.Name}, sha256 {data.Hash}"
          "seeds", results |> List.map (fun r -> string r.Provenance.Seed) |> List.distinct |> String.concat ", "
          "specs", hashes
          "library", p.LibraryVersion
          "TorchSharp, libtorch", $"{p.TorchSharpVersion}, {p.LibTorchVersion}"
          ".NET, system", $"{p.DotNet}, {p.OperatingSystem}"
          "processor, device", $"{p.Processor}, {p.Device}"
          "threads, workers", $"{p.Threads}, {p.Workers}"
          "switches", String.concat ", " p.Switches
          "training time", $"{duration (TimeSpan.FromSeconds seconds)} over {results.Length} runs" ]

let private isRehearsal (arguments: Arguments) = arguments.Profile = "rehearsal"

/// The panels of a rehearsal say so in their titles, for pictures travel alone.
let private marked (arguments: Arguments) (page: Page.FigurePage) =
    if isRehearsal arguments then
        { page with
            Panels = page.Panels |> List.map (fun p -> { p with Title = $"{p.Title} (rehearsal)" }) }
    else
        page

/// Writes the figure's page and pictures and says where.
let publish (arguments: Arguments) (paper: string) intro (page: Page.FigurePage) =
    let page = marked arguments page
    Page.write arguments.Out arguments.Profile page
    Page.writeIndex arguments.Out paper intro
    let pictures = Picture.write arguments.Out page.Key page.Panels
    let pictured = if pictures > 0 then $", {pictures} pictures" else ""
    printfn $"{page.Key}: {page.Claims.Length} claims{pictured}, {Path.Combine(arguments.Out, page.Key)}.html"

    if isRehearsal arguments then
        printfn $"  {NoiseScale.Cli.Gallery.FigureSummary.RehearsalWarning}"

    for c in page.Claims do
        printfn $"  {Claims.verdictText c.Verdict, -18}{c.Claim}: {c.Ours}"
