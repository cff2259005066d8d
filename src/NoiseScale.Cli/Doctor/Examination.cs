using System.Diagnostics;
using System.Runtime.InteropServices;
using DiffSharp;
using NoiseScale.Cli.Commands;

namespace NoiseScale.Cli.Doctor;

/// <summary>
/// Looks at what training depends on. A libtorch that does not fit can end the process that loads it, without a word; so the look is taken
/// by a process of its own, and its sudden end is a finding too.
/// </summary>
public static class Examination
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Examines this process: loads libtorch with the switches that our training uses.</summary>
    public static IReadOnlyList<Finding> Here()
    {
        TorchRuntime.EnableProcessSwitches();
        return [.. TorchRuntime.Diagnose().Select(check => new Finding(check.Name, check.Ok, check.Detail, check.Cause, check.Cure))];
    }

    /// <summary>Examines a process like this one.</summary>
    public static IReadOnlyList<Finding> InItsOwnProcess()
    {
        using var examiner = Start();
        var errors = examiner.StandardError.ReadToEndAsync();
        var output = examiner.StandardOutput.ReadToEndAsync();

        if (!examiner.WaitForExit(Patience))
        {
            examiner.Kill(entireProcessTree: true);
            return Died($"it has not ended after {Patience.TotalMinutes:0} minutes", "");
        }

        return Findings.FromJson(output.Result) ?? Died($"it ended with exit code {examiner.ExitCode}{Signal(examiner.ExitCode)}", errors.Result);
    }

    private static Process Start()
    {
        var assembly = typeof(Examination).Assembly.Location;
        var host = Environment.ProcessPath!;

        // started as `dotnet NoiseScale.Cli.dll`, or as an executable of its own
        string[] before = Path.GetFileNameWithoutExtension(host).Equals("dotnet", StringComparison.OrdinalIgnoreCase) ? [assembly] : [];
        var start = new ProcessStartInfo(host, [.. before, "doctor", DoctorCommand.Examine])
        {
            RedirectStandardInput = true, // else it prepares the terminal for keys
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        return Process.Start(start)!;
    }

    private static IReadOnlyList<Finding> Died(string how, string errors)
    {
        var last = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();

        return
        [
            new("operating system", Ok: true, $"{RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}", null, null),
            new("dotnet", Ok: true, RuntimeInformation.FrameworkDescription, null, null),
            new(
                "libtorch",
                Ok: false,
                "the process that loaded it did not come back",
                $"{how}{(last is null ? "" : $"; its last words: {last}")}",
                "unset LIBTORCH_DIR, or let it name a libtorch of the version that this TorchSharp was built against"),
        ];
    }

    private static string Signal(int exitCode) => exitCode switch
    {
        134 => " (aborted)",
        139 => " (segmentation fault)",
        137 => " (killed, perhaps for want of memory)",
        _ => "",
    };
}
