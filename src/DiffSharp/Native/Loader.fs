/// Loads libtorch and TorchSharp's native half before TorchSharp's own loader looks for them.
///
/// TorchSharp's loader has no setting for the folder, and on a system whose libstdc++ is older than the one TorchSharp was built
/// against (Debian 12, Ubuntu 22.04) it fails with a misleading message. What is already loaded under the same name it finds.
module internal DiffSharp.Native.Loader

open System
open System.IO
open DiffSharp

/// What was loaded.
type Loaded =
    { LibTorch: LibrarySearch.Found option
      LibTorchVersion: string
      LibTorchSharp: string option
      Weakened: (string * WeakenedCopy.Place) option
      Switches: ProcessSwitch list }

/// The symbol version of libstdc++ that TorchSharp's native half needs as a mere mark: GCC 13.2.
[<Literal>]
let NewestMark = "GLIBCXX_3.4.32"

let private fail problem cause cure = raise (TorchRuntimeException(problem, cause, cure))

let private libTorchFile = LibrarySearch.fileName "torch_cpu"

let private libTorchSharpFile = LibrarySearch.fileName "LibTorchSharp"

let private installAgain =
    $"delete the damaged package folder and restore again, or let {LibrarySearch.LibTorchVariable} name a complete libtorch {LibrarySearch.LibTorchPackageVersion}"

let private loadOrFail (trace: string -> unit) cure path =
    match Linker.load path with
    | Ok handle ->
        trace $"loaded {path}"
        handle
    | Error reason -> fail $"{Path.GetFileName path} does not load" reason cure

/// libtorch's libraries in the order of their dependencies; hands back what was done with libtorch_cpu as soon as it was there.
let private loadLibTorch trace directory (withCpu: nativeint -> 'result) =
    let file library = Path.Combine(directory, LibrarySearch.fileName library)

    let load library = loadOrFail trace installAgain (file library)

    load "c10" |> ignore
    let result = withCpu (load "torch_cpu")

    if File.Exists(file "torch_cuda") then
        load "c10_cuda" |> ignore
        load "torch_cuda" |> ignore

    load "torch" |> ignore
    result

let private refuseSecond directory =
    match LibrarySearch.secondLibTorch directory with
    | Some second ->
        fail
            "two copies of libtorch"
            $"one was found in {directory} and the application's own folder {second} holds another; loaded together they end the process"
            $"remove the one in {second} (reference libtorch from no project), or unset {LibrarySearch.LibTorchVariable}"
    | None -> ()

let private missesSymbol (reason: string) = reason.Contains "undefined symbol"

let private doesNotFit (reason: string) =
    let anotherVersion =
        if missesSymbol reason then
            $"; or set {Linker.LateBindingVariable}=1 to load this one all the same: a function it lacks then ends the process when it is called"
        else
            ""

    fail
        "TorchSharp's native half does not load"
        reason
        $"use the libtorch this TorchSharp was built against, {LibrarySearch.LibTorchPackageVersion}, on a system with glibc 2.34 and libstdc++ of GCC 12 or newer{anotherVersion}"

/// TorchSharp's native half as it is, or, where only the mark of a newer libstdc++ stands in the way, as a copy with that need weakened.
let private loadLibTorchSharp (trace: string -> unit) path =
    match Linker.load path with
    | Ok _ ->
        trace $"loaded {path}"
        None
    | Error reason when not (reason.Contains NewestMark) -> doesNotFit reason
    | Error reason ->
        trace $"did not load: {reason}"
        let original = File.ReadAllBytes path

        match ElfVersion.weaken NewestMark original with
        | Error why -> doesNotFit $"{reason}; and the need for {NewestMark} cannot be weakened: {why.Message}"
        | Ok weakened ->
            match WeakenedCopy.loadWeakened (WeakenedCopy.userCache ()) original libTorchSharpFile weakened Linker.load with
            | Ok(_, place) ->
                let (WeakenedCopy.Cached where | WeakenedCopy.Temporary where) = place
                trace $"loaded {where}, its need for {NewestMark} weakened"
                Some(NewestMark, place)
            | Error why when missesSymbol why -> doesNotFit why
            | Error why ->
                fail
                    "the weakened copy of TorchSharp's native half does not load"
                    why
                    "let XDG_CACHE_HOME name a folder that can be written to and that libraries may be loaded from (not mounted noexec)"

let private loadOnLinux trace asked =
    let allocator = ProcessSwitches.allocator asked

    match LibrarySearch.libTorch trace with
    | None ->
        fail
            "libtorch not found"
            $"{LibrarySearch.LibTorchVariable} is not set, and neither the application's folder nor a package folder holds {libTorchFile}"
            $"run 'dotnet package download libtorch-cpu-{LibrarySearch.platform}@{LibrarySearch.LibTorchPackageVersion} --output ~/.nuget/packages', or let {LibrarySearch.LibTorchVariable} name the folder of a libtorch {LibrarySearch.LibTorchPackageVersion}"
    | Some found ->
        refuseSecond found.Directory

        // Looked for before 460 MB are mapped: the commoner mistake is told first.
        let libTorchSharp =
            match LibrarySearch.libTorchSharp trace with
            | Some path -> path
            | None ->
                fail
                    "TorchSharp's native half not found"
                    $"no {libTorchSharpFile} in the application's folder or in the package torchsharp {LibrarySearch.torchSharpVersion}"
                    "build the application again so that TorchSharp's runtimes folder lies beside it, or restore its packages"

        let mkl, version =
            loadLibTorch trace found.Directory (fun cpu -> ProcessSwitches.mklOnAmd asked cpu, LibTorchVersion.detect cpu found.Directory)

        let weakened = loadLibTorchSharp trace libTorchSharp

        { LibTorch = Some found
          LibTorchVersion = version
          LibTorchSharp = Some libTorchSharp
          Weakened = weakened
          Switches = [ allocator; mkl ] }

/// Windows and macOS: libtorch from LIBTORCH_DIR where it is set; all else is TorchSharp's own loader's affair.
let private loadElsewhere trace asked =
    let given =
        match Environment.GetEnvironmentVariable LibrarySearch.LibTorchVariable with
        | null
        | "" -> None
        | _ -> LibrarySearch.libTorch trace

    let version =
        match given with
        | Some found -> loadLibTorch trace found.Directory (fun cpu -> LibTorchVersion.detect cpu found.Directory)
        | None -> LibrarySearch.LibTorchPackageVersion

    { LibTorch = given
      LibTorchVersion = version
      LibTorchSharp = None
      Weakened = None
      Switches = [ ProcessSwitches.allocator asked; ProcessSwitches.mklOnAmd asked 0n ] }

/// Loads everything, once; the switches are thrown on the way if the executable asked for them.
let load (trace: string -> unit) (asked: bool) : Loaded =
    if OperatingSystem.IsLinux() then
        loadOnLinux trace asked
    else
        loadElsewhere trace asked
