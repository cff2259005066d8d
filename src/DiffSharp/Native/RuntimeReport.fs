namespace DiffSharp

open System.Collections.Generic

/// Whether a process-wide switch has been thrown.
type SwitchState =
    /// Not thrown: nobody asked for it, or its environment variable turned it off.
    | Off = 0
    /// Thrown: it holds for the whole process until it ends.
    | On = 1
    /// Asked for, but this machine, operating system or libtorch does not have what it changes.
    | NotApplicable = 2

/// A setting that changes the whole process, not only this library: off unless the executable asked for it.
type ProcessSwitch =
    {
        /// What it changes, in a few words.
        Name: string
        /// The environment variable that decides over it: 0 turns it off, 1 turns it on.
        EnvironmentVariable: string
        /// Whether it has been thrown.
        State: SwitchState
        /// Why it stands as it stands.
        Reason: string
    }

/// What has been loaded, from where, and how this process computes: everything that belongs beside a result.
type RuntimeReport =
    {
        /// The operating system and the processor's architecture.
        OperatingSystem: string
        /// The .NET runtime and its version.
        DotNet: string
        /// The version of TorchSharp's managed half.
        TorchSharpVersion: string
        /// The version that the loaded libtorch states; "unknown" where it states none.
        LibTorchVersion: string
        /// The folder libtorch was loaded from; null where TorchSharp's own loader chose it (Windows and macOS without LIBTORCH_DIR).
        LibTorchDirectory: string | null
        /// The rule that found libtorch: LIBTORCH_DIR, the application's folder, the package folder, or TorchSharp's own loader.
        LibTorchRule: string
        /// TorchSharp's native half as it was found; null where TorchSharp's own loader chose it.
        LibTorchSharpPath: string | null
        /// The symbol version whose need was weakened so that this system can load TorchSharp's native half; null where the file loaded as it is.
        WeakenedVersion: string | null
        /// The weakened copy; null where there is none, or where it was a temporary one, removed once loaded.
        WeakenedCopy: string | null
        /// Whether this libtorch can compute on a CUDA device here.
        HasCuda: bool
        /// The number of CUDA devices.
        CudaDeviceCount: int
        /// The device that computations use unless told otherwise: cpu, cuda or cuda:N; empty where NOISESCALE_DEVICE cannot be satisfied.
        DefaultDevice: string
        /// Why that device.
        DefaultDeviceReason: string
        /// Threads within one operation.
        Threads: int
        /// Threads between independent operations.
        InteropThreads: int
        /// Processors this process may use.
        Processors: int
        /// The process-wide switches.
        Switches: IReadOnlyList<ProcessSwitch>
        /// What the loader looked at and did, in order.
        Trace: IReadOnlyList<string>
    }

/// One line of a diagnosis.
type DiagnosticCheck =
    {
        /// What was looked at.
        Name: string
        /// Whether training can run as far as this check goes.
        Ok: bool
        /// What was found.
        Detail: string
        /// Why it is not as it should be; null where nothing is to be said. A check may be Ok and still name something worth mending.
        Cause: string | null
        /// What to do about it; null where there is no cause.
        Cure: string | null
    }
