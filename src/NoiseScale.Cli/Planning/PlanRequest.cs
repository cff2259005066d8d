using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Planning;

/// <summary>What `noisescale plan` was asked for, carried out: the schedule, its transformation, their plans.</summary>
/// <param name="Source">The schedule as given.</param>
/// <param name="Transformations">What was done to it, in order.</param>
/// <param name="Plan">The plan of the result.</param>
/// <param name="Form">The form of the noise scale.</param>
/// <param name="Reference">What the plan is compared with, and its name; null where there is nothing to compare with.</param>
public sealed record PlanRequest(
    ScheduleSource Source,
    IReadOnlyList<Transformation> Transformations,
    Plan Plan,
    NoiseScaleForm Form,
    (string Name, Plan Plan)? Reference)
{
    /// <summary>Ratio of the widths, and of σ² of the hidden weights, of the plan's network to the reference's; null where they are not known to differ.</summary>
    public (double Width, double Variance)? Widening { get; private init; }

    /// <summary>Transforms a schedule, plans it, and finds what to compare it with: a named schedule, the schedule as given, or its paper's baseline.</summary>
    /// <param name="source">The schedule as given.</param>
    /// <param name="transformations">What to do to it, in order.</param>
    /// <param name="against">A schedule to compare with; null: the schedule as given, or its paper's baseline.</param>
    /// <param name="form">The form of the noise scale.</param>
    /// <param name="partialBatch">What happens at the end of an epoch.</param>
    /// <param name="rounding">What happens when a batch is rounded.</param>
    public static PlanRequest Carry(
        ScheduleSource source,
        IReadOnlyList<Transformation> transformations,
        ScheduleSource? against,
        NoiseScaleForm form,
        PartialBatch partialBatch,
        BatchRounding rounding)
    {
        var schedule = transformations.Aggregate(source.Schedule, (schedule, step) => step.Apply(schedule, form));

        Plan Make(Schedule schedule, string name) => schedule.Plan(partialBatch, rounding) is { Updates: > 0 } plan
            ? plan
            : throw CommandFailure.Refusal(
                $"The schedule {name} makes no update: its {Numbers.Real(schedule.Epochs.Value)} epochs hold no batch.",
                "Train longer, or take a smaller batch.");

        var reference = (against, transformations, source.Baseline) switch
        {
            ({ } named, _, _) => (named.Name, named.Schedule),
            (null, [_, ..], _) => (source.Name, source.Schedule),
            (null, [], { } baseline) => (Papers.Prefix + baseline.Name, baseline.Schedule),
            _ => ((string Name, Schedule Schedule)?)null,
        };

        return new(
            source,
            transformations,
            Make(schedule, transformations.Count == 0 ? source.Name : "as transformed"),
            form,
            reference is { } other ? (other.Name, Make(other.Schedule, other.Name)) : null)
        {
            Widening = against is null ? transformations.Aggregate(((double Width, double Variance)?)null, (sum, step) => Together(sum, step.Widening)) : null,
        };
    }

    private static (double Width, double Variance)? Together((double Width, double Variance)? first, (double Width, double Variance)? second) =>
        (first, second) is ({ } a, { } b) ? (a.Width * b.Width, a.Variance * b.Variance) : first ?? second;

    /// <summary>What a user may not expect of the result, in sentences.</summary>
    public IEnumerable<string> Remarks()
    {
        var largest = Plan.Phases.Max(phase => phase.BatchSize);

        foreach (var step in Transformations)
        {
            if (step.Cap is { } cap && largest > Math.Round(cap))
            {
                yield return $"The batch reaches {Numbers.Whole(largest)}, beyond the cap of {Numbers.Real(cap, 15)}: an option after {step.Typed} raised it"
                    + " again. Options apply in the order in which they stand.";
            }
        }

        if (Plan.Schedule.Optimizer is AdamOptimizer or AdamWOptimizer && Transformations.Any(step => step.IsOfSgd))
        {
            yield return "The noise scale kept here is that of SGD. For Adam a batch k times as large goes with a learning rate √k times as large:"
                + " --rule square-root of --trade-decay, --batch-rule square-root of --scale-batch.";
        }

        if (Source.Title is not null && Form == NoiseScaleForm.Exact && Reference is { } reference
            && Plan.CompareWith(reference.Plan, NoiseScaleForm.Exact).NoiseScaleDeviation > 1e-3)
        {
            yield return "The paper derives its schedules in the linear form of the noise scale: --form linear compares them in it.";
        }
    }
}
