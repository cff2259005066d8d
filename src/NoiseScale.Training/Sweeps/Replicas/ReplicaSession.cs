using System.Diagnostics;
using NoiseScale.Training.Data;
using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Sweeps.Replicas;

/// <summary>One call of <see cref="ReplicaTrainer.Train"/>: the replicas in step with each other, their evaluations, checkpoints and progress.</summary>
internal sealed class ReplicaSession : IDisposable
{
    // on a GPU reading a loss waits for the device: so many updates are read at once
    private const int Bundle = 64;
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly List<Replica> _replicas = [];
    private readonly List<ReplicaKernel> _kernels = [];
    private readonly ReplicaBatches _batches;
    private readonly Dictionary<ImageDataSet, Evaluator> _evaluators = [];
    private readonly EvaluationRequests _requests;
    private readonly CheckpointKeeper? _checkpoints;
    private readonly WorkEstimate _work;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly List<(Tensor Losses, PlannedUpdate Update)> _unread = [];
    private readonly int _bundle;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _before;
    private readonly double _fractionBefore;
    private readonly long _resumedAt;
    private long _updates;
    private long _examples;
    private TimeSpan _nextReport;

    public ReplicaSession(
        IReadOnlyList<(RunSpec Spec, ImageDataSet Data)> replicas, CheckpointSettings? checkpoints, IProgress<TrainingProgress>? progress)
    {
        var (spec, data) = replicas[0];
        var device = torch.device(spec.Device);
        _progress = progress;
        _bundle = device.type == DeviceType.CPU ? 1 : Bundle;
        foreach (var chunk in replicas.Chunk(Math.Min(replicas.Count, ReplicaKernel.Most(spec.Network))))
        {
            var kernel = new ReplicaKernel(spec.Network, chunk.Length, device);
            _kernels.Add(kernel);
            _replicas.AddRange(chunk.Select((replica, i) => new Replica(replica.Spec, replica.Data, kernel, i)));
        }

        _batches = new ReplicaBatches(_replicas);
        foreach (var replica in _replicas)
        {
            if (!_evaluators.ContainsKey(replica.Data))
                _evaluators.Add(replica.Data, new Evaluator(ReplicaKernel.Of(spec.Network), replica.Data, spec.TrainEvaluationSize));
        }

        _requests = new EvaluationRequests(Plan, spec.EvaluationEpochs);
        _work = new WorkEstimate(Plan, spec.Settings(null), _bundle == 1, _requests.Count, _evaluators[data].Examples);
        if (checkpoints is null)
            return;

        _checkpoints = new CheckpointKeeper(checkpoints, RunIdentity.Digest($"replicas\n{string.Join('\n', replicas.Select(replica => replica.Spec.Hash))}"));
        if (_checkpoints.Latest(Tensors()) is not { } saved)
            return;

        using (saved)
            Restore(saved);

        (_before, _resumedAt) = (saved.State.Elapsed, _updates);
        _fractionBefore = Fraction;
    }

    private Plan Plan => _replicas[0].Plan;

    private double Fraction => _work.Fraction(_updates, _examples, _requests.Answered);

    private bool IsAnyAlive => _replicas.Exists(replica => replica.Divergence is null);

    public IReadOnlyList<TrainingOutcome> Run(CancellationToken cancellation)
    {
        while (IsAnyAlive && MoveNext())
        {
            if (cancellation.IsCancellationRequested)
                Cancel(cancellation);

            var update = _replicas[0].Next;
            if (_requests.IsDue(update))
                Evaluate(untilTheEnd: false);

            Step(update);
            if (_checkpoints is not null && _checkpoints.IsDue(_updates))
                Save();

            if (_progress is not null && _clock.Elapsed >= _nextReport)
                Report();
        }

        ReadLosses();
        Evaluate(untilTheEnd: true);
        Report();
        return [.. _replicas.Select(Outcome)];
    }

    public void Dispose()
    {
        foreach (var disposable in (IEnumerable<IDisposable>)[.. _replicas, .. _evaluators.Values, .. _kernels, .. _unread.Select(entry => entry.Losses)])
            disposable.Dispose();
    }

    private bool MoveNext()
    {
        var moved = true;
        foreach (var replica in _replicas)
            moved &= replica.MoveNext();

        return moved;
    }

    private void Step(in PlannedUpdate update)
    {
        using var scope = torch.NewDisposeScope();
        _unread.Add((Losses(_batches.Read(update.BatchSize), update.BatchSize).DetachFromDisposeScope(), update));
        var alive = _replicas.FindAll(replica => replica.Divergence is null);
        if (_unread.Count >= _bundle)
            ReadLosses();

        // also the update of a replica whose loss is no number any more: it is the last one it takes
        foreach (var replica in alive)
            replica.Step();

        (_updates, _examples) = (update.Index + 1, update.EndExample);
    }

