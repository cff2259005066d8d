using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Planning;

/// <summary>One step from the schedule as given to the schedule that is planned.</summary>
/// <param name="Typed">The option as typed.</param>
/// <param name="Words">What it does, in words.</param>
/// <param name="Step">The step, under a form of the noise scale.</param>
public sealed record Transformation(string Typed, string Words, Func<Schedule, NoiseScaleForm, Schedule> Step)
{
    /// <summary>The largest batch that this step allows; null where it sets no limit of its own.</summary>
    public double? Cap { get; init; }

    /// <summary>Whether the law behind this step is that of SGD, and another holds for Adam.</summary>
    public bool IsOfSgd { get; init; }

    /// <summary>What helps where this step makes a batch smaller than one example; null for nothing.</summary>
    public string? BelowOne { get; init; }

    /// <summary>The network's width after this step over that before it, and the same for σ² of its hidden weights at the start; null where the width stays.</summary>
    public (double Width, double Variance)? Widening { get; init; }

    /// <summary>Takes the step, or refuses under the option's name.</summary>
    /// <param name="schedule">The schedule before it.</param>
    /// <param name="form">The form of the noise scale that is kept.</param>
    public Schedule Apply(Schedule schedule, NoiseScaleForm form) => Refusals.Applying(Typed, BelowOne, () => Step(schedule, form));

    /// <summary>Decay becomes growth.</summary>
    /// <param name="typed">The option as typed.</param>
    /// <param name="cap">Where the batch stops.</param>
    /// <param name="limit">The same where it is a number of examples; null elsewhere.</param>
    /// <param name="until">The epoch from which decays remain decays; null: never.</param>
    /// <param name="rule">What a decay is traded for, and the rule's name.</param>
    public static Transformation TradeDecay(string typed, BatchCap cap, double? limit, double? until, (TradeRule Meaning, string Word) rule)
    {
        var stops = limit is { } examples ? $"up to {Numbers.Real(examples, 15)}" : cap.Equals(BatchCap.None) ? "without a cap" : "up to N/10";
        var ends = until is { } epoch ? $" until epoch {Numbers.Real(epoch, 15)}" : "";

        return new(
            typed,
            $"decay traded for a batch that grows {stops}{ends}, {rule.Word} rule",
            (schedule, form) => schedule.TradeDecayForBatch(cap, until is { } t ? new Epochs(t) : null, rule.Meaning, form))
        {
            Cap = limit,
            IsOfSgd = rule.Meaning != TradeRule.SquareRoot,
        };
    }

    /// <summary>Growth becomes decay.</summary>
    /// <param name="typed">The option as typed.</param>
    public static Transformation TradeBatch(string typed) => new(
        typed,
        "growth of the batch traded for decay of the learning rate",
        (schedule, form) => schedule.TradeBatchForDecay(form))
    {
        IsOfSgd = true,
    };

    /// <summary>B ∝ ε.</summary>
    /// <param name="typed">The option as typed.</param>
    /// <param name="k">The factor of the learning rate.</param>
    public static Transformation ScaleLearningRate(string typed, double k) => new(
        typed,
        $"learning rate × {Numbers.Real(k, 15)}, and the batch with it",
        (schedule, form) => schedule.ScaleLearningRate(k, form))
    {
        IsOfSgd = true,
    };

    /// <summary>B ∝ 1/(1−m).</summary>
    /// <param name="typed">The option as typed.</param>
    /// <param name="momentum">The new momentum.</param>
    public static Transformation SetMomentum(string typed, double momentum) => new(
        typed,
        $"momentum {Numbers.Real(momentum, 15)}, and the batch with 1/(1 − m)",
        (schedule, form) => schedule.SetMomentum(momentum, form));

    /// <summary>B → kB.</summary>
    /// <param name="typed">The option as typed.</param>
    /// <param name="k">The factor of the batch.</param>
    /// <param name="rule">The rule of the learning rate, and its name.</param>
    public static Transformation ScaleBatch(string typed, double k, (ScalingRule Meaning, string Word) rule) => new(
        typed,
        $"batch × {Numbers.Real(k, 15)}, and the learning rate by the {rule.Word} rule",
        (schedule, form) => schedule.ScaleBatch(k, rule.Meaning, form))
    {
        IsOfSgd = rule.Word == "linear",
    };

    /// <summary>To a network of another width.</summary>
    /// <param name="typed">The option as typed.</param>
    /// <param name="from">The width that the schedule is for.</param>
    /// <param name="to">The width it moves to.</param>
    /// <param name="parameterisation">Of both networks, and its name.</param>
    /// <param name="keepBatch">Whether the learning rate alone moves.</param>
    public static Transformation TransferWidth(
        string typed, double from, double to, (Parameterisation Meaning, string Word) parameterisation, bool keepBatch) => new(
        typed,
        $"from width {Numbers.Real(from, 15)} to {Numbers.Real(to, 15)}, {parameterisation.Word} parameterisation{(keepBatch ? ", at the same batch" : "")}: noise scale × {Numbers.Real(Math.Pow(to / from, WidthLaw.Of(parameterisation.Meaning).NoiseScale), 4)}",
        (schedule, form) => keepBatch
            ? schedule.TransferWidthKeepingBatch(from, to, parameterisation.Meaning)
            : schedule.TransferWidth(from, to, parameterisation.Meaning, form))
        {
            BelowOne = "--keep-batch leaves the batch as it is, and the learning rate alone makes the noise scale.",
            Widening = (to / from, Math.Pow(to / from, 2 * WidthExponents.Of(parameterisation.Meaning, LayerRole.Hidden).Deviation)),
        };

    /// <summary>Another length of training.</summary>
    /// <param name="typed">The option as typed.</param>
    /// <param name="epochs">The length.</param>
    public static Transformation SetEpochs(string typed, double epochs) => new(
        typed,
        $"{Numbers.Real(epochs, 15)} epochs",
        (schedule, _) => schedule.WithEpochs(epochs));

    /// <summary>Another training set.</summary>
    /// <param name="typed">The option as typed.</param>
    /// <param name="examples">Its size.</param>
    public static Transformation SetExamples(string typed, long examples) => new(
        typed,
        $"a training set of {Numbers.Whole(examples)} examples",
        (schedule, _) => schedule.WithTrainingSetSize(examples));
}
