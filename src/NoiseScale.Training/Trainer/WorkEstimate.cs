namespace NoiseScale.Training;

/// <summary>
/// The work of a run, counted in examples through training: an update costs a fixed number beside its batch, an evaluated example a third
/// (forward only). With it the time left stays honest where the batch size grows and updates become fewer and longer.
/// </summary>
internal sealed class WorkEstimate
{
    // the cost of an update that does not depend on its batch, in examples: on a processor for a perceptron of 784-800-10 (the optimizer's
    // pass over the parameters and the calls), on a GPU for the batch below which a step takes the same time
    private const double UpdateOnProcessor = 12;
    private const double UpdateOnGpu = 1024;

    // a step with a gradient penalty, in steps without
    private const double PenalisedStep = 4;

    private readonly double _perUpdate;
    private readonly double _perExample;
    private readonly double _perEvaluation;
    private readonly double _total;

    public WorkEstimate(Plan plan, TrainingSettings settings, bool onProcessor, int evaluations, int examplesPerEvaluation)
    {
        _perExample = settings.StepsPerMinibatch * (settings.GradientPenalty == 0 ? 1 : PenalisedStep);
        _perUpdate = _perExample * (onProcessor ? UpdateOnProcessor : UpdateOnGpu);
        _perEvaluation = examplesPerEvaluation / 3.0;
        _total = Math.Max(1, (plan.Updates * _perUpdate) + (plan.Schedule.TotalExamples * _perExample) + (evaluations * _perEvaluation));
    }

    /// <summary>All of it.</summary>
    public double Total => _total;

    /// <summary>The part of it that is done, from 0 to 1.</summary>
    public double Fraction(long updates, long examples, int evaluations) =>
        Math.Min(1, ((updates * _perUpdate) + (examples * _perExample) + (evaluations * _perEvaluation)) / _total);
}
