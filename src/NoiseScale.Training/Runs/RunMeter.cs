using System.Diagnostics;

namespace NoiseScale.Training.Runs;

/// <summary>Adds up how far runs are that go on side by side, and tells the caller several times a second.</summary>
/// <param name="units">All work, by unit.</param>
/// <param name="found">Names of the runs whose results were there from the start.</param>
/// <param name="progress">Whom to tell; null for nobody.</param>
internal sealed class RunMeter(IReadOnlyList<RunUnit> units, IReadOnlySet<string> found, IProgress<RunStoreProgress>? progress)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _reporting = new();
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<RunUnit, double> _fractions = units.ToDictionary(unit => unit, _ => 0.0);
    private readonly int _total = units.Sum(unit => unit.Runs.Count);
    private int _found = found.Count;
    private int _ended;
    private int _failed;
    private TimeSpan _nextReport;

    /// <summary>A unit has come so far.</summary>
    public void Report(RunUnit unit, double fraction, bool always = false)
    {
        lock (_reporting)
        {
            _fractions[unit] = fraction;
            Tell(always);
        }
    }

    /// <summary>A run has a result.</summary>
    /// <param name="result">The result.</param>
    /// <param name="elsewhere">Whether another process has made it.</param>
    public void Count(RunResult result, bool elsewhere)
    {
        lock (_reporting)
        {
            _ended++;
            _found += elsewhere ? 1 : 0;
            _failed += result.Status == RunStatus.Failed ? 1 : 0;
        }
    }

    private void Tell(bool always)
    {
        var elapsed = _clock.Elapsed;
        if (progress is null || (!always && elapsed < _nextReport))
            return;

        _nextReport = elapsed + ReportInterval;
        var (done, all) = (0.0, 0.0);
        foreach (var (unit, fraction) in _fractions)
        {
            var missing = unit.Work * unit.Runs.Count(run => !found.Contains(run.Hash)) / unit.Runs.Count;
            all += missing;
            done += missing * fraction;
        }

        var part = all > 0 ? done / all : 1;
        TimeSpan? remaining = part > 0 ? elapsed * ((1 - part) / part) : null;
        progress.Report(new RunStoreProgress(part, found.Count + _ended, _total, _found, _failed, elapsed, remaining));
    }
}
