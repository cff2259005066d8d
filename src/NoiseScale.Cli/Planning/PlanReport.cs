using NoiseScale.Cli.Terminal;
using Spectre.Console;

namespace NoiseScale.Cli.Planning;

/// <summary>A plan for people: what was asked, a table of its phases, totals, and what changed against the schedule it came from.</summary>
public static class PlanReport
{
    // More phases than fit a screen are shown by their first and last few.
    private const int Most = 24;
    private const int AtEachEnd = 6;

    // Fields of a schedule's text that a rule may move, and what they are.
    private static readonly (string Field, string What)[] Constants =
        [("optimizer", "optimizer"), ("decay", "weight decay"), ("average", "weight average")];

    /// <summary>Writes the report.</summary>
    /// <param name="console">Where to.</param>
    /// <param name="request">What was asked for, carried out.</param>
    /// <param name="all">Whether every phase is shown, however many there are.</param>
    public static void Write(IAnsiConsole console, PlanRequest request, bool all)
    {
        WriteTitle(console, request);
        console.Line();
        WritePhases(console, request, all);
        console.Line();
        WriteTotals(console, request);

        if (request.Reference is { } reference)
        {
            console.Line();
            WriteComparison(console, request, reference.Name, reference.Plan.CompareWith(request.Plan, request.Form));
        }

        foreach (var remark in request.Remarks())
        {
            console.Line();
            console.Prose(Palette.Remark, remark, indent: 2);
        }
    }

    private static void WriteTitle(IAnsiConsole console, PlanRequest request)
    {
        if (request.Source.Title is { } title)
            console.Line(Palette.Strong, title);

        console.Line(request.Source.Title is null ? Palette.Strong : Palette.Plain, request.Source.Schedule.ToString());

        foreach (var (index, step) in request.Transformations.Index())
            console.Line(Palette.Plain, $"  {index + 1}. {step.Words}");
    }

    private static void WritePhases(IAnsiConsole console, PlanRequest request, bool all)
    {
        var plan = request.Plan;
        var count = plan.Phases.Count;
        var elided = !all && count > Most;
        int[] shown = elided
            ? [.. Enumerable.Range(0, AtEachEnd), .. Enumerable.Range(count - AtEachEnd, AtEachEnd)]
            : [.. Enumerable.Range(0, count)];
        PlanRow[] rows = [.. shown.Select(index => PlanRow.Of(plan, index, request.Form))];

        var from = Numbers.AlignPoints([.. rows.Select(row => Numbers.Real(row.From.Value))]);
        var until = Numbers.AlignPoints([.. rows.Select(row => Numbers.Real(row.Until.Value))]);
        var width = until.Max(text => text.Length);
        var rates = Spans(rows, row => row.LearningRate, 6);
        var momenta = Spans(rows, row => row.Momentum, 6);
        var noise = Spans(rows, row => row.NoiseScale, 5);
        var withMomentum = rows.Any(row => row.Momentum != (0, 0));

        (string, bool)[] columns =
            [("epochs", true), ("batch", true), ("learning rate", true), ("momentum", true), ("noise scale g", true), ("updates", true)];
        var table = new AlignedTable([.. columns.Where((_, column) => withMomentum || column != 3)]);

        void Add(params (string, Style)[] cells) => table.Add([.. cells.Where((_, column) => withMomentum || column != 3)]);

        for (var i = 0; i < rows.Length; i++)
        {
            if (elided && i == AtEachEnd)
            {
                var hidden = plan.Phases[count - AtEachEnd].FirstUpdate - plan.Phases[AtEachEnd].FirstUpdate;
                var (more, dots) = ($"{Numbers.Whole(count - (2 * AtEachEnd))} more phases", ("⋮", Palette.Quiet));
                Add((more, Palette.Quiet), dots, dots, dots, dots, (Numbers.Whole(hidden), Palette.Quiet));
            }

            Add(
                ($"{from[i]} – {until[i].PadLeft(width)}", Palette.Plain),
                (Numbers.Whole(rows[i].BatchSize), Palette.Plain),
                (rates[i], Palette.Plain),
                (momenta[i], Palette.Plain),
                (noise[i], Palette.Plain),
                (Numbers.Whole(rows[i].Updates), Palette.Plain));
        }

        table.WriteTo(console);

        if (elided)
            console.Line(Palette.Quiet, "  --all shows every phase.");
    }

    /// <summary>"0.1" with points in line, or "0.1 → 0.05" where a phase ends with another value than it began with.</summary>
    private static IReadOnlyList<string> Spans(IReadOnlyList<PlanRow> rows, Func<PlanRow, (double First, double Last)> values, int digits)
    {
        var ends = rows.Select(row => (First: Numbers.Real(values(row).First, digits), Last: Numbers.Real(values(row).Last, digits))).ToList();
        var alone = new Queue<string>(Numbers.AlignPoints([.. ends.Where(end => end.First == end.Last).Select(end => end.First)]));

        return [.. ends.Select(end => end.First == end.Last ? alone.Dequeue() : $"{end.First} → {end.Last}")];
    }

    private static void WriteTotals(IAnsiConsole console, PlanRequest request)
    {
        var schedule = request.Plan.Schedule;

        console.Part(Palette.Strong, $"  {Numbers.Whole(request.Plan.Updates)} updates");
        console.Line(
            Palette.Plain,
            $" over {Numbers.Real(schedule.Epochs.Value, 9)} epochs of {Numbers.Whole(schedule.TrainingSetSize)} examples"
                + $" ({Numbers.Real(schedule.TotalExamples, 15)} in all)");
        console.Prose(
            Palette.Quiet,
            $"N∫dt/B = {Numbers.Real(schedule.IdealUpdates, 9)} before rounding; "
                + $"{Words(request.Plan.PartialBatch)}{Words(request.Plan.Rounding)}; g\u00a0{Words(request.Form)}",
            indent: 2);
    }

