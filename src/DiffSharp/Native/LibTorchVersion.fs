/// What version of libtorch has been loaded.
module internal DiffSharp.Native.LibTorchVersion

open System
open System.IO
open System.Runtime.InteropServices
open System.Text.RegularExpressions

type private StatedVersion = delegate of unit -> uint64

/// The version the library states itself, since 2.9: one byte each for major, minor and patch, from the top.
let private ofLibrary (torchCpu: nativeint) =
    match NativeLibrary.TryGetExport(torchCpu, "aoti_torch_abi_version") with
    | true, code ->
        let stated = Marshal.GetDelegateForFunctionPointer<StatedVersion>(code).Invoke()
        let part shift = (stated >>> shift) &&& 0xFFUL
        Some $"{part 56}.{part 48}.{part 40}"
    | false, _ -> None

/// The version in the files beside the library: build-version of a libtorch archive, version.py of a Python wheel.
let private ofFiles (directory: string) =
    [ "build-version", @"^\s*(\S+)"; "version.py", @"__version__\s*=\s*['""]([^'""]+)" ]
    |> List.tryPick (fun (name, pattern) ->
        let path = Path.Combine(directory, "..", name)

        try
            if File.Exists path then
                let found = Regex.Match(File.ReadAllText path, pattern)
                if found.Success then Some found.Groups[1].Value else None
            else
                None
        with
        | :? IOException
        | :? UnauthorizedAccessException -> None)

/// The library's own statement; the files' where they agree with it, since they also name the build (for example 2.10.0+cpu).
let detect (torchCpu: nativeint) (directory: string) : string =
    match ofLibrary torchCpu, ofFiles directory with
    | Some stated, Some written when written.StartsWith(stated, StringComparison.Ordinal) -> written
    | Some stated, _ -> stated
    | None, Some written -> written
    | None, None -> "unknown"
