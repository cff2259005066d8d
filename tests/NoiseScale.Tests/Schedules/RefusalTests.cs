using System.Globalization;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests;

internal static class RefusalTests
{
    private static Schedule Original => ScheduleTests.Original;

    private static readonly (string What, Action Act, ScheduleErrorKind Kind, string? Parameter, object? Value, Epochs? At)[] Refused =
    [
        ("a learning rate of 0", () => Original.WithLearningRate(0), ScheduleErrorKind.NonPositive, "learningRate", 0.0, 0),
        ("a learning rate that falls below 0", () => Original.WithLearningRate(Curve.Step(0.1, (7, -0.1))),
            ScheduleErrorKind.NonPositive, "learningRate", -0.1, 7),
        ("a learning rate that is no number", () => Schedule.Constant(double.NaN, 128, 1, 1000),
            ScheduleErrorKind.NonFinite, "curve", double.NaN, null),
        ("a batch below 1", () => Original.WithBatchSize(0.5), ScheduleErrorKind.BatchBelowOne, "batchSize", 0.5, 0),
        ("a batch above N", () => Original.WithBatchSize(Curve.Step(128, (9, 50_001))),
            ScheduleErrorKind.BatchExceedsTrainingSet, "batchSize", 50_001.0, 9),
        ("growth beyond N without a cap", () => Original.WithTrainingSetSize(10_000).TradeDecayForBatch(BatchCap.None, form: NoiseScaleForm.Linear),
            ScheduleErrorKind.BatchExceedsTrainingSet, "batchSize", null, 160),
        ("a momentum of 1", () => Original.WithMomentum(1), ScheduleErrorKind.MomentumOutOfRange, "momentum", 1.0, 0),
        ("boundaries out of order", () => Curve.StepDecay(0.1, 5, 60, 30), ScheduleErrorKind.BoundariesOutOfOrder, "at", 30.0, 30),
        ("no epochs", () => Original.WithEpochs(0), ScheduleErrorKind.EmptySchedule, null, null, null),
        ("no examples", () => Original.WithTrainingSetSize(0), ScheduleErrorKind.EmptySchedule, null, null, null),
        ("a factor of 0", () => Curve.StepDecay(0.1, 0, 60), ScheduleErrorKind.ParameterOutOfRange, "factor", 0.0, null),
        ("a negative duration", () => Curve.Linear(1, 0, -1), ScheduleErrorKind.ParameterOutOfRange, "duration", -1.0, null),
        ("a shrinking growth of restarts", () => Curve.CosineRestarts(1, 0, 5, 0.5), ScheduleErrorKind.ParameterOutOfRange, "growth", 0.5, null),
        ("limits out of order", () => Curve.Linear(1, 0, 5).Clamp(2, 1), ScheduleErrorKind.ParameterOutOfRange, "low", 2.0, null),
        ("a boundary before the start", () => Curve.Constant(1).Then(-1, 2), ScheduleErrorKind.ParameterOutOfRange, "boundary", -1.0, null),
        ("the reciprocal of 0", () => Curve.Constant(0).Reciprocal(), ScheduleErrorKind.NonFinite, "curve", double.PositiveInfinity, null),
        ("a time before the start", () => Original.NoiseScaleAt(-1), ScheduleErrorKind.ParameterOutOfRange, "epoch", -1.0, null),
        ("a span that runs backwards", () => Curve.Constant(1).Integral(2, 1), ScheduleErrorKind.ParameterOutOfRange, "until", 1.0, null),
        ("a learning rate scaled by 0", () => Original.ScaleLearningRate(0), ScheduleErrorKind.ParameterOutOfRange, "k", 0.0, null),
        ("a cap below the batch", () => Original.TradeDecayForBatch(maxBatch: 64), ScheduleErrorKind.CapBelowBatch, "maxBatch", 64.0, 0),
        ("a named cap below the batch", () => Original.TradeDecayForBatch(cap: BatchCap.Examples(64)),
            ScheduleErrorKind.CapBelowBatch, "cap", 64.0, 0),
        ("no cap at all", () => Original.TradeDecayForBatch(maxBatch: double.NaN),
            ScheduleErrorKind.ParameterOutOfRange, "maxBatch", double.NaN, null),
        ("β₁ below 0", () => Schedule.Constant(0.1, 10, 1, 10_000, optimizer: Optimizers.Adam()).ScaleBatch(11, ScalingRule.SquareRoot),
            ScheduleErrorKind.BetaBelowZero, "beta1", null, null),
        ("β₂ of 1", () => Original.WithOptimizer(Optimizers.Adam(beta2: 1), 0), ScheduleErrorKind.ParameterOutOfRange, "beta2", 1.0, null),
        ("momentum for plain SGD", () => Original.WithOptimizer(Optimizers.Sgd), ScheduleErrorKind.LawDoesNotHold, null, null, null),
        ("B ∝ 1/(1−m) for dampened momentum",
            () => Original.WithOptimizer(Optimizers.HeavyBall(MomentumConvention.Dampened)).SetMomentum(0.98),
            ScheduleErrorKind.LawDoesNotHold, null, null, null),
        ("the square-root rule for SGD", () => Original.ScaleBatch(2, ScalingRule.SquareRoot), ScheduleErrorKind.LawDoesNotHold, null, null, null),
        ("a noise scale of a batch above N", () => SgdNoiseScale.Of(0.1, 200, 100), ScheduleErrorKind.ParameterOutOfRange, "batchSize", 200.0, null),
    ];

