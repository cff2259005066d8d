using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests;

internal static class TransformationTests
{
    private static readonly Epochs[] Instants = [0, 10, 59.999, 60, 100, 120, 140, 160, 204.79];

    internal static Test All => Runner.TestList("transformations", [
        Runner.TestCase("the one-liner: trade decay for batch, scale the learning rate, plan", () =>
        {
            var plan = Schedule.StepDecay(
                    learningRate: 0.1, factor: 5, at: [60, 120, 160], batchSize: 128, momentum: 0.9, epochs: 204.8, trainingSetSize: 50_000)
                .TradeDecayForBatch(maxBatch: 5120).ScaleLearningRate(5).Plan();
            // exact form, by hand: 1/B − 1/N falls 5-fold at each step until B = 5120, and everywhere 5-fold once more
            static double Grown(double batch, double times) => 1 / ((1 / batch - 1 / 50_000.0) / times + 1 / 50_000.0);
            double[] batches = [Grown(128, 5), Grown(128, 25), Grown(128, 125), Grown(5120, 5)];
            Check.True(Grown(128, 125) > 5120, "the cap binds at the third step, before the learning rate is scaled");
            Check.SequenceEqual(batches.Select(b => (int)Math.Round(b)), plan.Phases.Select(phase => phase.BatchSize), "batches");
            double[] epochs = [60, 60, 40, 44.8];
            Check.Close(epochs.Zip(batches, (t, b) => t * 50_000 / b).Sum(), plan.Updates, 1e-3, "updates");
        }),
        Runner.TestCase("every transformation that promises it keeps the noise scale, in both forms", () =>
        {
            foreach (var form in Enum.GetValues<NoiseScaleForm>())
            {
                (string Name, Func<Schedule, Schedule> Apply)[] transformations =
                [
                    ("trade decay for batch", s => s.TradeDecayForBatch(BatchCap.None, form: form)),
                    ("… up to 5120", s => s.TradeDecayForBatch(5120, form: form)),
                    ("… up to N/10", s => s.TradeDecayForBatch(form: form)),
                    ("… until 120", s => s.TradeDecayForBatch(5120, until: 120, form: form)),
                    ("scale the learning rate", s => s.ScaleLearningRate(3, form)),
                    ("set the momentum", s => s.SetMomentum(0.98, form)),
                    ("scale the batch", s => s.ScaleBatch(7, form: form)),
                    ("trade batch for decay", s => s.TradeDecayForBatch(5120, form: form).TradeBatchForDecay(form)),
                ];
                foreach (var (name, apply) in transformations)
                {
                    foreach (var t in Instants)
                    {
                        var before = ScheduleTests.Original.NoiseScaleAt(t, form).Value;
                        Check.Close(before, apply(ScheduleTests.Original).NoiseScaleAt(t, form).Value, 1e-12, $"{name}, {form}, at {t}");
                    }
                }
            }
        }),
        Runner.TestCase("trading back gives the decay", () =>
        {
            var back = ScheduleTests.Original.TradeDecayForBatch(5120, form: NoiseScaleForm.Linear).TradeBatchForDecay(NoiseScaleForm.Linear);
            foreach (var t in Instants)
            {
                Check.Close(ScheduleTests.Original.LearningRate.ValueAt(t), back.LearningRate.ValueAt(t), 1e-14, $"learning rate at {t}");
                Check.Equal(128, back.BatchSize.ValueAt(t), $"batch at {t}");
            }
        }),
        Runner.TestCase("a cap stops the batch and the learning rate decays again; until makes the hybrid", () =>
        {
            var capped = ScheduleTests.Original.TradeDecayForBatch(5120, form: NoiseScaleForm.Linear);
            Check.Equal(5120, capped.BatchSize.ValueAt(170), "capped batch");
            Check.Close(0.1 * 5120 / 16_000, capped.LearningRate.ValueAt(170), 1e-14, "what the batch could not take up");
            var hybrid = ScheduleTests.Original.TradeDecayForBatch(maxBatch: 5120, until: 120, form: NoiseScaleForm.Linear);
            Check.SequenceEqual([128, 640, 640, 640], new Epochs[] { 0, 60, 120, 160 }.Select(hybrid.BatchSize.ValueAt), "hybrid batches");
            Check.Equal(BatchCap.TenthOfTrainingSet, BatchCap.TenthOfTrainingSet, "caps compare by value");
            Check.Equal(BatchCap.Examples(5000), BatchCap.Examples(5000), "caps compare by value");
            var tenth = ScheduleTests.Original.TradeDecayForBatch(cap: BatchCap.TenthOfTrainingSet);
            Check.Equal(tenth, ScheduleTests.Original.TradeDecayForBatch(), "N/10 is the default");
            Check.Equal(tenth, ScheduleTests.Original.TradeDecayForBatch(maxBatch: 5000), "N/10 is 5000");
        }),
        Runner.TestCase("the rules of trading differ as they say", () =>
        {
            var adam = Schedule.StepDecay(0.1, 4, [10], 64, 20, 1_000_000, optimizer: Optimizers.Adam());
            (double, double) After(TradeRule rule)
            {
                var traded = adam.TradeDecayForBatch(BatchCap.None, rule: rule, form: NoiseScaleForm.Linear);
                return (traded.LearningRate.ValueAt(15), traded.BatchSize.ValueAt(15));
            }

            Check.Equal((0.1, 256), After(TradeRule.Linear), "linear: ε stays, B·a");
            Check.Equal((0.1, 1024), After(TradeRule.SquareRoot), "square root: ε stays, B·a²");
            Check.Equal((0.05, 256), After(TradeRule.Seesaw), "Seesaw: ε/√a, B·a");
        }),
        Runner.TestCase("the rules of scaling the batch move what they say", () =>
        {
            var adam = Schedule.Constant(0.001, 100, 10, 1_000_000, optimizer: Optimizers.Adam(0.9, 0.99, 1e-8));
            var scaled = adam.ScaleBatch(4, ScalingRule.SquareRoot, NoiseScaleForm.Linear);
            Check.Close(0.002, scaled.LearningRate.ValueAt(0), 1e-15, "√k·ε");
            var (beta1, beta2, epsilon) = (AdamOptimizer)scaled.Optimizer;
            Check.Close(0.6, beta1, 1e-14, "1 − k(1−β₁)");
            Check.Close(0.96, beta2, 1e-14, "1 − k(1−β₂)");
            Check.Close(5e-9, epsilon, 1e-14, "ε_Adam/√k");
            var gained = ScheduleTests.Original.ScaleBatch(4, ScalingRule.AdaScale(gain: 2));
            Check.Close(409.6, gained.Epochs.Value, 1e-15, "AdaScale trains k/r times the epochs");
            Check.Close(0.2, gained.LearningRate.ValueAt(0), 1e-15, "at r times the learning rate");
            var longer = Schedule.Create(Curve.Constant(1).WithLinearWarmUp(5, from: 0.01), 100, 50, 10_000, 0.9)
                .ScaleBatch(4, ScalingRule.Legw(warmUp: 5));
            Check.Close(2 * (0.01 + 1) / 2, longer.LearningRate.ValueAt(10), 1e-14, "LEGW: half-way up a warm-up of 20 epochs to √4");
            Check.Equal(ScalingRule.AdaScale(2), ScalingRule.AdaScale(2), "rules compare by value");
        }),
        Runner.TestCase("the weight average keeps its horizon in data", () =>
        {
            var averaged = ScheduleTests.Original.WithAveraging(new(0.999)).ScaleBatch(4, form: NoiseScaleForm.Linear);
            Check.Close(Math.Pow(0.999, 4), averaged.Averaging!.Momentum, 1e-14, "ρ → ρ^k");
            var plan = averaged.Plan();
            Check.Close(Math.Pow(0.999, 4), plan.AveragingMomentum(plan[0])!.Value, 1e-14, "ρ of an update");
            Check.Equal(null, ScheduleTests.Original.Plan().AveragingMomentum(plan[0]), "none without averaging");
        }),
    ]);
}
