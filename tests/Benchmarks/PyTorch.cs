using System.Diagnostics;
using System.Globalization;

namespace NoiseScale.Benchmarks;

/// <summary>The counterpart of a step in PyTorch, in a process of its own, where Python's torch is installed.</summary>
static class PyTorch
{
    // the python3 that the user's PATH finds, or the system's own, where packages of the distribution are
    static string Interpreter = "python3";

    public static bool IsThere()
    {
        foreach (var interpreter in new[] { "python3", "/usr/bin/python3" })
        {
            Interpreter = interpreter;
            if (Python(["-c", "import torch"]) is not null)
                return true;
        }

        return false;
    }

    /// <summary>Median milliseconds of one step of a kind that step.py knows.</summary>
    public static double Step(string kind, int batch, int threads, int calls) =>
        double.Parse(
            Python([Path.Combine(AppContext.BaseDirectory, "step.py"), kind, $"{batch}", $"{threads}", $"{calls / 4}", $"{calls}"])
                ?? throw new InvalidOperationException("step.py failed"),
            CultureInfo.InvariantCulture);

    /// <summary>Runs a second: the better of two processes with a thread each and of one with two threads.</summary>
    public static double Replicas(string kind, int width, int batch, int runs, int updates)
    {
        double Seconds(int threads, int count) => double.Parse(
            Python([Path.Combine(AppContext.BaseDirectory, "replicas.py"), kind, $"{width}", $"{batch}", $"{threads}", $"{count}", $"{updates}"])
                ?? throw new InvalidOperationException("replicas.py failed"),
            CultureInfo.InvariantCulture);
        var processors = Environment.ProcessorCount;
        var apart = Enumerable.Range(0, processors).Select(_ => Task.Run(() => Seconds(1, runs / processors))).ToArray();
        Task.WaitAll(apart);
        return Math.Max(runs / processors * processors / apart.Max(one => one.Result), runs / Seconds(processors, runs));
    }

    static string? Python(IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Interpreter)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // without it its second thread spins: 38 ms instead of 15 for the larger step
            Environment = { ["OMP_WAIT_POLICY"] = "passive" },
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
