using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace NoiseScale.Training.Runs;

/// <summary>
/// Runs what is missing of a list on threads side by side, the longest first. With one thread within an operation, two runs side by side use
/// two processors far better than one run with two: small layers are too little work to share.
/// </summary>
internal sealed class RunTeam
{
    // libtorch's number of threads holds for the process: one team at a time
    private static readonly Lock OneAtATime = new();

    // how often to look whether another process has finished what it claimed
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    private readonly RunStore _store;
    private readonly IReadOnlyList<RunUnit> _units;
    private readonly PreparedData _data;
    private readonly RunOptions _options;
    private readonly RunMeter _meter;
    private readonly ConcurrentDictionary<string, RunResult> _results = [];
    private readonly IReadOnlySet<string> _found;

    /// <param name="store">Where results go.</param>
    /// <param name="units">All runs that are asked for.</param>
    /// <param name="found">The names of those that have results.</param>
    /// <param name="data">The whole data set of a spec.</param>
    /// <param name="options">How to run.</param>
    /// <param name="progress">Whom to tell.</param>
    public RunTeam(
        RunStore store, IReadOnlyList<RunUnit> units, IReadOnlySet<string> found, Func<RunSpec, Data.ImageDataSet> data, RunOptions options,
        IProgress<RunStoreProgress>? progress)
    {
        (_store, _found, _options) = (store, found, options);
        _units = [.. units.Where(unit => unit.Runs.Any(IsOpen))];
        _data = new PreparedData(_units.SelectMany(unit => unit.Runs).Where(IsOpen).Select(run => run.Spec), data);
        _meter = new RunMeter(units, found, progress);
    }

    /// <summary>Runs until every run has a result, of this process or of another.</summary>
    /// <returns>The results of those that had none.</returns>
    public IReadOnlyCollection<RunResult> Run(CancellationToken cancellation)
    {
        lock (OneAtATime)
        {
            DiffSharp.TorchRuntime.Ensure();
            var threadsBefore = torch.get_num_threads();
            try
            {
                // the number of threads holds for the process: runs that want different ones cannot stand side by side
                foreach (var group in _units.GroupBy(unit => (unit.Runs[0].Spec.Threads, unit.Runs[0].Spec.Device)))
                    RunGroup([.. group], group.Key.Threads, group.Key.Device, cancellation);
            }
            finally
            {
                torch.set_num_threads(threadsBefore);
                _data.Dispose();
            }

            cancellation.ThrowIfCancellationRequested();
            return [.. _results.Values];
        }
    }

    private bool IsOpen(NamedRun run) => !_found.Contains(run.Hash) && !_results.ContainsKey(run.Hash);

    private void RunGroup(IReadOnlyList<RunUnit> units, int threads, string device, CancellationToken cancellation)
    {
        var most = _options.Workers ?? (device == "cpu" ? Math.Max(1, Environment.ProcessorCount / threads) : 1);
        while (units.Count > 0 && !cancellation.IsCancellationRequested)
        {
            RunOnce(units, threads, Math.Min(most, units.Count), cancellation);

            // what is left is claimed by other processes, whose results will come, or whose ends
            units = [.. units.Where(unit => unit.Runs.Any(IsOpen))];
            if (units.Count > 0)
                cancellation.WaitHandle.WaitOne(LookInterval);
        }
    }

    private void RunOnce(IReadOnlyList<RunUnit> units, int threads, int workers, CancellationToken cancellation)
    {
        var queue = new ConcurrentQueue<RunUnit>(units);
        var broken = new ConcurrentQueue<Exception>();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        void Work()
        {
            try
            {
                // OpenMP keeps the number for each thread that calls libtorch
                torch.set_num_threads(threads);
                while (!ending.IsCancellationRequested && queue.TryDequeue(out var unit))
                    RunOne(unit, workers, ending.Token);
            }
            catch (Exception failure)
            {
                // not a run's failure, which is a result, but the store's: nowhere to write to, for the others neither
                broken.Enqueue(failure);
                ending.Cancel();
            }
        }

        // threads and not tasks: libtorch's dispose scopes and settings belong to a thread, and a run keeps its own to the end
        var team = Enumerable.Range(0, workers).Select(i => new Thread(Work) { Name = $"run worker {i}", IsBackground = true }).ToList();
        team.ForEach(thread => thread.Start());
        team.ForEach(thread => thread.Join());
        if (broken.TryDequeue(out var first))
            ExceptionDispatchInfo.Throw(first);
    }

