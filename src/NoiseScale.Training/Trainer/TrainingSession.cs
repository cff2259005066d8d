using System.Diagnostics;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>One call of <see cref="Trainer.Train"/>: the run, its evaluations, checkpoints and progress.</summary>
internal sealed class TrainingSession : IDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly Plan _plan;
    private readonly double[] _requested; // epochs, still to be answered from _nextRequest on; the last one is the end of training
    private readonly TrainingRun _run;
    private readonly Evaluator _evaluator;
    private readonly Func<bool, ModifiedLossMeasurement?> _measure; // given whether it is the end
    private readonly CheckpointKeeper? _checkpoints;
    private readonly WorkEstimate _work;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly List<TrainingRecord> _records = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _before;
    private readonly double _fractionBefore;
    private readonly long _resumedAt;
    private int _nextRequest;
    private long _examples;
    private Divergence? _divergence;
    private TimeSpan _nextReport;

    public TrainingSession(Plan plan, Network network, ImageDataSet data, TrainingSettings settings, IProgress<TrainingProgress>? progress)
    {
        var end = plan.Schedule.Epochs.Value;
        (_plan, _progress) = (plan, progress);
        _requested = [.. settings.EvaluationEpochs.Where(epoch => epoch < end), end];
        _evaluator = new Evaluator(network, data, settings.TrainEvaluationSize);
        _work = new WorkEstimate(plan, settings, data.Train.Device.type == DeviceType.CPU, _requested.Length, _evaluator.Examples);
        _run = new TrainingRun(plan, network, data.Train, settings);
        _measure = atEnd => settings.ModifiedLoss is { } wanted && (atEnd || wanted.Along)
            ? ModifiedLossMeasurement.Of(
                network, _run.Parameters, data.Train, wanted.BatchSize ?? plan[plan.Updates - 1].BatchSize, wanted.ExactVariance)
            : null;
        if (settings.Checkpoints is not { } saving)
            return;

        _checkpoints = new CheckpointKeeper(saving, RunIdentity.Of(plan, network, data, settings));
        if (_checkpoints.Latest(_run.Tensors()) is not { } saved)
            return;

        using (saved)
            _run.Restore(saved.State.Updates, saved.Tensors);

        _run.Losses.Restore(saved.State.BatchLossSum, saved.State.BatchLossExamples);
        _records.AddRange(saved.State.Records);
        (_nextRequest, _before, _resumedAt) = (_records.Count, saved.State.Elapsed, saved.State.Updates);
        _examples = _resumedAt == 0 ? 0 : plan[_resumedAt - 1].EndExample;
        _fractionBefore = _work.Fraction(_resumedAt, _examples, _nextRequest);
    }

    public TrainingOutcome Run(CancellationToken cancellation)
    {
        foreach (var update in _plan.From(_run.Updates))
        {
            if (cancellation.IsCancellationRequested)
                Cancel(cancellation);

            if (IsDue(update) && !Evaluate(update.FirstExample))
                break;

            _run.Step(update);
            _examples = update.EndExample;
            if ((_divergence ??= _run.Losses.Divergence) is not null)
                break;

            if (_checkpoints is not null && _checkpoints.IsDue(_run.Updates))
                Save();

            if (_progress is not null && _clock.Elapsed >= _nextReport)
                Report();
        }

        _run.Losses.ReadAll();
        _divergence ??= _run.Losses.Divergence;
        if (_divergence is null)
            Evaluate(_examples, untilTheEnd: true);

        Report();
        return Outcome();
    }

    public void Dispose()
    {
        _run.Dispose();
        _evaluator.Dispose();
    }

    /// <summary>Whether a requested epoch lies nearer to the start of this update than to its end.</summary>
    private bool IsDue(in PlannedUpdate update) =>
        _nextRequest < _requested.Length - 1 && RequestedExample < update.FirstExample + (update.BatchSize / 2.0);

    private double RequestedExample => _requested[_nextRequest] * _plan.Schedule.TrainingSetSize;

    /// <summary>Evaluates for all requests up to here; false if the loss is not finite.</summary>
    private bool Evaluate(long examples, bool untilTheEnd = false)
    {
        var epoch = (double)examples / _plan.Schedule.TrainingSetSize;
        var (train, test) = _evaluator.Evaluate(_run.Parameters);
        (Evaluation Train, Evaluation Test)? averaged = _run.Averages is { } averages ? _evaluator.Evaluate(averages) : null;
        var batchLoss = _run.Losses.TakeMean();
        if ((_divergence = _run.Losses.Divergence) is not null)
            return false;

        if (!double.IsFinite(train.Loss) || !double.IsFinite(test.Loss))
        {
            _divergence = new Divergence(_run.Updates, epoch, double.IsFinite(train.Loss) ? test.Loss : train.Loss);
            return false;
        }

        var modifiedLoss = _measure(untilTheEnd);

        // where updates are longer than the distance between requests, one evaluation answers several
        var limit = examples + (NextBatchSize() / 2.0);
        do
        {
            _records.Add(new TrainingRecord
            {
                RequestedEpoch = _requested[_nextRequest],
                Epoch = epoch,
                Update = _run.Updates,
                TrainLoss = train.Loss,
                TrainAccuracy = train.Accuracy,
                TestLoss = test.Loss,
                TestAccuracy = test.Accuracy,
                BatchLoss = batchLoss,
                AveragedTrainLoss = averaged?.Train.Loss,
                AveragedTestLoss = averaged?.Test.Loss,
                AveragedTestAccuracy = averaged?.Test.Accuracy,
                ModifiedLoss = modifiedLoss,
            });
            _nextRequest++;
        }
        while (_nextRequest < _requested.Length - (untilTheEnd ? 0 : 1) && (untilTheEnd || RequestedExample < limit));

        return true;
    }

    private int NextBatchSize() => _run.Updates < _plan.Updates ? _plan[_run.Updates].BatchSize : 0;

    private void Cancel(CancellationToken cancellation)
    {
        if (_checkpoints is not null)
            Save();

        cancellation.ThrowIfCancellationRequested();
    }

    private void Save()
    {
        _run.Losses.ReadAll();
        if (_run.Losses.Divergence is null) // there is nothing to go on with
            _checkpoints!.Save(
                new CheckpointState(_run.Updates, _run.Losses.Sum, _run.Losses.Examples, _before + _clock.Elapsed, _records), _run.Tensors());
    }

    private void Report()
    {
        if (_progress is null)
            return;

        var elapsed = _clock.Elapsed;
        var fraction = _work.Fraction(_run.Updates, _examples, _nextRequest);
        var done = fraction - _fractionBefore;
        TimeSpan? remaining = done > 0 ? elapsed * ((1 - fraction) / done) : null;
        _progress.Report(new TrainingProgress(
            fraction, _run.Updates, _plan.Updates, (double)_examples / _plan.Schedule.TrainingSetSize, _run.Losses.Last, elapsed, remaining));
        _nextReport = elapsed + ReportInterval;
    }

    private TrainingOutcome Outcome()
    {
        var (parameters, averages) = _run.HandOver();
        return new TrainingOutcome
        {
            Records = _records,
            Divergence = _divergence,
            Updates = _run.Updates,
            Parameters = parameters,
            AveragedParameters = averages,
            ResumedAt = _resumedAt,
            RefusedCheckpoints = _checkpoints?.Refused ?? [],
            Elapsed = _before + _clock.Elapsed,
            Threads = torch.get_num_threads(),
        };
    }
}
