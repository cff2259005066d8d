using System.Globalization;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests;

internal static class PlanTests
{
    // Updates of P1 (papers: 80 000, below 6 500, below 2 500 and so on): data divided by batch size, and whole updates under the default policy.
    private static readonly (string Name, double Ideal, long Updates)[] Counts =
    [
        ("original", 80_000, 80_000),
        ("hybrid", 34_750, 34_750),
        ("increase", 28_890, 28_890),
        ("increase-capped", 29_187.5, 29_188),
        ("increase-lr", 6_453.125, 6_453),
        ("increase-momentum", 2_351.5625, 2_352),
        ("imagenet-original", 14_075.32104, 14_075),
        ("imagenet-increase", 5_630.12842, 5_630),
        ("imagenet-momentum-0.9", 5_864.71710, 5_865),
        ("imagenet-momentum-0.95", 3_518.83026, 3_519),
        ("imagenet-momentum-0.975", 2_345.88684, 2_346),
    ];

    internal static Test All => Runner.TestList("plans", [
        .. Counts.Select(count => Runner.TestCase($"the updates of P1, {count.Name}", () =>
        {
            var schedule = Schedule.Paper("dont-decay/" + count.Name);
            Check.Close(count.Ideal, schedule.IdealUpdates, 1e-8, "ideal updates");
            var plan = schedule.Plan();
            Check.Equal(count.Updates, plan.Updates, "updates");
            Check.Equal(count.Updates, plan.LongCount(), "updates, walked");
        })),
        Runner.TestCase("the papers' baseline is the one written out", () =>
        {
            Check.Equal(ScheduleTests.Original, Schedule.Paper("dont-decay/original"), "original");
            Check.SequenceEqual(Counts.Select(count => "dont-decay/" + count.Name), Schedule.PaperNames, "names");
            Check.True(Schedule.PaperSchedules.All(paper => paper.Title.Length > 0), "titles");
        }),
        Runner.TestCase("updates follow one another in index and data, with the settings of the schedule", () =>
        {
            var schedule = ScheduleTests.Original.TradeDecayForBatch(5120, form: NoiseScaleForm.Linear);
            long index = 0, position = 0;
            foreach (var update in schedule.Plan())
            {
                Check.True(update.Index == index++ && update.FirstExample == position, "consecutive");
                position = update.EndExample;
                var middle = (update.FirstExample + update.BatchSize / 2.0 - 0.25) / 50_000; // a tie belongs to the earlier side
                Check.True(update.BatchSize == schedule.BatchSize.ValueAt(middle), $"batch of update {update.Index}");
                Check.True(update.LearningRate == schedule.LearningRate.ValueAt(middle), $"learning rate of update {update.Index}");
                Check.True(update.Momentum == 0.9, "momentum");
            }

            Check.Close(schedule.TotalExamples, position, 1e-3, "all the data");
        }),
        Runner.TestCase("a walk from the middle is the rest of the whole walk", () =>
        {
            foreach (var policy in Enum.GetValues<PartialBatch>())
            {
                var plan = Schedule.StepDecay(0.1, 2, [1.3, 2.1], Curve.StepGrowth(7, 3, 1.7), 3.9, 100, 0.9).Plan(policy);
                var whole = plan.ToList();
                for (var from = 0; from <= whole.Count + 1; from++)
                {
                    Check.SequenceEqual(whole.Skip(from), plan.From(from), $"{policy}, from {from}");
                    Check.Equal(Math.Max(0, whole.Count - from), plan.From(from).Count, $"{policy}, left from {from}");
                }

                for (var i = 0; i < whole.Count; i++)
                {
                    Check.Equal(whole[i], plan[i], $"{policy}, update {i}");
                }
            }
        }),
        Runner.TestCase("phases cover the updates", () =>
        {
            var plan = Schedule.Paper("dont-decay/increase").Plan();
            Check.SequenceEqual([128, 640, 3200, 16_000], plan.Phases.Select(phase => phase.BatchSize), "batches");
            Check.SequenceEqual([0, 60, 120, 160], plan.Phases.Select(phase => phase.Start.Value), "starts");
            long next = 0;
            foreach (var phase in plan.Phases)
            {
                Check.Equal(next, phase.FirstUpdate, "first update");
                Check.True(phase.IsConstant, "constant");
                next = phase.LastUpdate + 1;
            }

            Check.Equal(plan.Updates, next, "all updates");
            Check.Throws<ArgumentOutOfRangeException>(() => _ = plan.Phases[4], "no fifth phase");
        }),
        Runner.TestCase("walking a plan allocates nothing", () =>
        {
            var plan = Schedule.Paper("dont-decay/original").Plan();
            double Walk()
            {
                var sum = 0.0;
                foreach (var update in plan)
                    sum += update.LearningRate * update.BatchSize;
                foreach (var update in plan.From(40_000))
                    sum += update.LearningRate;
                return sum;
            }

            Walk(); // compiled
            var before = GC.GetAllocatedBytesForCurrentThread();
            var total = Walk();
            Check.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before, "bytes");
            Check.True(total > 0, "work was done");
        }),
        Runner.TestCase("policies: a last partial batch, and rounding made up for", () =>
        {
            var schedule = Schedule.Constant(0.1, 30, 2, 100, momentum: 0.9);
            Check.SequenceEqual([30, 30, 30, 30, 30, 30, 30], schedule.Plan().Select(u => u.BatchSize), "carried over");
            Check.SequenceEqual([30, 30, 30, 10, 30, 30, 30, 10], schedule.Plan(PartialBatch.Keep).Select(u => u.BatchSize), "kept");
            Check.SequenceEqual([0, 30, 60, 100, 130, 160], schedule.Plan(PartialBatch.Drop).Select(u => u.FirstExample), "dropped");

            var fractional = Schedule.Constant(0.1, 30.4, 2, 100, momentum: 0.9);
            foreach (var (rounding, form) in new[]
                     {
                         (BatchRounding.CompensateExact, NoiseScaleForm.Exact), (BatchRounding.CompensateLinear, NoiseScaleForm.Linear),
                     })
            {
                var plan = fractional.Plan(rounding: rounding);
                Check.Equal(30, plan[0].BatchSize, "rounded");
                Check.Close(fractional.NoiseScaleAt(0, form).Value, plan.NoiseScaleAt(0, form).Value, 1e-13, $"{rounding}");
                var (realised, m) = (plan[0].LearningRate, plan[0].Momentum);
                Check.Close(
                    fractional.NoiseScaleAt(0, form).Value, SgdNoiseScale.Of(realised, 30, 100, m, form).Value, 1e-13, $"{rounding}, update");
                Check.Equal(rounding, plan.Rounding, "policy");
            }
        }),
        Runner.TestCase("plans compare by value and with one another", () =>
        {
            var original = Schedule.Paper("dont-decay/original").Plan();
            var increase = Schedule.Paper("dont-decay/increase").Plan();
            Check.Equal(original, ScheduleTests.Original.Plan(), "equal schedules make equal plans");
            Check.True(!original.Equals(ScheduleTests.Original.Plan(PartialBatch.Drop)), "other policies, other plans");
            var comparison = original.CompareWith(increase, NoiseScaleForm.Linear);
            Check.Equal(80_000 - 28_890, comparison.UpdatesSaved, "updates saved");
            Check.Close(28_890.0 / 80_000, comparison.UpdatesRatio, 1e-15, "ratio");
            Check.True(comparison.NoiseScaleDeviation < 1e-12, "the same noise at every time");
            Check.Equal((128, 16_000), (comparison.FirstPeakBatchSize, comparison.SecondPeakBatchSize), "peaks");
            Check.Equal((0.1, 0.1), (comparison.FirstPeakLearningRate, comparison.SecondPeakLearningRate), "peaks");
            var faster = original.CompareWith(ScheduleTests.Original.WithLearningRate(0.1).Plan());
            Check.Close(124, faster.NoiseScaleDeviation, 1e-12, "without decay the noise is 125 times larger at the end");
            Check.Equal(160, faster.DeviationAt, "from the last step on");
        }),
        Runner.TestCase("tables for other programs", () =>
        {
            var plan = Schedule.StepDecay(0.1, 5, [1], 50, 2, 100).Plan();
            var phases = new StringWriter(CultureInfo.InvariantCulture);
            plan.WritePhases(phases);
            Check.Equal(3, phases.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, "a heading and two phases");
            var updates = new StringWriter(CultureInfo.InvariantCulture);
            plan.WriteUpdates(updates);
            Check.Equal(5, updates.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, "a heading and four updates");
            Check.True(plan.ToJson().Contains("\"noisescale/plan\"", StringComparison.Ordinal), "schema");
        }),
    ]);
}
