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

    /// <summary>
    /// Runs a second by the clock, the better of a process a processor, each with one thread, and of one process with all threads; and a
    /// processor's runs a second with one thread.
    /// </summary>
    public static (double Clock, double Processor) Replicas(string kind, int width, int batch, int runs, int updates)
    {
        (double Clock, double Processor) Seconds(int threads, int count)
        {
            var times = (Python([Path.Combine(AppContext.BaseDirectory, "replicas.py"), kind, $"{width}", $"{batch}", $"{threads}", $"{count}", $"{updates}"])
                ?? throw new InvalidOperationException("replicas.py failed")).Split(' ');
            return (double.Parse(times[0], CultureInfo.InvariantCulture), double.Parse(times[1], CultureInfo.InvariantCulture));
        }

        var processors = Environment.ProcessorCount;
        var share = Math.Max(1, runs / processors);
        var apart = Enumerable.Range(0, processors).Select(_ => Task.Run(() => Seconds(1, share))).ToArray();
        Task.WaitAll(apart);
        var clock = Math.Max(share * processors / apart.Max(one => one.Result.Clock), runs / Seconds(processors, runs).Clock);
        return (clock, share / apart.Min(one => one.Result.Processor));
    }

    /// <summary>
    /// Milliseconds of a regression with a Gaussian process, fitted once and asked at points: scikit-learn's, and the same written out with scipy, which
    /// factorises once where scikit-learn does twice. None where there is no scikit-learn.
    /// </summary>
    public static (double ScikitLearn, double SciPy)? GaussianProcess(int examples, int inputs, int points, int threads, int calls)
    {
        foreach (var interpreter in new[] { "python3", "/usr/bin/python3" })
        {
            Interpreter = interpreter;
            var script = Path.Combine(AppContext.BaseDirectory, "gp.py");
            if (Python([script, $"{examples}", $"{inputs}", $"{points}", $"{threads}", $"{calls}"])?.Split(' ') is [var one, var other])
                return (double.Parse(one, CultureInfo.InvariantCulture), double.Parse(other, CultureInfo.InvariantCulture));
        }

        return null;
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
