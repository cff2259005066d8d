using System.Diagnostics;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>One call of <see cref="Trainer.Train"/>: the run, its evaluations, checkpoints and progress.</summary>
internal sealed class TrainingSession : IDisposable
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(200);

    private readonly Plan _plan;
    private readonly EvaluationRequests _requests;
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
    private long _examples;
    private Divergence? _divergence;
    private TimeSpan _nextReport;

    public TrainingSession(Plan plan, Network network, ImageDataSet data, TrainingSettings settings, IProgress<TrainingProgress>? progress)
    {
        (_plan, _progress, _requests) = (plan, progress, new EvaluationRequests(plan, settings.EvaluationEpochs));
        _evaluator = new Evaluator(network, data, settings.TrainEvaluationSize);
        _work = new WorkEstimate(plan, settings, data.Train.Device.type == DeviceType.CPU, _requests.Count, _evaluator.Examples);
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
        (_requests.Answered, _before, _resumedAt) = (_records.Count, saved.State.Elapsed, saved.State.Updates);
        _examples = _resumedAt == 0 ? 0 : plan[_resumedAt - 1].EndExample;
        _fractionBefore = _work.Fraction(_resumedAt, _examples, _requests.Answered);
    }

    public TrainingOutcome Run(CancellationToken cancellation)
    {
        foreach (var update in _plan.From(_run.Updates))
        {
            if (cancellation.IsCancellationRequested)
                Cancel(cancellation);

            if (_requests.IsDue(update) && !Evaluate(update.FirstExample))
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

        foreach (var requested in _requests.Answer(_run.Updates, examples, untilTheEnd))
        {
            _records.Add(new TrainingRecord
            {
                RequestedEpoch = requested,
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
        }

        return true;
    }

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
        var fraction = _work.Fraction(_run.Updates, _examples, _requests.Answered);
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
