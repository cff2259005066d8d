using System.Reflection;
using DiffSharp;

namespace NoiseScale.Training.Runs;

/// <summary>Where numbers come from: what besides the spec could change their last bits, and how long they took.</summary>
public sealed record RunProvenance
{
    /// <summary>This library, with its source revision.</summary>
    public required string LibraryVersion { get; init; }

    /// <summary>TorchSharp.</summary>
    public required string TorchSharpVersion { get; init; }

    /// <summary>The libtorch that was loaded.</summary>
    public required string LibTorchVersion { get; init; }

    /// <summary>.NET.</summary>
    public required string DotNet { get; init; }

    /// <summary>Operating system and architecture.</summary>
    public required string OperatingSystem { get; init; }

    /// <summary>The processor's own name; its kernels depend on it.</summary>
    public required string Processor { get; init; }

    /// <summary>Where it was computed.</summary>
    public required string Device { get; init; }

    /// <summary>Threads within one operation.</summary>
    public required int Threads { get; init; }

    /// <summary>Runs that went on at the same time in this process; without effect on the numbers, but on the time.</summary>
    public required int Workers { get; init; }

    /// <summary>Runs that were computed together with this one, itself included; 1 for a run by itself. Without effect on the numbers.</summary>
    public int Together { get; init; } = 1;

    /// <summary>The process-wide switches that were on.</summary>
    public required IReadOnlyList<string> Switches { get; init; }

    /// <summary>SHA-256 of the data.</summary>
    public required string DataHash { get; init; }

    /// <summary>The run's seed.</summary>
    public required long Seed { get; init; }

    /// <summary>When this process began the run.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>Seconds spent on the run, over all processes that worked on it.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>Updates already taken when this process resumed it; 0 for a run in one piece.</summary>
    public required long ResumedAt { get; init; }

    /// <summary>Checkpoints that were found and not used, each with the reason.</summary>
    public required IReadOnlyList<string> RefusedCheckpoints { get; init; }

    /// <summary>The provenance of a run that this process is about to begin.</summary>
    internal static RunProvenance Begin(RunSpec spec, int workers)
    {
        var report = TorchRuntime.Report;
        return new RunProvenance
        {
            LibraryVersion = Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
            TorchSharpVersion = report.TorchSharpVersion,
            LibTorchVersion = report.LibTorchVersion,
            DotNet = report.DotNet,
            OperatingSystem = report.OperatingSystem,
            Processor = ProcessorName.Value,
            Device = spec.Device,
            Threads = spec.Threads,
            Workers = workers,
            Switches = [.. report.Switches.Where(s => s.State == SwitchState.On).Select(s => s.Name)],
            DataHash = spec.Data.Hash,
            Seed = spec.Seed,
            Started = DateTimeOffset.UtcNow,
            WallSeconds = 0,
            ResumedAt = 0,
            RefusedCheckpoints = [],
        };
    }

    private static readonly Lazy<string> ProcessorName = new(() =>
    {
        const string key = "model name";
        try
        {
            var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(text => text.StartsWith(key, StringComparison.Ordinal));
            return line is null ? "unknown" : line[(line.IndexOf(':') + 1)..].Trim();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? "unknown";
        }
    });
}
