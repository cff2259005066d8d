module WeakenedCopyTests

open System
open System.IO
open Expecto
open DiffSharp.Native

let private original = "as it was shipped"B
let private weakened = "as it is loaded"B

/// Stands in for the dynamic linker: accepts the right content only, and remembers what it was asked to load.
type private Linker() =
    let asked = ResizeArray<string>()
    member _.Asked = List.ofSeq asked

    member _.Load(path: string) : Result<nativeint, string> =
        asked.Add path

        if File.ReadAllBytes path = weakened then
            Ok 1n
        else
            Error $"{path}: wrong content"

let private load cache (linker: Linker) = WeakenedCopy.loadWeakened cache original "lib.so" weakened linker.Load

let private cachedPath result =
    match result with
    | Ok(1n, WeakenedCopy.Cached path) -> path
    | other -> failtest $"not from the cache: %A{other}"

[<Tests>]
let tests =
    testList
        "WeakenedCopy"
        [ testCase "the copy is kept in the cache and reused"
          <| fun () ->
              use cache = new Child.Folder()
              let path = cachedPath (load (Some cache.Path) (Linker()))
              let written = File.GetLastWriteTimeUtc path
              Expect.equal (File.ReadAllBytes path) weakened "content"
              Expect.equal (cachedPath (load (Some cache.Path) (Linker()))) path "same place"
              Expect.equal (File.GetLastWriteTimeUtc path) written "not written again"
              Expect.hasLength (Directory.GetFileSystemEntries(cache.Path, "*", SearchOption.AllDirectories)) 3 "no passing file is left"

          testCase "a copy with another content is rebuilt before it is loaded, whatever its length"
          <| fun () ->
              use cache = new Child.Folder()
              let path = cachedPath (load (Some cache.Path) (Linker()))

              for wrong in [ ""B; "AS IT IS LOADED"B; "as it is loaded, and more"B ] do
                  File.WriteAllBytes(path, wrong)
                  let linker = Linker()
                  Expect.equal (cachedPath (load (Some cache.Path) linker)) path "same place"
                  Expect.equal (File.ReadAllBytes path) weakened "rebuilt"
                  Expect.hasLength linker.Asked 1 "never loaded wrong"

          testCase "where the cache cannot be written a temporary folder serves, and is removed"
          <| fun () ->
              use folder = new Child.Folder()
              let notAFolder = Path.Combine(folder.Path, "file")
              File.WriteAllText(notAFolder, "")

              for cache in [ None; Some notAFolder; Some(Path.Combine(notAFolder, "below")) ] do
                  let linker = Linker()

                  match load cache linker with
                  | Ok(1n, WeakenedCopy.Temporary path) ->
                      Expect.equal linker.Asked [ path ] "loaded from there"
                      Expect.isFalse (File.Exists path) "removed"
                      Expect.isFalse (Directory.Exists(Path.GetDirectoryName path)) "its folder too"
                  | other -> failtest $"%A{other}"

          testCase "where the cache cannot be loaded from (noexec) a temporary folder serves"
          <| fun () ->
              use cache = new Child.Folder()

              let refusing (path: string) =
                  if path.StartsWith(cache.Path, StringComparison.Ordinal) then
                      Error "failed to map segment"
                  else
                      Ok 1n

              match WeakenedCopy.loadWeakened (Some cache.Path) original "lib.so" weakened refusing with
              | Ok(1n, WeakenedCopy.Temporary _) -> ()
              | other -> failtest $"%A{other}"

          testCase "where neither serves, both reasons are told"
          <| fun () ->
              use cache = new Child.Folder()
              let never (path: string) : Result<nativeint, string> = Error $"refused {Path.GetFileName path}"

              match WeakenedCopy.loadWeakened (Some cache.Path) original "lib.so" weakened never with
              | Error why -> Expect.equal why "from the cache: refused lib.so; from a temporary folder: refused lib.so" "both"
              | Ok _ -> failtest "loaded"

          testCase "many at once leave one whole copy"
          <| fun () ->
              use cache = new Child.Folder()

              let paths = Array.Parallel.init 16 (fun _ -> cachedPath (load (Some cache.Path) (Linker())))

              Expect.hasLength (Array.distinct paths) 1 "one place"
              Expect.equal (File.ReadAllBytes paths[0]) weakened "whole" ]