    private static void WriteComparison(IAnsiConsole console, PlanRequest request, string name, PlanComparison comparison)
    {
        var (first, second) = (comparison.First, comparison.Second);
        var ours = request.Transformations.Count > 0 ? "transformed" : "this plan";
        var table = new AlignedTable(("", false), (name, true), (ours, true), ("", false));
        var (saved, savedStyle) = Saved(comparison);

        table.Add(
            ("updates", Palette.Plain),
            (Numbers.Whole(first.Updates), Palette.Plain),
            (Numbers.Whole(second.Updates), Palette.Strong),
            (saved, savedStyle));

        if (first.Schedule.Epochs != second.Schedule.Epochs)
            AddPair("epochs", Numbers.Real(first.Schedule.Epochs.Value), Numbers.Real(second.Schedule.Epochs.Value), "");

        if (first.Schedule.TrainingSetSize != second.Schedule.TrainingSetSize)
            AddPair("training set", Numbers.Whole(first.Schedule.TrainingSetSize), Numbers.Whole(second.Schedule.TrainingSetSize), "");

        foreach (var (field, what) in Constants)
        {
            if (Field(first.Schedule, field) is var one && Field(second.Schedule, field) is var other && one != other)
                AddPair(what, one, other, "");
        }

        AddPair("largest learning rate", Numbers.Real(comparison.FirstPeakLearningRate), Numbers.Real(comparison.SecondPeakLearningRate), "");
        AddPair("largest batch", Numbers.Whole(comparison.FirstPeakBatchSize), Numbers.Whole(comparison.SecondPeakBatchSize), "");
        AddPair(
            "noise scale at the start",
            Numbers.Real(first.NoiseScaleAt(Epochs.Zero, request.Form).Value, 5),
            Numbers.Real(second.NoiseScaleAt(Epochs.Zero, request.Form).Value, 5),
            request.Widening is null or { Width: 1 } ? Deviation(comparison) : "");
        if (request.Widening is { } widening)
        {
            var (before, after) = (PerVariance(first.Schedule), PerVariance(second.Schedule) / widening.Variance);
            AddPair(
                "ḡ at the start (σ² = 1 before)",
                Numbers.Real(before, 5),
                Numbers.Real(after, 5),
                $"× {Numbers.Real(after / before, 4)}; the law ḡ ∝ w: × {Numbers.Real(widening.Width, 4)}");
        }

        table.WriteTo(console);

        void AddPair(string what, string one, string other, string remark) =>
            table.Add((what, Palette.Plain), (one, Palette.Plain), (other, Palette.Plain), (remark, Palette.Quiet));
    }

    /// <summary>ε/(B(1−m)) at the start: ḡ of weights of variance 1.</summary>
    private static double PerVariance(Schedule schedule) => NormalisedNoiseScale.Of(schedule.StepTemperatureAt(Epochs.Zero), deviation: 1).Value;

    /// <summary>A field of a schedule as its text has it, its numbers to a few digits; "none" where it has none.</summary>
    private static string Field(Schedule schedule, string name)
    {
        var field = schedule.ToString().Split("; ").FirstOrDefault(field => field.StartsWith(name + " ", StringComparison.Ordinal));
        var words = field?[(name.Length + 1)..].Split(' ').Select(word => Numbers.TryParse(word, out var value) ? Numbers.Real(value) : word);
        return words is null ? "none" : string.Join(' ', words);
    }

    private static (string Text, Style Style) Saved(PlanComparison comparison) => comparison.UpdatesSaved switch
    {
        0 => ("the same number", Palette.Plain),
        > 0 => ($"{Numbers.Whole(comparison.UpdatesSaved)} saved, {Numbers.Real(1 / comparison.UpdatesRatio, 3)} times fewer", Palette.Good),
        _ => ($"{Numbers.Whole(-comparison.UpdatesSaved)} more, {Numbers.Real(comparison.UpdatesRatio, 3)} times as many", Palette.Remark),
    };

    private static string Deviation(PlanComparison comparison) => comparison.NoiseScaleDeviation switch
    {
        0 => "equal throughout",
        < 1e-9 => "equal throughout, to rounding",
        double.PositiveInfinity => $"0 and not 0 at epoch {Numbers.Real(comparison.DeviationAt.Value)}",
        var deviation => $"apart by at most {Numbers.Percent(deviation)}, at epoch {Numbers.Real(comparison.DeviationAt.Value)}",
    };

    private static string Words(PartialBatch policy) => policy switch
    {
        PartialBatch.CarryOver => "batches run on across epochs",
        PartialBatch.Keep => "an epoch may end with a smaller batch",
        _ => "an epoch's last examples are dropped where they fill no batch",
    };

    private static string Words(BatchRounding rounding) => rounding switch
    {
        BatchRounding.Leave => "",
        BatchRounding.CompensateExact => ", the learning rate makes up for whole batches (exact form)",
        _ => ", the learning rate makes up for whole batches (linear form)",
    };

    private static string Words(NoiseScaleForm form) => form switch
    {
        // no-break spaces
        NoiseScaleForm.Exact => "=\u00a0ε/(1\u00a0−\u00a0m)·(N/B\u00a0−\u00a01)",
        _ => "=\u00a0ε/(1\u00a0−\u00a0m)·N/B",
    };
}