    internal static Test All => Runner.TestList("refusals", [
        .. Refused.Select(one => Runner.TestCase(one.What, () =>
        {
            var error = Check.Throws<ScheduleException>(one.Act, one.What);
            Check.Equal(one.Kind, error.Kind, "kind");
            Check.Equal(one.Parameter, error.ParamName, "parameter");
            Check.True(error.Rule.Length > 0 && error.Message.Contains(' ', StringComparison.Ordinal), "rule and message in words");
            if (one.Value is double value)
            {
                Check.Equal(value, (double)error.Value!, "value");
                Check.True(error.Message.Contains(value.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), "value in the message");
            }

            if (one.At is { } at)
            {
                Check.True(Math.Abs(error.Epoch!.Value.Value - at.Value) < 1e-9, $"epoch: expected {at}, got {error.Epoch}");
            }
        })),
        Runner.TestCase("null is refused by the name of its parameter", () =>
        {
            (string Parameter, Action Act)[] nulls =
            [
                ("learningRate", () => Original.WithLearningRate(null!)),
                ("batchSize", () => Original.WithBatchSize(null!)),
                ("momentum", () => Original.WithMomentum(null!)),
                ("momentum", () => Original.SetMomentum(null!)),
                ("optimizer", () => Original.WithOptimizer(null!)),
                ("learningRate", () => Schedule.Create(null!, 128, 1, 1000)),
                ("batchSize", () => Schedule.Create(0.1, null!, 1, 1000)),
                ("at", () => Curve.StepDecay(1, 2, null!)),
                ("changes", () => Curve.Step(1, null!)),
                ("next", () => Curve.Constant(1).Then(1, null!)),
                ("right", () => _ = Curve.Constant(1) * null!),
                ("other", () => Original.Plan().CompareWith(null!)),
                ("text", () => Schedule.Parse(null!)),
                ("json", () => Schedule.FromJson(null!)),
                ("name", () => Schedule.Paper(null!)),
            ];
            foreach (var (parameter, act) in nulls)
            {
                Check.Equal(parameter, Check.Throws<ArgumentNullException>(act, parameter).ParamName, "parameter");
            }
        }),
        Runner.TestCase("undefined policies and indices outside the plan are refused", () =>
        {
            Check.Throws<ArgumentOutOfRangeException>(() => Original.Plan((PartialBatch)9), "policy");
            Check.Throws<ArgumentOutOfRangeException>(() => Original.Plan(rounding: (BatchRounding)9), "rounding");
            Check.Throws<ArgumentOutOfRangeException>(() => Original.NoiseScaleAt(0, (NoiseScaleForm)9), "form");
            Check.Throws<ArgumentOutOfRangeException>(() => _ = Original.Plan()[80_000], "update 80 000 of 80 000");
            Check.Throws<ArgumentOutOfRangeException>(() => Original.Plan().From(-1), "update −1");
        }),
        Runner.TestCase("an unknown paper lists the known ones", () =>
        {
            var error = Check.Throws<ArgumentException>(() => Schedule.Paper("dont-decay/nonesuch"), "paper");
            Check.True(error.Message.Contains("dont-decay/increase-lr", StringComparison.Ordinal), error.Message);
        }),
    ]);
}
