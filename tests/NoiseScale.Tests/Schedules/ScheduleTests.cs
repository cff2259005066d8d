using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests;

internal static class ScheduleTests
{
    /// <summary>P1's baseline, written out as its reader would.</summary>
    internal static Schedule Original => Schedule.StepDecay(
        learningRate: 0.1, factor: 5, at: [60, 120, 160], batchSize: 128, momentum: 0.9, epochs: 204.8, trainingSetSize: 50_000);

    internal static Test All => Runner.TestList("schedules", [
        Runner.TestCase("a multi-step decay has the values of P1 Fig 1", () =>
        {
            double[] expected = [0.1, 0.02, 0.004, 0.0008];
            Epochs[] at = [0, 60, 120, 160];
            for (var i = 0; i < at.Length; i++)
            {
                Check.Close(expected[i], Original.LearningRate.ValueAt(at[i]), 1e-15, $"learning rate from epoch {at[i].Value}");
            }
        }),
        Runner.TestCase("properties are what was given", () =>
        {
            Check.Equal(50_000, Original.TrainingSetSize, "training-set size");
            Check.Equal(204.8, Original.Epochs.Value, "epochs");
            Check.Equal(Curve.Constant(128), Original.BatchSize, "batch size");
            Check.Equal(0.9, Original.Momentum, "momentum");
            Check.Equal(Optimizers.HeavyBall(), Original.Optimizer, "momentum without an optimizer means the heavy ball");
            Check.Equal(0.0, Original.WeightDecay, "weight decay");
            Check.Equal(null, Original.Averaging, "averaging");
            Check.SequenceEqual([60, 120, 160], Original.Breakpoints.Select(t => t.Value), "breakpoints");
            Check.Close(10_240_000, Original.TotalExamples, 1e-15, "examples seen");
            Check.Equal(Optimizers.Sgd, Schedule.Constant(0.1, 128, 10, 50_000).Optimizer, "no momentum and no optimizer means SGD");
        }),
        Runner.TestCase("every shape takes the curve it names", () =>
        {
            var cosine = Schedule.Cosine(learningRate: 0.4, finalLearningRate: 0.1, batchSize: 64, epochs: 10, trainingSetSize: 1000);
            Check.Equal(Curve.Cosine(0.4, 0.1, 10), cosine.LearningRate, "cosine");
            Check.Close(0.25, cosine.LearningRate.ValueAt(5), 1e-15, "half-way down the cosine");
            var linear = Schedule.Linear(learningRate: 0.4, batchSize: 64, epochs: 10, trainingSetSize: 1000);
            Check.Close(0.1, linear.LearningRate.ValueAt(7.5), 1e-15, "three quarters down the line to 0");
            Check.Equal(Curve.Constant(0.3), Schedule.Constant(0.3, 64, 10, 1000).LearningRate, "constant");
            var any = Schedule.Create(Curve.Constant(0.1).WithLinearWarmUp(5, from: 0.01), Curve.StepGrowth(32, 4, 6, 8), 10, 1000, 0.9);
            Check.Close(0.055, any.LearningRate.ValueAt(2.5), 1e-15, "half-way up the warm-up");
            Check.Equal(512, any.BatchSize.ValueAt(9), "batch after two growths");
        }),
        Runner.TestCase("equality is by value and changes make new values", () =>
        {
            var first = Original;
            Check.True(first == Original && first.GetHashCode() == Original.GetHashCode(), "equal parts make equal schedules");
            var changed = first.WithWeightDecay(5e-4);
            Check.True(changed != first && first.WeightDecay == 0, "a change leaves the original alone");
            Check.True(changed.WithWeightDecay(0) == first, "and can be undone");
            Check.True(!Original.Stretch(2).Equals(null), "nothing equals null");
            Check.Equal(1, new HashSet<Schedule> { first, Original }.Count, "a set keeps one of two equal schedules");
        }),
        Runner.TestCase("every With… changes its part and no other", () =>
        {
            var averaging = new WeightAveraging(0.999, ReferenceBatch: 128);
            var all = Original.WithLearningRate(0.2).WithBatchSize(256).WithMomentum(0.5).WithOptimizer(Optimizers.Nesterov())
                .WithWeightDecay(1e-4).WithAveraging(averaging).WithEpochs(100).WithTrainingSetSize(60_000);
            Check.Equal(
                Schedule.Create(0.2, 256, 100, 60_000, 0.5, Optimizers.Nesterov(), 1e-4, averaging), all, "all parts replaced one by one");
            Check.Equal(averaging, all.Averaging, "averaging");
            Check.Equal(Curve.StepDecay(0.1, 5, 30, 60, 80), Original.Stretch(0.5).LearningRate, "stretched boundaries");
            Check.Equal(102.4, Original.Stretch(0.5).Epochs.Value, "stretched training");
        }),
        Runner.TestCase("every optimizer goes in and comes out", () =>
        {
            Optimizer[] optimizers =
            [
                Optimizers.Sgd, Optimizers.HeavyBall(MomentumConvention.LearningRateInside), Optimizers.HeavyBall(MomentumConvention.Dampened),
                Optimizers.Nesterov(), Optimizers.Adam(0.8, 0.99, 1e-7), Optimizers.AdamW(beta2: 0.95),
            ];
            foreach (var optimizer in optimizers)
            {
                Check.Equal(optimizer, Original.WithOptimizer(optimizer, 0).Optimizer, "optimizer");
            }

            Check.True(Optimizers.HeavyBall().MomentumAccelerates, "the heavy ball accelerates");
            Check.True(!Optimizers.HeavyBall(MomentumConvention.Dampened).MomentumAccelerates, "a dampened one does not");
            Check.True(!Optimizers.Adam().MomentumAccelerates, "Adam does not");
        }),
        Runner.TestCase("the noise scale and the temperatures are the formulas", () =>
        {
            const double exact = 0.1 / (1 - 0.9) * (50_000.0 / 128 - 1);
            Check.Close(exact, Original.NoiseScaleAt(0).Value, 1e-14, "g exact");
            Check.Close(0.1 / (1 - 0.9) * 50_000 / 128, Original.NoiseScaleAt(0, NoiseScaleForm.Linear).Value, 1e-14, "g linear");
            Check.Close(exact / 5, Original.NoiseScaleAt(60).Value, 1e-14, "g after the first step, at its boundary");
            Check.Close(exact / 2, Original.PosteriorTemperatureAt(0).Value, 1e-14, "T of P3 is g/2");
            Check.Close(0.1 / (1 - 0.9) / 128, Original.StepTemperatureAt(0).Value, 1e-14, "T of P6 is ε/((1−m)B)");
            Check.Equal(0, Schedule.Constant(0.1, 1000, 1, 1000).NoiseScaleAt(0).Value, "no noise at full batch");
        }),
    ]);
}
