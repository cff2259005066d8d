namespace NoiseScale.Training;

/// <summary>The epochs for which evaluations are asked, answered in order between updates; the last is the end of training.</summary>
internal sealed class EvaluationRequests
{
    private readonly Plan _plan;
    private readonly double[] _epochs;

    public EvaluationRequests(Plan plan, IReadOnlyList<double> epochs)
    {
        var end = plan.Schedule.Epochs.Value;
        (_plan, _epochs) = (plan, [.. epochs.Where(epoch => epoch < end), end]);
    }

    /// <summary>All of them.</summary>
    public int Count => _epochs.Length;

    /// <summary>How many have been answered.</summary>
    public int Answered { get; set; }

    /// <summary>Whether a requested epoch lies nearer to the start of this update than to its end.</summary>
    public bool IsDue(in PlannedUpdate update) => Answered < Count - 1 && Example < update.FirstExample + (update.BatchSize / 2.0);

    /// <summary>The epochs that an evaluation now answers: where updates are longer than the distance between requests, several.</summary>
    /// <param name="updates">Updates taken.</param>
    /// <param name="examples">Examples seen.</param>
    /// <param name="untilTheEnd">Whether training has ended, so that all that are left are answered.</param>
    public IReadOnlyList<double> Answer(long updates, long examples, bool untilTheEnd)
    {
        var nextBatchSize = updates < _plan.Updates ? _plan[updates].BatchSize : 0;
        var limit = examples + (nextBatchSize / 2.0);
        var first = Answered;
        do
            Answered++;
        while (untilTheEnd ? Answered < Count : Answered < Count - 1 && Example < limit);

        return _epochs[first..Answered];
    }

    private double Example => _epochs[Answered] * _plan.Schedule.TrainingSetSize;
}
