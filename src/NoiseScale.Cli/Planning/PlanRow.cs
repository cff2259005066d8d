namespace NoiseScale.Cli.Planning;

/// <summary>A phase of a plan as a table shows it: its span in epochs, and its settings at both ends.</summary>
/// <param name="From">Where it begins.</param>
/// <param name="Until">Where it ends.</param>
/// <param name="BatchSize">Examples an update.</param>
/// <param name="LearningRate">First and last learning rate.</param>
/// <param name="Momentum">First and last momentum.</param>
/// <param name="NoiseScale">First and last noise scale, with the whole batch.</param>
/// <param name="Updates">How many updates.</param>
public readonly record struct PlanRow(
    Epochs From,
    Epochs Until,
    int BatchSize,
    (double First, double Last) LearningRate,
    (double First, double Last) Momentum,
    (double First, double Last) NoiseScale,
    long Updates)
{
    /// <summary>One phase of a plan, read in constant time however many updates it has.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="index">The phase's index.</param>
    /// <param name="form">The form of the noise scale.</param>
    public static PlanRow Of(Plan plan, int index, NoiseScaleForm form)
    {
        var phase = plan.Phases[index];
        var (from, until) = (Begin(plan, index), index + 1 < plan.Phases.Count ? Begin(plan, index + 1) : plan.Schedule.Epochs);
        var (first, last) = (FullUpdate(plan, phase.FirstUpdate, +1, phase), FullUpdate(plan, phase.LastUpdate, -1, phase));

        // an update that straddles the boundary begins before it
        var lastBegins = last.Epoch > from ? last.Epoch : from;

        return new(
            from,
            until,
            phase.BatchSize,
            (first.LearningRate, phase.IsConstant ? first.LearningRate : last.LearningRate),
            (first.Momentum, phase.IsConstant ? first.Momentum : last.Momentum),
            (plan.NoiseScaleAt(from, form).Value, plan.NoiseScaleAt(phase.IsConstant ? from : lastBegins, form).Value),
            phase.Updates);
    }

    /// <summary>Where a phase begins. The schedule's own boundary, except between phases of one varying batch: there, the data seen.</summary>
    private static Epochs Begin(Plan plan, int index)
    {
        var phase = plan.Phases[index];

        return index == 0 || plan.Phases[index - 1].Start != phase.Start
            ? phase.Start
            : Epochs.OfExamples(phase.FirstExample, plan.Schedule.TrainingSetSize);
    }

    /// <summary>The update, or its neighbour inside the phase where the end of an epoch has made it a smaller one.</summary>
    private static PlannedUpdate FullUpdate(Plan plan, long index, int towards, PlanPhase phase)
    {
        var update = plan[index];
        return update.BatchSize < phase.BatchSize && phase.Updates > 1 ? plan[index + towards] : update;
    }
}