    private void RunOne(RunUnit unit, int workers, CancellationToken cancellation)
    {
        var claims = new List<(NamedRun Run, RunClaim Claim)>();
        try
        {
            foreach (var run in unit.Runs.Where(IsOpen))
            {
                if (_store.Claim(run) is not { } claim)
                    continue; // another process is at it

                // it may have come between our look and our claim
                if (_store.Usable(run, _options, warn: null) is { } found)
                {
                    claim.Done();
                    Keep(run, found, elsewhere: true);
                }
                else
                {
                    claims.Add((run, claim));
                }
            }

            if (claims.Count > 0)
                Compute(unit, claims, workers, cancellation);
        }
        finally
        {
            foreach (var (_, claim) in claims)
                claim.Dispose();
        }

        if (!unit.Runs.Any(IsOpen))
            _meter.Report(unit, 1, always: true);
    }

    private void Compute(RunUnit unit, IReadOnlyList<(NamedRun Run, RunClaim Claim)> claims, int workers, CancellationToken cancellation)
    {
        var specs = claims.Select(claim => claim.Run.Spec).ToList();
        var provenances = specs.ConvertAll(spec => RunProvenance.Begin(spec, workers) with { Together = specs.Count });
        var clock = Stopwatch.StartNew();
        IReadOnlyList<RunResult> results;
        try
        {
            using var scope = torch.NewDisposeScope();
            results = [.. Train(unit, claims, cancellation).Zip(specs.Zip(provenances), (outcome, run) => Results.Of(run.First, outcome, run.Second))];
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure) when (failure is not StorageException)
        {
            if (claims.Count > 1)
            {
                // one of them is to blame: each by itself, for the same numbers, and the culprit is named
                foreach (var claim in claims)
                    Compute(unit, [claim], workers, cancellation);

                return;
            }

            results = [Results.Of(specs[0], failure, provenances[0] with { WallSeconds = clock.Elapsed.TotalSeconds })];
        }

        // the first at last: the checkpoint of all of them goes with it
        foreach (var ((run, claim), result) in claims.Zip(results).Reverse())
        {
            _store.Finish(run, result, claim);
            Keep(run, result, elsewhere: false);
        }
    }

    private IReadOnlyList<TrainingOutcome> Train(
        RunUnit unit, IReadOnlyList<(NamedRun Run, RunClaim Claim)> claims, CancellationToken cancellation)
    {
        var (first, spec) = claims[0].Run;
        var checkpoints = _options.CheckpointInterval is { } interval ? new CheckpointSettings(_store.CheckpointsOf(first)) { Interval = interval } : null;
        var tell = new Teller<TrainingProgress>(progress => _meter.Report(unit, progress.Fraction));
        return spec.Stacked
            ? Sweeps.Replicas.ReplicaTrainer.Train(
                [.. claims.Select(claim => (claim.Run.Spec, _data.Of(claim.Run.Spec)))], checkpoints, tell, cancellation)
            : [Trainer.Train(spec.Plan(), spec.Network, _data.Of(spec), spec.Settings(checkpoints), tell, cancellation)];
    }

    private void Keep(NamedRun run, RunResult result, bool elsewhere)
    {
        _results[run.Hash] = result;
        _meter.Count(result, elsewhere);
        _data.Release(run.Spec);
    }

    // reports at once and on the same thread, unlike Progress<T>
    private sealed class Teller<T>(Action<T> tell) : IProgress<T>
    {
        public void Report(T value) => tell(value);
    }
}
