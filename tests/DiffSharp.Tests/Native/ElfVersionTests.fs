module ElfVersionTests

open System
open System.IO
open Expecto
open FsCheck
open FsCheck.FSharp
open DiffSharp.Native

let private realLibrary =
    lazy
        (match LibrarySearch.libTorchSharp ignore with
         | Some path -> File.ReadAllBytes path
         | None -> failtest "TorchSharp's native half is not in the application's folder or in a package folder")

let private onLinux name body =
    testCase name (fun () ->
        if OperatingSystem.IsLinux() then
            body ()
        else
            skiptest $"{name}: ELF libraries are Linux's")

let private bytesThatDiffer (a: byte[]) (b: byte[]) = Array.zip a b |> Array.indexed |> Array.filter (fun (_, (x, y)) -> x <> y)

/// Damage in the places that steer the reader: the header, the section table and the version tables, at random.
let private damaged =
    gen {
        let! count = Gen.choose (1, 40)
        let! places = Gen.listOfLength count (Gen.choose (0, 1 <<< 24))
        let! values = Gen.listOfLength count (Gen.choose (0, 255))
        let! near = Gen.listOfLength count (Gen.elements [ 0.0; 0.1; 1.0 ])
        return List.zip3 places near values
    }
    |> Arb.fromGen

[<Tests>]
let tests =
    testList
        "ElfVersion"
        [ onLinux "weakening changes exactly one byte of TorchSharp's native half, from no flag to VER_FLG_WEAK" (fun () ->
              let original = realLibrary.Value
              let before = Array.copy original

              match ElfVersion.weaken Loader.NewestMark original with
              | Error why -> failtest why.Message
              | Ok weakened ->
                  let differences = bytesThatDiffer original weakened
                  Expect.equal (Array.map snd differences) [| 0uy, 2uy |] "one byte: 0 -> 2"
                  Expect.sequenceEqual original before "the original is left alone")

          onLinux "weakening what is weak already changes nothing more" (fun () ->
              let once = ElfVersion.weaken Loader.NewestMark realLibrary.Value |> Result.defaultValue [||]

              let twice = ElfVersion.weaken Loader.NewestMark once |> Result.defaultValue [||]
              Expect.isNonEmpty once "weakened"
              Expect.isTrue (once.AsSpan().SequenceEqual twice) "idempotent")

          onLinux "a version that code really uses is not weakened" (fun () ->
              match ElfVersion.weaken "GLIBCXX_3.4.30" realLibrary.Value with
              | Error(ElfVersion.VersionInUse("GLIBCXX_3.4.30", [ symbol ])) ->
                  Expect.stringContains symbol "condition_variable" "its only symbol"
              | other -> failtest $"%A{other}")

          onLinux "a version that is not needed is named" (fun () ->
              Expect.equal
                  (ElfVersion.weaken "GLIBCXX_9.9.9" realLibrary.Value)
                  (Error(ElfVersion.VersionNotNeeded "GLIBCXX_9.9.9"))
                  "not needed")

          testCase "a file that is not ELF is refused by name"
          <| fun () ->
              for garbage in [ [||]; "MZ"B; Array.zeroCreate 100; Array.create 4096 0xFFuy ] do
                  match ElfVersion.weaken Loader.NewestMark garbage with
                  | Error(ElfVersion.NotElf64 _) -> ()
                  | other -> failtest $"%A{other}"

          testCase "an ELF header with nothing behind it is refused by name"
          <| fun () ->
              let header = Array.zeroCreate<byte> 64
              [| 0x7Fuy; 'E'B; 'L'B; 'F'B; 2uy; 1uy |].CopyTo(header, 0)

              match ElfVersion.weaken Loader.NewestMark header with
              | Error(ElfVersion.Damaged _) -> ()
              | other -> failtest $"%A{other}"

          onLinux "a truncated library is refused by name" (fun () ->
              let original = realLibrary.Value

              for length in [ 64; 4096; original.Length / 2; original.Length - 1 ] do
                  match ElfVersion.weaken Loader.NewestMark (Array.truncate length original) with
                  | Error(ElfVersion.Damaged _) -> ()
                  | Error other -> failtest $"{length} bytes: {other.Message}"
                  | Ok _ -> failtest $"{length} bytes were accepted")

          testPropertyWithConfig { FsCheckConfig.defaultConfig with maxTest = 60 } "damage never throws and never loops"
          <| Prop.forAll damaged (fun damage ->
              let library =
                  if OperatingSystem.IsLinux() then
                      Array.copy realLibrary.Value
                  else
                      Array.zeroCreate 100_000

              let sections = if library.Length > 0x30 then int (BitConverter.ToInt64(library, 0x28)) else 0

              for place, near, value in damage do
                  // in the header, in the section table, or anywhere
                  let at =
                      match near with
                      | 0.0 -> place % 64
                      | 0.1 -> sections + place % 2048
                      | _ -> place

                  library[at % library.Length] <- byte value

              match ElfVersion.weaken Loader.NewestMark library with
              | Ok weakened -> weakened.Length = library.Length
              | Error why -> why.Message.Length > 0) ]
