module TorchRuntimeTests

open System
open System.IO
open Expecto
open DiffSharp
open DiffSharp.Native
open Child

/// The libtorch this process uses; a child whose home is empty is told of it by LIBTORCH_DIR.
let private libTorch =
    lazy
        (match TorchRuntime.Report.LibTorchDirectory with
         | null -> failtest "TorchSharp's own loader chose libtorch: nothing to hand to a child"
         | folder -> "LIBTORCH_DIR", folder)

let private linuxTest name body =
    testCase name (fun () ->
        if OperatingSystem.IsLinux() then
            body ()
        else
            skiptest $"{name}: the loader is Linux's")

/// Only where libstdc++ is older than the one TorchSharp was built against is there a copy to speak of.
let private weakeningTest name body =
    linuxTest name (fun () ->
        if isNull TorchRuntime.Report.WeakenedVersion then
            skiptest $"{name}: this system loads TorchSharp's native half as it is"
        else
            body ())

let private succeeded (answer: Answer) =
    Expect.equal answer.ExitCode 0 answer.Output
    Expect.equal answer["slope"] "12" answer.Output

let private failedWith problem causePart curePart (answer: Answer) =
    Expect.equal answer.ExitCode 0 answer.Output
    Expect.equal answer["type"] "TorchRuntimeException" answer.Output
    Expect.equal answer["problem"] problem answer.Output
    Expect.stringContains answer["cause"] causePart answer.Output
    Expect.stringContains answer["cure"] curePart answer.Output
    Expect.equal answer["second message"] answer["message"] "a later call fails alike"

/// A copy of this program without native libraries: what the packages' folders do not hold is then nowhere.
let private withoutNatives (folder: Folder) =
    let copy = folder.Sub "application"

    for file in Directory.GetFiles application do
        File.Copy(file, Path.Combine(copy, string (Path.GetFileName file)))

    copy

/// TorchSharp's native half, referring to a function of libtorch that no libtorch has.
let private askForMissingFunction (application: string) =
    let library =
        match LibrarySearch.libTorchSharp ignore with
        | Some path -> File.ReadAllBytes path
        | None -> failtest "TorchSharp's native half is not where it should be"

    let name = "_ZN2at4_ops4sinh4callERKNS_6TensorE"B
    let at = library.AsSpan().IndexOf(ReadOnlySpan name)
    Expect.isGreaterThan at 0 "TorchSharp refers to sinh"
    library[at + 11] <- 'X'B
    let folder = Path.Combine(application, "runtimes", "linux-x64", "native")
    Directory.CreateDirectory folder |> ignore
    File.WriteAllBytes(Path.Combine(folder, "libLibTorchSharp.so"), library)

let private switchesOf (answer: Answer) = answer["NOISESCALE_MALLOPT"], answer["NOISESCALE_MKL_AMD"]

