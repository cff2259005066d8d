using System.Diagnostics;

namespace NoiseScale.Benchmarks;

/// <summary>A stated harness: warm up, then rounds of enough repetitions to last about a tenth of a second; the median round counts.</summary>
static class Measure
{
    /// <summary>Nanoseconds and bytes allocated per operation, median over rounds; <paramref name="operations"/> is what one call does.</summary>
    public static (double Nanoseconds, double Bytes) PerOperation(Action call, long operations, int rounds = 15)
    {
        call();
        var once = Time(call, 1);
        var repetitions = (int)Math.Clamp(0.1 / Math.Max(once, 1e-9), 1, 1_000_000);
        Time(call, repetitions);
        var times = new double[rounds];
        var bytes = long.MaxValue;
        for (var round = 0; round < rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            times[round] = Time(call, repetitions);
            bytes = Math.Min(bytes, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        Array.Sort(times);
        return (times[rounds / 2] / repetitions / operations * 1e9, (double)bytes / repetitions / operations);
    }

    /// <summary>Median milliseconds of one call over <paramref name="calls"/> calls after <paramref name="warmUp"/>.</summary>
    public static double MedianMilliseconds(Action call, int warmUp, int calls)
    {
        for (var i = 0; i < warmUp; i++) call();
        var times = new double[calls];
        for (var i = 0; i < calls; i++)
        {
            var start = Stopwatch.GetTimestamp();
            call();
            times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[calls / 2];
    }

    static double Time(Action call, int repetitions)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < repetitions; i++) call();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
