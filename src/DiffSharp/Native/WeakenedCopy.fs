/// A copy of a library with one weakened symbol version, kept between runs in the user's cache.
module internal DiffSharp.Native.WeakenedCopy

open System
open System.IO
open System.Security.Cryptography

/// Where a weakened copy was loaded from.
type Place =
    /// In the user's cache, for the next process too.
    | Cached of path: string
    /// In a private temporary folder, deleted once loaded.
    | Temporary of path: string

/// The user's cache folder, if one is known. A home folder that does not exist yet is named all the same: it is created with the cache.
let userCache () : string option =
    match Environment.GetEnvironmentVariable "XDG_CACHE_HOME" with
    | null -> None
    | folder when Path.IsPathFullyQualified folder -> Some folder
    | _ -> None // relative ones are to be ignored
    |> Option.orElseWith (fun () ->
        match Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify) with
        | "" -> None
        | home -> Some(Path.Combine(home, ".cache")))

let private ownerOnly = UnixFileMode.UserRead ||| UnixFileMode.UserWrite ||| UnixFileMode.UserExecute

let private holds (content: byte[]) (path: string) =
    File.Exists path
    && FileInfo(path).Length = content.LongLength
    && File.ReadAllBytes(path).AsSpan().SequenceEqual(content)

/// Writes under a passing name and renames: another process sees the whole file or none.
let private write (content: byte[]) (path: string) =
    let passing = $"{path}.{Guid.NewGuid():N}"

    try
        File.WriteAllBytes(passing, content)
        File.Move(passing, path, true)
    finally
        File.Delete passing

/// Puts the content into the cache, unless exactly this content is there already.
let private cached (cache: string option) (original: byte[]) (name: string) (content: byte[]) =
    match cache with
    | None -> Error "no cache folder: neither XDG_CACHE_HOME nor the home folder is known"
    | Some root ->
        try
            let key = Convert.ToHexStringLower(SHA256.HashData original).Substring(0, 16)
            let folder = Path.Combine(root, "noisescale", key)
            let path = Path.Combine(folder, name)

            if not (holds content path) then
                Directory.CreateDirectory(folder, ownerOnly) |> ignore
                write content path

            Ok path
        with
        | :? IOException
        | :? UnauthorizedAccessException as e -> Error e.Message

/// Writes the content into a new private folder, loads it from there and removes the folder: a loaded library needs its file no longer.
let private fromTemporary (name: string) (content: byte[]) load =
    try
        let folder = Directory.CreateTempSubdirectory "noisescale-"

        try
            let path = Path.Combine(folder.FullName, name)
            File.WriteAllBytes(path, content)
            load path |> Result.map (fun handle -> handle, Temporary path)
        finally
            folder.Delete true
    with
    | :? IOException
    | :? UnauthorizedAccessException as e -> Error e.Message

/// <summary>Loads a weakened library from the cache, or where that cannot be written or loaded from, from a temporary folder.</summary>
/// <param name="cache">The user's cache folder.</param>
/// <param name="original">The library as it was shipped: its hash names the cache folder.</param>
/// <param name="name">The library's file name.</param>
/// <param name="weakened">What to load.</param>
/// <param name="load">Loads a file by its path.</param>
let loadWeakened cache original name weakened (load: string -> Result<nativeint, string>) : Result<nativeint * Place, string> =
    let fromCache =
        cached cache original name weakened
        |> Result.bind (fun path -> load path |> Result.map (fun handle -> handle, Cached path))

    match fromCache with
    | Ok loaded -> Ok loaded
    | Error inCache ->
        fromTemporary name weakened load
        |> Result.mapError (fun inTemporary -> $"from the cache: {inCache}; from a temporary folder: {inTemporary}")