[<Tests>]
let tests =
    testList
        "TorchRuntime"
        [ testCase "loads, and computes a gradient"
          <| fun () ->
              TorchRuntime.Ensure()
              TorchRuntime.Ensure()
              Expect.equal (derivativeOfCube 2.0) 12.0 "3x² at 2"

          testCase "the report names versions, places, device and threads"
          <| fun () ->
              let report = TorchRuntime.Report
              Expect.equal report.TorchSharpVersion "0.107.0" "TorchSharp"
              Expect.isMatch report.LibTorchVersion @"^\d+\.\d+\.\d+" "libtorch"
              Expect.isTrue (report.Threads >= 1 && report.InteropThreads >= 1 && report.Processors >= 1) "threads"
              Expect.equal report.HasCuda (report.CudaDeviceCount > 0) "CUDA"
              Expect.isNonEmpty report.Trace "trace"
              Expect.hasLength report.Switches 2 "switches"

              if OperatingSystem.IsLinux() then
                  let torchCpu = Path.Combine(string report.LibTorchDirectory, "libtorch_cpu.so")
                  Expect.isTrue (File.Exists torchCpu) torchCpu
                  Expect.isTrue (File.Exists(string report.LibTorchSharpPath)) "TorchSharp's native half"

          testCase "the package named in the search is the one TorchSharp was built against"
          <| fun () ->
              let flags = Reflection.BindingFlags.NonPublic ||| Reflection.BindingFlags.Static

              match typeof<TorchSharp.torch>.GetField("libtorchPackageVersion", flags) with
              | null -> skiptest "this TorchSharp does not say which libtorch it was built against"
              | field ->
                  let builtAgainst = System.Version(string (field.GetRawConstantValue())).ToString 3
                  Expect.equal builtAgainst LibrarySearch.LibTorchPackageVersion "libtorch"

          testCase "the application's folder holds no libtorch"
          <| fun () ->
              let copies = Directory.GetFiles(application, "*torch_cpu*", SearchOption.AllDirectories)

              Expect.isEmpty copies "libtorch is never copied"

          testCase "a library does not throw the switches, an executable does"
          <| fun () ->
              let library = run "library" []
              succeeded library
              Expect.equal (switchesOf library) ("Off", "Off") library.Output

              let executable = run "executable" []
              succeeded executable
              let allocator, mkl = switchesOf executable
              Expect.equal allocator (if OperatingSystem.IsLinux() then "On" else "NotApplicable") executable.Output
              Expect.notEqual mkl "Off" executable.Output

          testCase "NOISESCALE_MALLOPT=0 and NOISESCALE_MKL_AMD=0 turn the switches off, each its own"
          <| fun () ->
              let _, mkl = switchesOf (run "executable" [])
              let noAllocator = run "executable" [ "NOISESCALE_MALLOPT", "0" ]
              succeeded noAllocator
              Expect.equal (switchesOf noAllocator) ("Off", mkl) noAllocator.Output
              Expect.stringContains noAllocator["NOISESCALE_MALLOPT reason"] "NOISESCALE_MALLOPT=0" "says why"

              let noMkl = run "executable" [ "NOISESCALE_MKL_AMD", "0" ]
              succeeded noMkl
              Expect.equal (snd (switchesOf noMkl)) "Off" noMkl.Output
              Expect.notEqual (fst (switchesOf noMkl)) "Off" noMkl.Output

          testCase "a script may ask by setting the variable to 1; another value throws nothing and is told"
          <| fun () ->
              let answer = run "library" [ "NOISESCALE_MALLOPT", "1"; "NOISESCALE_MKL_AMD", "yes" ]
              succeeded answer
              Expect.notEqual answer["NOISESCALE_MALLOPT"] "Off" answer.Output
              Expect.equal answer["NOISESCALE_MKL_AMD"] "Off" answer.Output
              Expect.stringContains answer["NOISESCALE_MKL_AMD reason"] "neither 0 nor 1" answer.Output

          testCase "asking for the switches after libtorch has been loaded is an error"
          <| fun () ->
              let answer = run "late" []
              Expect.equal answer["type"] "InvalidOperationException" answer.Output

          testCase "eight threads may ask at once"
          <| fun () ->
              let answer = run "race" []
              Expect.equal answer["right"] "8" answer.Output

          testCase "a device that is not there is refused by name"
          <| fun () ->
              let answer = run "device" [ "NOISESCALE_DEVICE", "cuda:99" ]
              Expect.equal answer["problem"] "no device to compute on" answer.Output
              Expect.stringContains answer["cause"] "NOISESCALE_DEVICE=cuda:99" answer.Output

          linuxTest "LIBTORCH_DIR may name the folder above lib" (fun () ->
              use folder = new Folder()
              Directory.CreateSymbolicLink(Path.Combine(folder.Path, "lib"), snd libTorch.Value) |> ignore
              let answer = run "library" [ "LIBTORCH_DIR", folder.Path ]
              succeeded answer
              Expect.equal answer["rule"] "LIBTORCH_DIR" answer.Output
              Expect.equal answer["directory"] (Path.Combine(folder.Path, "lib")) answer.Output)

          testCase "LIBTORCH_DIR naming an empty folder is an error, not a reason to look elsewhere"
          <| fun () ->
              use folder = new Folder()

              run "failing" [ "LIBTORCH_DIR", folder.Path ] |> failedWith "libtorch not found" folder.Path "LIBTORCH_DIR"

          linuxTest "a damaged libtorch is an error that names the file" (fun () ->
              use folder = new Folder()

              for file in [ "libc10.so"; "libtorch_cpu.so"; "libtorch.so" ] do
                  File.WriteAllText(Path.Combine(folder.Path, file), "not a library")

              run "failing" [ "LIBTORCH_DIR", folder.Path ]
              |> failedWith "libc10.so does not load" (Path.Combine(folder.Path, "libc10.so")) "restore")

          linuxTest "a second libtorch in the application's folder is refused" (fun () ->
              use folder = new Folder()
              let copy = withoutNatives folder
              File.WriteAllText(Path.Combine(copy, "libtorch_cpu.so"), "")

              runIn copy "failing" [ libTorch.Value ] |> failedWith "two copies of libtorch" copy "remove")

          linuxTest "a missing native half of TorchSharp is an error that names it" (fun () ->
              use folder = new Folder()
              let copy = withoutNatives folder

              runIn copy "failing" [ libTorch.Value; "HOME", folder.Sub "home"; "NUGET_PACKAGES", folder.Sub "packages" ]
              |> failedWith "TorchSharp's native half not found" "libLibTorchSharp.so" "build")

          linuxTest "a libtorch that lacks a function is refused, and loads where late binding is asked for" (fun () ->
              use folder = new Folder()
              let copy = withoutNatives folder
              askForMissingFunction copy
              let environment = [ libTorch.Value; "XDG_CACHE_HOME", folder.Sub "cache" ]

              runIn copy "failing" environment
              |> failedWith "TorchSharp's native half does not load" "undefined symbol" "NOISESCALE_LATE_BINDING=1"

              runIn copy "library" (("NOISESCALE_LATE_BINDING", "1") :: environment) |> succeeded)

          linuxTest "no libtorch anywhere is an error that says how to get one" (fun () ->
              use folder = new Folder()
              let copy = withoutNatives folder

              runIn copy "failing" [ "HOME", folder.Sub "home"; "NUGET_PACKAGES", folder.Sub "packages" ]
              |> failedWith "libtorch not found" "LIBTORCH_DIR is not set" "dotnet package download libtorch-cpu")

          weakeningTest "a damaged cached copy is rebuilt" (fun () ->
              use cache = new Folder()
              let environment = [ "XDG_CACHE_HOME", cache.Path ]
              let first = run "library" environment
              succeeded first
              let path = first["copy"]
              Expect.stringStarts path cache.Path first.Output
              let right = File.ReadAllBytes path
              File.WriteAllBytes(path, Array.truncate 1000 right)

              succeeded (run "library" environment)
              Expect.isTrue (right.AsSpan().SequenceEqual(File.ReadAllBytes path)) "rebuilt")

          weakeningTest "a home that cannot be written to is no obstacle, and nothing is left in the temporary folder" (fun () ->
              use folder = new Folder()
              let notAFolder = Path.Combine(folder.Path, "home")
              File.WriteAllText(notAFolder, "")
              let temporary = folder.Sub "temporary"

              let answer =
                  run
                      "library"
                      [ libTorch.Value; "HOME", notAFolder; "XDG_CACHE_HOME", ""; "TMPDIR", temporary; "DOTNET_EnableDiagnostics", "0" ]

              succeeded answer
              Expect.equal answer["copy"] "" "none is kept"
              Expect.isEmpty (Directory.GetFileSystemEntries temporary) "removed")

          testCase "the diagnosis of a sound machine is all well"
          <| fun () ->
              let bad = TorchRuntime.Diagnose() |> Seq.filter (fun check -> not check.Ok) |> List.ofSeq
              Expect.isEmpty bad "every check is Ok"

          testCase "the diagnosis without libtorch names cause and cure, and does not throw"
          <| fun () ->
              use folder = new Folder()
              let answer = run "doctor" [ "LIBTORCH_DIR", folder.Path ]
              Expect.equal answer.ExitCode 0 answer.Output
              Expect.equal answer["operating system"] "True" answer.Output
              Expect.equal answer["libtorch"] "False" answer.Output
              Expect.stringContains answer["libtorch cause"] folder.Path answer.Output
              Expect.stringContains answer["libtorch cure"] "LIBTORCH_DIR" answer.Output
              Expect.equal answer["gradient cause"] "libtorch is not loaded" answer.Output

          testCase "the diagnosis of a device that is not there fails on the device alone"
          <| fun () ->
              let answer = run "doctor" [ "NOISESCALE_DEVICE", "cuda:99" ]
              Expect.equal answer.ExitCode 0 answer.Output
              Expect.equal answer["device"] "False" answer.Output
              Expect.equal answer["gradient"] "True" answer.Output ]