    private Tensor Losses(in Batch batches, int batchSize)
    {
        if (_kernels.Count == 1)
            return _kernels[0].Invoke(batches.Images, batches.Labels);

        var losses = new List<Tensor>();
        var first = 0;
        foreach (var kernel in _kernels)
        {
            var count = kernel.Replicas * batchSize;
            losses.Add(kernel.Invoke(batches.Images.narrow(0, first, count), batches.Labels.narrow(0, first, count)));
            first += count;
        }

        return torch.cat(losses, 0);
    }

    private void ReadLosses()
    {
        foreach (var (losses, update) in _unread)
        {
            using var read = losses.cpu();
            var values = read.data<float>();
            for (var i = 0; i < _replicas.Count; i++)
            {
                var replica = _replicas[i];
                replica.Losses.Add(values[i], update);
                replica.Divergence ??= replica.Losses.Divergence;
            }

            losses.Dispose();
        }

        _unread.Clear();
    }

    private void Evaluate(bool untilTheEnd)
    {
        ReadLosses();
        var epoch = (double)_examples / Plan.Schedule.TrainingSetSize;
        var answered = _requests.Answer(_updates, _examples, untilTheEnd);
        foreach (var replica in _replicas.Where(replica => replica.Divergence is null))
        {
            var (train, test) = _evaluators[replica.Data].Evaluate(replica.Parameters);
            var batchLoss = replica.Losses.TakeMean();
            if (!double.IsFinite(train.Loss) || !double.IsFinite(test.Loss))
            {
                replica.Divergence = new Divergence(_updates, epoch, double.IsFinite(train.Loss) ? test.Loss : train.Loss);
                continue;
            }

            replica.Records.AddRange(answered.Select(requested => new TrainingRecord
            {
                RequestedEpoch = requested,
                Epoch = epoch,
                Update = _updates,
                TrainLoss = train.Loss,
                TrainAccuracy = train.Accuracy,
                TestLoss = test.Loss,
                TestAccuracy = test.Accuracy,
                BatchLoss = batchLoss,
            }));
        }
    }

    private List<(string Name, Tensor Tensor)> Tensors() =>
        [.. _replicas.SelectMany((replica, i) => replica.Tensors().Select(entry => ($"replica/{i}/{entry.Name}", entry.Tensor)))];

    private void Save()
    {
        ReadLosses();
        _checkpoints!.Save(
            new CheckpointState(_updates, 0, 0, _before + _clock.Elapsed, []) { Replicas = [.. _replicas.Select(replica => replica.State())] }, Tensors());
    }

    private void Restore(SavedCheckpoint saved)
    {
        _updates = saved.State.Updates;
        _examples = _updates == 0 ? 0 : Plan[_updates - 1].EndExample;
        var at = 0;
        foreach (var (replica, state) in _replicas.Zip(saved.State.Replicas!))
        {
            var tensors = replica.Tensors().Select(entry => entry.Name).ToList();
            replica.Restore(_updates, state, [.. tensors.Select((name, i) => (name, saved.Tensors[at + i].Tensor))]);
            at += tensors.Count;
        }

        // a replica that is still alive has answered all there was to answer
        _requests.Answered = _replicas.Max(replica => replica.Records.Count);
    }

    private void Cancel(CancellationToken cancellation)
    {
        if (_checkpoints is not null)
            Save();

        cancellation.ThrowIfCancellationRequested();
    }

    private void Report()
    {
        if (_progress is null)
            return;

        var elapsed = _clock.Elapsed;
        var done = Fraction - _fractionBefore;
        TimeSpan? remaining = done > 0 ? elapsed * ((1 - Fraction) / done) : null;
        _progress.Report(new TrainingProgress(
            Fraction, _updates, Plan.Updates, (double)_examples / Plan.Schedule.TrainingSetSize, _replicas[0].Losses.Last, elapsed, remaining));
        _nextReport = elapsed + ReportInterval;
    }

    private TrainingOutcome Outcome(Replica replica) => new()
    {
        Records = replica.Records,
        Divergence = replica.Divergence,
        Updates = replica.Updates,

        // out of the stack, which is freed
        Parameters = replica.Trained(),
        AveragedParameters = null,
        ResumedAt = _resumedAt,
        RefusedCheckpoints = _checkpoints?.Refused ?? [],
        Elapsed = (_before + _clock.Elapsed) / _replicas.Count,
        Threads = torch.get_num_threads(),
    };
}
