/// What can be loaded only once per process is tested in a process of its own: this executable again, told which part to play.
module Child

open System
open System.Diagnostics
open System.IO
open System.Threading
open DiffSharp
open TorchSharp

/// A fresh folder that goes away with the test.
type Folder() =
    let info = Directory.CreateTempSubdirectory "diffsharp-tests-"
    member _.Path = info.FullName
    member this.Sub name = Directory.CreateDirectory(Path.Combine(this.Path, name)).FullName

    interface IDisposable with
        member _.Dispose() = info.Delete true

/// What a child said: its lines "key=value", and all of it for the message of a failing test.
type Answer =
    { ExitCode: int
      Values: Map<string, string>
      Output: string }

    member this.Item
        with get key =
            match Map.tryFind key this.Values with
            | Some value -> value
            | None -> failwith $"the child said nothing about {key}:\n{this.Output}"

let private say key (value: obj | null) =
    let text = (string value).ReplaceLineEndings " "
    Console.Out.WriteLine $"{key}={text}"

/// d(x³)/dx at x, by TorchSharp.
let derivativeOfCube (x: float) =
    use _ = torch.NewDisposeScope()
    let at = torch.full ([| 1L |], x.ToScalar(), dtype = torch.float64)
    at.requires_grad <- true
    (at * at * at).sum().backward()

    match at.grad with
    | null -> nan
    | slope -> slope.item<float>()

let private sayReport () =
    let report = TorchRuntime.Report
    say "rule" report.LibTorchRule
    say "directory" report.LibTorchDirectory
    say "weakened" report.WeakenedVersion
    say "copy" report.WeakenedCopy

    for switch in report.Switches do
        say switch.EnvironmentVariable switch.State
        say $"{switch.EnvironmentVariable} reason" switch.Reason

    say "slope" (derivativeOfCube 2.0)

let private sayFailure prefix (act: unit -> unit) =
    try
        act ()
        say $"{prefix}type" "none"
    with
    | :? TorchRuntimeException as e ->
        say $"{prefix}type" (e.GetType().Name)
        say $"{prefix}problem" e.Problem
        say $"{prefix}cause" e.Cause
        say $"{prefix}cure" e.Cure
        say $"{prefix}message" e.Message
    | e -> say $"{prefix}type" (e.GetType().Name)

let private sayDiagnosis () =
    for check in TorchRuntime.Diagnose() do
        say check.Name check.Ok
        say $"{check.Name} cause" check.Cause
        say $"{check.Name} cure" check.Cure

/// Many threads at once: every one of them can compute as soon as its own Ensure has returned.
let private sayRace () =
    use start = new Barrier(8)

    let work () =
        start.SignalAndWait()
        TorchRuntime.Ensure()
        derivativeOfCube 2.0

    let tasks =
        [| for _ in 1..8 -> Tasks.Task.Factory.StartNew(work, Tasks.TaskCreationOptions.LongRunning) |]

    let slopes = Tasks.Task.WhenAll(tasks).GetAwaiter().GetResult()
    say "right" (slopes |> Array.filter (fun slope -> slope = 12.0) |> Array.length)

/// Plays a part; the child's entry point.
let play (part: string) : int =
    match part with
    | "library" -> sayReport ()
    | "executable" ->
        TorchRuntime.EnableProcessSwitches()
        sayReport ()
    | "late" ->
        TorchRuntime.Ensure()
        sayFailure "" TorchRuntime.EnableProcessSwitches
    | "failing" ->
        sayFailure "" TorchRuntime.Ensure
        sayFailure "second " TorchRuntime.Ensure
    | "device" -> sayFailure "" (fun () -> TorchRuntime.DefaultDevice |> ignore)
    | "doctor" -> sayDiagnosis ()
    | "race" -> sayRace ()
    | _ -> failwith $"no such part: {part}"

    0

let private host =
    match Environment.ProcessPath with
    | null -> "dotnet"
    | path when Path.GetFileNameWithoutExtension path = "dotnet" -> path
    | _ -> "dotnet"

/// Where this test program lies.
let application = AppContext.BaseDirectory

/// The variables that decide what is loaded; a child inherits none of them.
let private deciding =
    [ "LIBTORCH_DIR"; "NOISESCALE_MALLOPT"; "NOISESCALE_MKL_AMD"; "NOISESCALE_DEVICE"; "NOISESCALE_LATE_BINDING" ]

/// Lets a copy of this program that lies in the folder play a part, with these environment variables set.
let runIn (folder: string) (part: string) (environment: (string * string) list) : Answer =
    let program = Path.Combine(folder, "DiffSharp.Tests.dll")

    let start =
        ProcessStartInfo(host, [ program; "--child"; part ], RedirectStandardOutput = true, RedirectStandardError = true)

    for name in deciding do
        start.Environment.Remove name |> ignore

    for name, value in environment do
        start.Environment[name] <- value

    use child =
        match Process.Start start with
        | null -> failwith "the child did not start"
        | started -> started

    let errors = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEndAsync()

    if not (child.WaitForExit(TimeSpan.FromMinutes 2.0)) then
        child.Kill true
        failwith $"the child playing {part} did not end within two minutes"

    let lines = output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)

    { ExitCode = child.ExitCode
      Values =
        Map
            [ for line in lines do
                  match line.IndexOf '=' with
                  | -1 -> ()
                  | at -> line.Substring(0, at), line.Substring(at + 1).TrimEnd() ]
      Output = $"exit code {child.ExitCode}\n{output.Result}\n{errors.Result}" }

/// Lets this program play a part, with these environment variables set.
let run part environment = runIn application part environment
