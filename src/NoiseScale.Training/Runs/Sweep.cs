using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using NoiseScale.Training.Data;

namespace NoiseScale.Training.Runs;

/// <summary>
/// Runs specs side by side on threads of their own, the longest first. With one thread within an operation, two runs side by side use two
/// processors far better than one run with two: small layers are too little work to share.
/// </summary>
internal sealed class Sweep
{
    // libtorch's number of threads holds for the process: one sweep at a time
    private static readonly Lock OneAtATime = new();
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly RunStore _store;
    private readonly Func<RunSpec, ImageDataSet> _data;
    private readonly RunOptions _options;
    private readonly int _found;
    private readonly IProgress<RunStoreProgress>? _progress;
    private readonly RunSpec[] _specs;
    private readonly double[] _work;
    private readonly double[] _fractions;
    private readonly ConcurrentBag<RunResult> _results = [];
    private readonly ConcurrentDictionary<(DataSpec, string Device), Lazy<ImageDataSet>> _prepared = [];
    private readonly Stopwatch _clock = new();
    private readonly Lock _reporting = new();
    private TimeSpan _nextReport;

    public Sweep(
        RunStore store, IReadOnlyList<RunSpec> specs, Func<RunSpec, ImageDataSet> data, RunOptions options, int found, IProgress<RunStoreProgress>? progress)
    {
        (_store, _data, _options, _found, _progress) = (store, data, options, found, progress);

        // the longest first, or the last one would be waited for alone
        _specs = [.. specs.OrderByDescending(WorkOf)];
        _work = Array.ConvertAll(_specs, WorkOf);
        _fractions = new double[_specs.Length];
    }

    public IReadOnlyCollection<RunResult> Run(CancellationToken cancellation)
    {
        lock (OneAtATime)
            return RunAlone(cancellation);
    }

    private ConcurrentBag<RunResult> RunAlone(CancellationToken cancellation)
    {
        DiffSharp.TorchRuntime.Ensure();
        _clock.Start();
        var threadsBefore = torch.get_num_threads();
        try
        {
            // the number of threads holds for the process: runs that want different ones cannot stand side by side
            foreach (var group in Enumerable.Range(0, _specs.Length).GroupBy(i => (_specs[i].Threads, _specs[i].Device)))
                RunGroup([.. group], group.Key.Threads, WorkersFor(group.Key.Device, group.Key.Threads, group.Count()), cancellation);
        }
        finally
        {
            torch.set_num_threads(threadsBefore);
            foreach (var (key, data) in _prepared)
            {
                // what was prepared for a group is ours; the caller's own sets are not
                if (data.IsValueCreated && !ReferenceEquals(data.Value, _data(SpecOf(key))))
                    data.Value.Dispose();
            }
        }

        cancellation.ThrowIfCancellationRequested();
        return _results;
    }

    private RunSpec SpecOf((DataSpec Data, string Device) key) => _specs.First(spec => spec.Data == key.Data && spec.Device == key.Device);

    private int WorkersFor(string device, int threads, int runs)
    {
        var most = _options.Workers ?? (device == "cpu" ? Math.Max(1, Environment.ProcessorCount / threads) : 1);
        return Math.Min(most, runs);
    }

    private void RunGroup(int[] indices, int threads, int workers, CancellationToken cancellation)
    {
        var queue = new ConcurrentQueue<int>(indices);
        var broken = new ConcurrentQueue<Exception>();
        void Work()
        {
            try
            {
                // OpenMP keeps the number for each thread that calls libtorch
                torch.set_num_threads(threads);
                while (!cancellation.IsCancellationRequested && broken.IsEmpty && queue.TryDequeue(out var i))
                    RunOne(i, workers, cancellation);
            }
            catch (Exception failure)
            {
                // not a run's failure, which is a result, but the store's: nowhere to write to
                broken.Enqueue(failure);
            }
        }

        // threads and not tasks: libtorch's dispose scopes and settings belong to a thread, and a run keeps its own to the end
        var team = Enumerable.Range(0, workers).Select(i => new Thread(Work) { Name = $"run worker {i}", IsBackground = true }).ToList();
        team.ForEach(thread => thread.Start());
        team.ForEach(thread => thread.Join());
        if (broken.TryDequeue(out var first))
            ExceptionDispatchInfo.Throw(first);
    }

