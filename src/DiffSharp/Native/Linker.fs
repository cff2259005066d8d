/// The dynamic linker. NativeLibrary.Load keeps a library's symbols to itself on Linux; the libraries of libtorch have to see each other's.
module internal DiffSharp.Native.Linker

open System
open System.IO
open System.Runtime.InteropServices

// The path goes in as a pointer: a string's own marshalling frees its copy after the call, and the first such free binds a function of
// the runtime, which overwrites the message that dlerror has for us.
[<DllImport("libc")>]
extern nativeint private dlopen(nativeint path, int flags)

[<DllImport("libc")>]
extern nativeint private dlerror()

[<Literal>]
let private ResolveLate = 1 // RTLD_LAZY

[<Literal>]
let private ResolveNow = 2 // RTLD_NOW

[<Literal>]
let private SharedSymbols = 0x100 // RTLD_GLOBAL

/// Set to 1, it lets a libtorch load that lacks functions TorchSharp refers to: such a function ends the process when it is called.
[<Literal>]
let LateBindingVariable = "NOISESCALE_LATE_BINDING"

let private binding () =
    if Environment.GetEnvironmentVariable LateBindingVariable = "1" then
        ResolveLate
    else
        ResolveNow

let private openShared (path: string) =
    // Binding an imported function overwrites the message too: dlerror is bound before it is needed.
    dlerror () |> ignore
    let pointer = Marshal.StringToCoTaskMemUTF8 path

    try
        match dlopen (pointer, binding () ||| SharedSymbols) with
        | 0n ->
            let message = dlerror ()

            match Marshal.PtrToStringUTF8 message with
            | null -> Error $"{path}: the dynamic linker gave no reason"
            | reason -> Error reason
        | handle -> Ok handle
    finally
        Marshal.FreeCoTaskMem pointer

/// Loads a library by absolute path. All symbols are resolved at once, unless NOISESCALE_LATE_BINDING says otherwise: one that is missing
/// is an error here, not the end of the process at its first call.
let load (path: string) : Result<nativeint, string> =
    if not (File.Exists path) then
        Error $"{path}: no such file"
    elif OperatingSystem.IsLinux() then
        openShared path
    else
        try
            Ok(NativeLibrary.Load path)
        with
        | :? DllNotFoundException
        | :? BadImageFormatException as e -> Error e.Message
