/// The dynamic linker. NativeLibrary.Load keeps a library's symbols to itself on Linux; the libraries of libtorch have to see each other's.
module internal DiffSharp.Native.Linker

open System
open System.IO
open System.Runtime.InteropServices

[<DllImport("libc")>]
extern nativeint private dlopen(string path, int flags)

[<DllImport("libc")>]
extern nativeint private dlerror()

[<Literal>]
let private ResolveNow = 2 // RTLD_NOW

[<Literal>]
let private SharedSymbols = 0x100 // RTLD_GLOBAL

let private lastError () =
    match Marshal.PtrToStringUTF8(dlerror ()) with
    | null -> "no reason given"
    | message -> message

/// Loads a library by absolute path. All symbols are resolved at once: one that is missing is an error here, not the end of the process
/// at its first call.
let load (path: string) : Result<nativeint, string> =
    if not (File.Exists path) then
        Error $"{path}: no such file"
    elif OperatingSystem.IsLinux() then
        // Binding an imported function itself calls dlopen, which overwrites the message: bind dlerror before it is needed.
        dlerror () |> ignore

        match dlopen (path, ResolveNow ||| SharedSymbols) with
        | 0n -> Error(lastError ())
        | handle -> Ok handle
    else
        try
            Ok(NativeLibrary.Load path)
        with
        | :? DllNotFoundException
        | :? BadImageFormatException as e -> Error e.Message
