/// What `noisescale doctor` looks at, one check after the other. Nothing here throws, and nothing calls libtorch before it is known to fit.
module internal DiffSharp.Native.Diagnosis

open System
open System.Globalization
open System.Runtime.InteropServices
open TorchSharp
open DiffSharp

let private fine name detail = { Name = name; Ok = true; Detail = detail; Cause = null; Cure = null }

let private remark name detail cause cure = { fine name detail with Cause = cause; Cure = cure }

let private broken name detail cause cure = { remark name detail cause cure with Ok = false }

/// Runs one check; whatever it throws is its finding.
let private guarded name (check: unit -> DiagnosticCheck) =
    try
        check ()
    with
    | :? TorchRuntimeException as e -> broken name e.Problem e.Cause e.Cure
    | e -> broken name "the check itself failed" (e.GetBaseException().Message) "report it with this whole output"

let private operatingSystem () =
    let name = "operating system"
    let detail = $"{RuntimeInformation.OSDescription}, {LibrarySearch.platform}"

    match LibrarySearch.platform with
    | "linux-x64" -> fine name detail
    | "win-x64"
    | "osx-arm64" ->
        remark
            name
            detail
            "tested on linux-x64 only"
            $"reference the package libtorch-cpu-{LibrarySearch.platform} in the application, or set {LibrarySearch.LibTorchVariable}"
    | platform ->
        broken
            name
            detail
            $"TorchSharp {LibrarySearch.torchSharpVersion} has no native half for {platform}"
            "use linux-x64, win-x64 or osx-arm64"

let private dotnet () = fine "dotnet" $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier}"

let private torchSharp (report: RuntimeReport) =
    let origin =
        match report.LibTorchSharpPath, report.WeakenedVersion, report.WeakenedCopy with
        | null, _, _ -> "native half found by TorchSharp's own loader"
        | path, null, _ -> $"native half {path}"
        | path, version, null -> $"native half {path}, its need for {version} weakened in a temporary copy"
        | path, version, copy -> $"native half {path}, its need for {version} weakened in {copy}"

    fine "TorchSharp" $"{report.TorchSharpVersion}, {origin}"

let private libTorch (report: RuntimeReport) =
    let name = "libtorch"

    let where =
        match report.LibTorchDirectory with
        | null -> $"found by {report.LibTorchRule}"
        | folder -> $"found in {folder} ({report.LibTorchRule})"

    let detail = $"{report.LibTorchVersion}, {where}"

    if report.LibTorchVersion.StartsWith(LibrarySearch.LibTorchPackageVersion, StringComparison.Ordinal) then
        fine name detail
    else
        remark
            name
            detail
            $"TorchSharp {report.TorchSharpVersion} was built against libtorch {LibrarySearch.LibTorchPackageVersion}, and PyTorch promises no binary compatibility between versions"
            $"run the tests with this libtorch before trusting a number, or use {LibrarySearch.LibTorchPackageVersion}"

let private device (report: RuntimeReport) =
    match DeviceChoice.choose (Environment.GetEnvironmentVariable DeviceChoice.DeviceVariable) report.CudaDeviceCount with
    | Ok(device, reason) -> fine "device" $"{device} ({reason})"
    | Error e -> broken "device" e.Problem e.Cause e.Cure

/// The derivative of x³ at 2 on the default device: the shortest way through allocation, forward, backward and back to .NET.
let private gradient (device: torch.Device) =
    use _ = torch.NewDisposeScope()

    use two = (2.0f).ToScalar()
    let x = torch.full ([| 1L |], two, dtype = torch.float32, device = device)

    x.requires_grad <- true

    (x * x * x).sum().backward()

    match x.grad with
    | null -> broken "gradient" "d(x³)/dx at 2 did not come back" "backward left no gradient" "report it with this whole output"
    | dx ->
        let value = dx.item<float32>()

        if value = 12.0f then
            fine "gradient" "d(x³)/dx at 2 is 12"
        else
            let got = value.ToString CultureInfo.InvariantCulture
            broken "gradient" $"d(x³)/dx at 2 came out as {got}" "libtorch computes wrongly" "use another libtorch"

let private threads (report: RuntimeReport) =
    let detail =
        $"{report.Threads} within an operation, {report.InteropThreads} between operations, {report.Processors} processor(s)"

    if report.Threads > report.Processors then
        remark "threads" detail "more threads than processors: they wait for each other" $"set OMP_NUM_THREADS={report.Processors}"
    else
        fine "threads" detail

let private switch (switch: ProcessSwitch) =
    let state =
        match switch.State with
        | SwitchState.On -> "on"
        | SwitchState.Off -> "off"
        | _ -> "not applicable"

    fine switch.Name $"{state}: {switch.Reason} [{switch.EnvironmentVariable}]"

let private whenLoaded (report: RuntimeReport) =
    // a default device that is not there is the finding of the check before
    let computing = if report.DefaultDevice = "" then "cpu" else report.DefaultDevice

    [ yield guarded "TorchSharp" (fun () -> torchSharp report)
      yield guarded "libtorch" (fun () -> libTorch report)
      yield guarded "device" (fun () -> device report)
      yield guarded "gradient" (fun () -> gradient (torch.device computing))
      yield guarded "threads" (fun () -> threads report)
      for one in report.Switches do
          yield guarded one.Name (fun () -> switch one) ]

let private whenNot (failure: DiagnosticCheck) =
    [ yield fine "TorchSharp" $"{LibrarySearch.torchSharpVersion}, managed half only"
      yield failure
      for name in [ "device"; "gradient"; "threads" ] do
          yield broken name "not looked at" "libtorch is not loaded" "cure that first" ]

/// All checks in the order in which they depend on each other; what cannot be looked at for an earlier one's failure says so.
let run (report: unit -> RuntimeReport) : DiagnosticCheck list =
    let loaded =
        try
            Ok(report ())
        with
        | :? TorchRuntimeException as e -> Error(broken "libtorch" e.Problem e.Cause e.Cure)
        | e -> Error(broken "libtorch" "libtorch does not start" (e.GetBaseException().Message) "report it with this whole output")

    [ yield guarded "operating system" operatingSystem
      yield guarded "dotnet" dotnet
      match loaded with
      | Ok report -> yield! whenLoaded report
      | Error failure -> yield! whenNot failure ]
