using NoiseScale.Cli.Planning;

namespace NoiseScale.Cli.Plotting;

/// <summary>A plan as curves over epochs: what its updates really use, phase by phase.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Schedule">The schedule on one line.</param>
/// <param name="Updates">Its number of updates.</param>
/// <param name="Epochs">Where the curves have their points; two at a jump.</param>
/// <param name="LearningRate">ε there.</param>
/// <param name="BatchSize">B there.</param>
/// <param name="Momentum">m there.</param>
/// <param name="NoiseScale">g there.</param>
public sealed record PlanCurves(
    string Name,
    string Schedule,
    long Updates,
    IReadOnlyList<double> Epochs,
    IReadOnlyList<double> LearningRate,
    IReadOnlyList<int> BatchSize,
    IReadOnlyList<double> Momentum,
    IReadOnlyList<double> NoiseScale)
{
    // Points of one curve: enough for any screen, few enough for a phone.
    private const int Most = 2000;
    private const int InsideAPhase = 64;

    /// <summary>The curves of a plan.</summary>
    /// <param name="name">What the legend calls it.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="form">The form of the noise scale.</param>
    public static PlanCurves Of(string name, Plan plan, NoiseScaleForm form)
    {
        var points = new List<(double Epoch, double LearningRate, int Batch, double Momentum, double NoiseScale)>();
        var last = plan.Phases.Count - 1;
        var stride = (last / Most) + 1;

        // every stride-th phase, and the last in any case
        for (var index = 0; index <= last; index = index < last ? Math.Min(index + stride, last) : last + 1)
        {
            var row = PlanRow.Of(plan, index, form);
            var phase = plan.Phases[index];

            points.Add((row.From.Value, row.LearningRate.First, row.BatchSize, row.Momentum.First, row.NoiseScale.First));

            // a phase whose settings move, and that is long enough to see them move: updates evenly spaced
            var isLong = (row.Until - row.From) / plan.Schedule.Epochs > 1.0 / InsideAPhase;
            var inside = phase.IsConstant || !isLong ? 0 : (int)Math.Min(InsideAPhase, phase.Updates - 2);

            for (var i = 1; i <= inside; i++)
            {
                var update = plan[phase.FirstUpdate + ((phase.Updates - 1) * i / (inside + 1))];

                if (update.BatchSize == phase.BatchSize && update.Epoch > row.From && update.Epoch < row.Until)
                {
                    var noiseScale = plan.NoiseScaleAt(update.Epoch, form).Value;
                    points.Add((update.Epoch.Value, update.LearningRate, update.BatchSize, update.Momentum, noiseScale));
                }
            }

            points.Add((row.Until.Value, row.LearningRate.Last, row.BatchSize, row.Momentum.Last, row.NoiseScale.Last));
        }

        return new(
            name,
            plan.Schedule.ToString(),
            plan.Updates,
            [.. points.Select(point => point.Epoch)],
            [.. points.Select(point => point.LearningRate)],
            [.. points.Select(point => point.Batch)],
            [.. points.Select(point => point.Momentum)],
            [.. points.Select(point => point.NoiseScale)]);
    }
}
