namespace DiffSharp

open System
open System.Collections.Generic
open System.Runtime.ExceptionServices
open System.Runtime.InteropServices
open TorchSharp
open DiffSharp.Native

/// <summary>Makes libtorch ready: finds it, loads it together with TorchSharp's native half, and reports what was done.</summary>
/// <remarks>
/// <para>Linux x64: libtorch comes from the folder that the environment variable LIBTORCH_DIR names, else from the application's own
/// folder, else from the package libtorch-cpu-linux-x64 in the package folder (NUGET_PACKAGES, or .nuget/packages in the home folder).
/// Where the system's libstdc++ is older than the one TorchSharp was built against (Debian 12, Ubuntu 22.04), a copy of TorchSharp's
/// native half with that one need weakened is kept in XDG_CACHE_HOME or .cache, under noisescale.</para>
/// <para>A libtorch of another version loads if it has every symbol TorchSharp refers to. NOISESCALE_LATE_BINDING=1 lets one load that lacks
/// functions nobody may call; one that is called ends the process.</para>
/// <para>Windows and macOS: libtorch is loaded from LIBTORCH_DIR where it is set; else TorchSharp's own loader takes it from the package
/// libtorch-cpu-win-x64 or libtorch-cpu-osx-arm64, which the application then has to reference. These two have not been tested.</para>
/// </remarks>
[<AbstractClass; Sealed>]
type TorchRuntime private () =

    static let gate = obj ()
    static let trace = ResizeArray<string>()
    static let mutable switchesAsked = false
    static let mutable outcome: Result<Loader.Loaded, ExceptionDispatchInfo> option = None

    static let load () =
        try
            let loaded = Loader.load trace.Add switchesAsked
            // TorchSharp's own loader runs here, and finds what has been loaded.
            torch.InitializeDeviceType DeviceType.CPU
            Ok loaded
        with
        | :? TorchRuntimeException as e -> Error(ExceptionDispatchInfo.Capture e)
        | e ->
            let problem, cure =
                "TorchSharp does not start",
                $"see the cause; 'noisescale doctor' prints what was found, and {LibrarySearch.LibTorchVariable} can name another libtorch {LibrarySearch.LibTorchPackageVersion}"

            Error(ExceptionDispatchInfo.Capture(TorchRuntimeException(problem, e.GetBaseException().Message, cure, e)))

    static let firstOutcome () =
        lock gate (fun () ->
            match outcome with
            | Some known -> known
            | None ->
                let first = load ()
                outcome <- Some first
                first)

    static let ensure () =
        match outcome with
        | Some(Ok loaded) -> loaded // the usual case takes no lock
        | _ ->
            match firstOutcome () with
            | Ok loaded -> loaded
            | Error failure ->
                failure.Throw()
                raise failure.SourceException // never reached: Throw does not return

    static let cudaDevices () = if torch.cuda.is_available () then torch.cuda.device_count () else 0

    static let chooseDevice () =
        DeviceChoice.choose (Environment.GetEnvironmentVariable DeviceChoice.DeviceVariable) (cudaDevices ())

    /// <summary>Loads libtorch and TorchSharp's native half, once; call it before the first use of any TorchSharp type.</summary>
    /// <remarks>Any thread may call it, any number of times. A first call that failed makes every later one fail alike.</remarks>
    /// <exception cref="T:DiffSharp.TorchRuntimeException">They cannot be loaded; it states the cause and the cure.</exception>
    static member Ensure() : unit = ensure () |> ignore

    /// <summary>Asks for the process-wide switches: an allocator that keeps freed memory, and MKL's AVX-512 kernels on AMD processors.</summary>
    /// <remarks>For executables, at their start. A library does not change the process it is loaded into, so nothing else asks for them.
    /// NOISESCALE_MALLOPT=0 and NOISESCALE_MKL_AMD=0 turn them off all the same. They change speed, and the last bits of results.</remarks>
    /// <exception cref="T:System.InvalidOperationException">libtorch has been loaded without them: it is too late.</exception>
    static member EnableProcessSwitches() : unit =
        lock gate (fun () ->
            if outcome.IsSome && not switchesAsked then
                invalidOp
                    "TorchRuntime.EnableProcessSwitches() must come before the first TorchRuntime.Ensure(): libtorch has been loaded without the switches."

            switchesAsked <- true)

    /// <summary>The device that computations use unless told otherwise, as NOISESCALE_DEVICE (auto, cpu, cuda, cuda:N) chooses it.</summary>
    /// <exception cref="T:DiffSharp.TorchRuntimeException">libtorch cannot be loaded, or that device is not there.</exception>
    static member DefaultDevice: torch.Device =
        ensure () |> ignore

        match chooseDevice () with
        | Ok(name, _) -> torch.device name
        | Error failure -> raise failure

    /// <summary>What has been loaded and how this process computes; loads libtorch if that has not been done.</summary>
    /// <exception cref="T:DiffSharp.TorchRuntimeException">libtorch cannot be loaded.</exception>
    static member Report: RuntimeReport =
        let loaded = ensure ()
        let cudaCount = cudaDevices ()

        let device, reason =
            match chooseDevice () with
            | Ok chosen -> chosen
            | Error failure -> "", failure.Cause

        { OperatingSystem = $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}"
          DotNet = RuntimeInformation.FrameworkDescription
          TorchSharpVersion = LibrarySearch.torchSharpVersion
          LibTorchVersion = loaded.LibTorchVersion
          LibTorchDirectory =
            match loaded.LibTorch with
            | Some found -> found.Directory
            | None -> null
          LibTorchRule =
            match loaded.LibTorch with
            | Some found -> found.Rule
            | None -> "TorchSharp's own loader"
          LibTorchSharpPath =
            match loaded.LibTorchSharp with
            | Some path -> path
            | None -> null
          WeakenedVersion =
            match loaded.Weakened with
            | Some(version, _) -> version
            | None -> null
          WeakenedCopy =
            match loaded.Weakened with
            | Some(_, WeakenedCopy.Cached path) -> path
            | Some(_, WeakenedCopy.Temporary _)
            | None -> null
          HasCuda = cudaCount > 0
          CudaDeviceCount = cudaCount
          DefaultDevice = device
          DefaultDeviceReason = reason
          Threads = torch.get_num_threads ()
          InteropThreads = torch.get_num_interop_threads ()
          Processors = Environment.ProcessorCount
          Switches = loaded.Switches
          Trace = lock gate (fun () -> trace.ToArray()) }

    /// <summary>Looks at everything training depends on: operating system, .NET, TorchSharp, libtorch, device, a gradient, threads, switches.</summary>
    /// <returns>The checks in order, each with its finding and, where something is wrong or worth mending, the cause and the cure.</returns>
    /// <remarks>Never throws. Training can run exactly when every check is Ok. Loads libtorch if that has not been done.</remarks>
    static member Diagnose() : IReadOnlyList<DiagnosticCheck> = Diagnosis.run (fun () -> TorchRuntime.Report)