    private void RunOne(int i, int workers, CancellationToken cancellation)
    {
        var spec = _specs[i];
        var provenance = RunProvenance.Begin(spec, workers);
        var clock = Stopwatch.StartNew();
        RunResult result;
        try
        {
            using var scope = torch.NewDisposeScope();
            var checkpoints = _options.CheckpointInterval is { } interval ? new CheckpointSettings(_store.CheckpointsOf(spec)) { Interval = interval } : null;
            var tell = new Teller(progress => Report(i, progress.Fraction));
            using var outcome = Trainer.Train(spec.Plan(), spec.Network, Prepared(spec), spec.Settings(checkpoints), tell, cancellation);
            result = ResultOf(spec, outcome, provenance);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            result = FailureOf(spec, failure, provenance with { WallSeconds = clock.Elapsed.TotalSeconds });
        }

        _store.Write(spec, result);
        if (result.Status != RunStatus.Failed && Directory.Exists(_store.CheckpointsOf(spec)))
            Directory.Delete(_store.CheckpointsOf(spec), recursive: true);

        _results.Add(result);
        Report(i, 1, always: true);
    }

    private ImageDataSet Prepared(RunSpec spec) => _prepared.GetOrAdd((spec.Data, spec.Device), _ => new Lazy<ImageDataSet>(() =>
    {
        var whole = _data(spec);
        var device = torch.device(spec.Device);
        if (spec.Data.SubsetSeed is not { } seed)
            return whole.Train.Device.type == device.type ? whole : whole.To(device);

        var subset = whole.Take(spec.Data.TrainingSetSize, seed);
        if (subset.Train.Device.type == device.type)
            return subset;

        using (subset)
            return subset.To(device);
    })).Value;

    private static RunResult ResultOf(RunSpec spec, TrainingOutcome outcome, RunProvenance provenance) => new()
    {
        SpecHash = spec.Hash,
        Status = outcome.Divergence is null ? RunStatus.Completed : RunStatus.Diverged,
        Divergence = outcome.Divergence,
        Updates = outcome.Updates,
        PlannedUpdates = spec.Plan().Updates,
        Records = outcome.Records,
        Provenance = provenance with
        {
            WallSeconds = outcome.Elapsed.TotalSeconds,
            ResumedAt = outcome.ResumedAt,
            RefusedCheckpoints = outcome.RefusedCheckpoints,
        },
        Spec = JsonSerializer.Deserialize<JsonElement>(spec.ToCanonicalJson()),
    };

    private static RunResult FailureOf(RunSpec spec, Exception failure, RunProvenance provenance) => new()
    {
        SpecHash = spec.Hash,
        Status = RunStatus.Failed,
        FailureReason = $"{failure.GetType().Name}: {failure.Message}",
        Updates = 0,
        PlannedUpdates = spec.Plan().Updates,
        Records = [],
        Provenance = provenance,
        Spec = JsonSerializer.Deserialize<JsonElement>(spec.ToCanonicalJson()),
    };

    private static double WorkOf(RunSpec spec)
    {
        var plan = spec.Plan();
        return new WorkEstimate(plan, spec.Settings(null), spec.Device == "cpu", 0, 0).Total * spec.Network.ParameterCount;
    }

    private void Report(int i, double fraction, bool always = false)
    {
        lock (_reporting)
        {
            _fractions[i] = fraction;
            var elapsed = _clock.Elapsed;
            if (_progress is null || (!always && elapsed < _nextReport))
                return;

            _nextReport = elapsed + ReportInterval;
            var done = _fractions.Zip(_work, (part, work) => part * work).Sum() / _work.Sum();
            TimeSpan? remaining = done > 0 ? elapsed * ((1 - done) / done) : null;
            _progress.Report(new RunStoreProgress(
                done, _found + _results.Count, _found + _specs.Length, _found, _results.Count(r => r.Status == RunStatus.Failed), elapsed, remaining));
        }
    }

    // reports at once and on the same thread, unlike Progress<T>
    private sealed class Teller(Action<TrainingProgress> tell) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => tell(value);
    }
}
