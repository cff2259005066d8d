namespace DiffSharp.Native

open System
open System.Runtime.InteropServices
open System.Runtime.Intrinsics.X86
open DiffSharp

/// The two process-wide switches, and who decides over them.
module internal ProcessSwitches =

    [<DllImport("libc")>]
    extern int private mallopt(int parameter, int value)

    [<DllImport("libc")>]
    extern int private mprotect(nativeint address, unativeint length, int protection)

    [<Literal>]
    let AllocatorVariable = "NOISESCALE_MALLOPT"

    [<Literal>]
    let MklOnAmdVariable = "NOISESCALE_MKL_AMD"

    /// The environment variable decides where it is set; else the executable, which may have asked for the switches.
    let private wanted (variable: string) (asked: bool) =
        match Environment.GetEnvironmentVariable variable with
        | null
        | "" when asked -> true, "asked for by this executable"
        | null
        | "" -> false, "off by default: a library does not change the process it is loaded into"
        | "0" -> false, $"turned off by {variable}=0"
        | "1" -> true, $"turned on by {variable}=1"
        | other -> false, $"{variable}={other} is neither 0 nor 1"

    let private decide name variable asked (apply: unit -> Result<string, string>) =
        let wanted, why = wanted variable asked

        let state, reason =
            if not wanted then
                SwitchState.Off, why
            else
                match apply () with
                | Ok did -> SwitchState.On, $"{did} ({why})"
                | Error obstacle -> SwitchState.NotApplicable, obstacle

        { Name = name; EnvironmentVariable = variable; State = state; Reason = reason }

    /// Keeps freed blocks in the heap: libtorch's temporaries otherwise go back to the kernel and fault in again at every step.
    let allocator asked =
        let apply () =
            if not (OperatingSystem.IsLinux()) then
                Error "only the GNU C library's allocator has these settings"
            else
                try
                    // M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_TOP_PAD; 1 is success
                    if mallopt (-3, 32 * 1024 * 1024) = 1 && mallopt (-1, Int32.MaxValue) = 1 && mallopt (-2, 64 * 1024 * 1024) = 1 then
                        Ok "mmap threshold 32 MiB, no trimming, 64 MiB top pad"
                    else
                        Error "mallopt refused the settings"
                with :? EntryPointNotFoundException ->
                    Error "this C library has no mallopt"

        decide "allocator keeps freed memory" AllocatorVariable asked apply

    /// mov eax, 1; ret
    let private answerYes = [| 0xB8uy; 1uy; 0uy; 0uy; 0uy; 0xC3uy |]

    let private overwrite (code: nativeint) =
        let page = nativeint Environment.SystemPageSize
        let first = code / page * page
        let length = unativeint (code + nativeint answerYes.Length - first)

        // Stays executable while it is written: another thread may be running other code of the same page.
        if mprotect (first, length, 7) <> 0 then
            Error "the system does not allow changing loaded code (mprotect refused)"
        else
            Marshal.Copy(answerYes, 0, code, answerYes.Length)
            mprotect (first, length, 5) |> ignore
            Ok "MKL runs its AVX-512 kernels"

    let private isAmd () =
        let struct (_, vendor, _, _) = X86Base.CpuId(0, 0)
        vendor = 0x68747541 // "Auth" of AuthenticAMD

    /// oneMKL runs its AVX2 kernels on AMD processors that have AVX-512; making its question for the vendor answer "Intel" selects the
    /// AVX-512 ones. It asks at its first call, so this comes before any.
    let mklOnAmd asked (torchCpu: nativeint) =
        let apply () =
            if not (OperatingSystem.IsLinux()) then
                Error "known for Linux builds of libtorch only"
            elif not X86Base.IsSupported || not Avx512F.IsSupported then
                Error "this processor has no AVX-512"
            elif not (isAmd ()) then
                Error "not an AMD processor: MKL chooses well by itself"
            else
                match NativeLibrary.TryGetExport(torchCpu, "mkl_serv_intel_cpu_true") with
                | true, code -> overwrite code
                | false, _ -> Error "this libtorch has no MKL, or one that does not ask"

        decide "AVX-512 kernels of MKL on AMD" MklOnAmdVariable asked apply
