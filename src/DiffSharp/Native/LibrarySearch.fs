/// Where the native libraries lie, on a machine that may have several.
module internal DiffSharp.Native.LibrarySearch

open System
open System.IO
open System.Reflection
open System.Runtime.InteropServices
open DiffSharp

/// The libtorch that this TorchSharp was built against.
[<Literal>]
let LibTorchPackageVersion = "2.10.0"

[<Literal>]
let LibTorchVariable = "LIBTORCH_DIR"

/// A folder, and the rule by which it was found.
type Found = { Directory: string; Rule: string }

/// The file name of a native library on this operating system.
let fileName (library: string) =
    if OperatingSystem.IsWindows() then library + ".dll"
    elif OperatingSystem.IsMacOS() then $"lib{library}.dylib"
    else $"lib{library}.so"

/// The name that packages give this platform, for example linux-x64.
let platform =
    let system =
        if OperatingSystem.IsWindows() then "win"
        elif OperatingSystem.IsMacOS() then "osx"
        else "linux"

    $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}"

let private variable name =
    match Environment.GetEnvironmentVariable name with
    | null
    | "" -> None
    | value -> Some value

let private nativeFolder folder = Path.Combine(folder, "runtimes", platform, "native")

let private folderOf (assembly: Assembly) =
    match Path.GetDirectoryName assembly.Location with // empty in a single-file application
    | null
    | "" -> None
    | folder -> Some folder

/// Where an application's own native libraries lie: .NET looks there first, by absolute path.
let applicationFolders =
    [ Some AppContext.BaseDirectory
      folderOf (Assembly.GetExecutingAssembly())
      folderOf typeof<TorchSharp.torch>.Assembly ]
    |> List.choose id
    |> List.collect (fun folder -> [ nativeFolder folder; folder ])
    |> List.map (fun folder -> Path.TrimEndingDirectorySeparator(Path.GetFullPath folder))
    |> List.distinct

/// The folders NuGet unpacks packages into.
let private packageFolders =
    let home =
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify)

    [ variable "NUGET_PACKAGES"
      (if home = "" then None else Some(Path.Combine(home, ".nuget", "packages")))
      // a script that references TorchSharp as a package runs the assembly where it was unpacked: <root>/torchsharp/<version>/lib/<framework>
      folderOf typeof<TorchSharp.torch>.Assembly
      |> Option.map (fun folder -> Path.GetFullPath(Path.Combine(folder, "..", "..", "..", ".."))) ]
    |> List.choose id
    |> List.distinct

let private packaged (package: string) (version: string) =
    [ for root in packageFolders -> nativeFolder (Path.Combine(root, package, version)) ]

/// TorchSharp's version as its package is named.
let torchSharpVersion =
    match typeof<TorchSharp.torch>.Assembly.GetName().Version with
    | null -> "unknown"
    | version -> version.ToString 3

/// The first of the folders that holds the file; says in the trace where it was not.
let private probe (trace: string -> unit) file folders =
    folders
    |> List.tryFind (fun folder ->
        let here = File.Exists(Path.Combine(folder, file))

        if not here then
            trace $"no {file} in {folder}"

        here)

let private named rule directory = { Directory = directory; Rule = rule }

let private libTorchOf trace (given: string) =
    let file = fileName "torch_cpu"

    match probe trace file [ given; Path.Combine(given, "lib") ] with
    | Some folder -> named LibTorchVariable (Path.GetFullPath folder)
    | None ->
        raise (
            TorchRuntimeException(
                "libtorch not found",
                $"{LibTorchVariable}={given}, and there is no {file} in that folder or in its folder lib",
                $"let {LibTorchVariable} name the folder that holds {file}, or unset it to use the package's libtorch"
            )
        )

/// The libtorch to load: the folder that LIBTORCH_DIR names, else the application's own, else the package's.
/// None where no rule applies; an error where LIBTORCH_DIR is set to a folder without one.
let libTorch (trace: string -> unit) : Found option =
    let file = fileName "torch_cpu"

    match variable LibTorchVariable with
    | Some given -> Some(libTorchOf trace given)
    | None ->
        probe trace file applicationFolders
        |> Option.map (named "application folder")
        |> Option.orElseWith (fun () ->
            probe trace file (packaged $"libtorch-cpu-{platform}" LibTorchPackageVersion) |> Option.map (named "package folder"))

/// TorchSharp's native half.
let libTorchSharp (trace: string -> unit) : string option =
    let file = fileName "LibTorchSharp"

    applicationFolders @ packaged "torchsharp" torchSharpVersion
    |> probe trace file
    |> Option.map (fun folder -> Path.Combine(folder, file))

/// A libtorch in the application's folder other than the chosen one. .NET tries that folder first when TorchSharp asks for torch_cpu by
/// name; the second copy would be loaded beside the first, and libtorch ends the process when its operators are registered twice.
let secondLibTorch (chosen: string) : string option =
    let chosen = Path.TrimEndingDirectorySeparator(Path.GetFullPath chosen)

    applicationFolders
    |> List.tryFind (fun folder -> folder <> chosen && File.Exists(Path.Combine(folder, fileName "torch_cpu")))
