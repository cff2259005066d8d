using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests;

internal static class TextTests
{
    internal static Test All => Runner.TestList("text", [
        Runner.TestCase("one line a person can type", () =>
            Check.Equal(
                ScheduleTests.Original,
                Schedule.Parse("lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000"),
                "P1's baseline")),
        Runner.TestCase("what is printed reads back to an equal schedule, in both forms", () =>
        {
            IEnumerable<Schedule> schedules =
            [
                .. Schedule.PaperSchedules.Select(paper => paper.Schedule),
                Schedule.Cosine(0.3, 17.25, 3.3, 1234, optimizer: Optimizers.AdamW(0.8), weightDecay: 0.01),
                Schedule.Create(
                    Curve.Constant(1).WithCosineWarmUp(2, from: 0.01), Curve.Linear(8, 64, 5).Clamp(10, 50), 9, 1000, 0.9,
                    Optimizers.Nesterov(MomentumConvention.LearningRateInside), averaging: new(0.99, 8)),
            ];
            foreach (var schedule in schedules)
            {
                Check.Equal(schedule, Schedule.Parse(schedule.ToString()), "one line");
                Check.Equal(schedule, Schedule.FromJson(schedule.ToJson()), "JSON");
                Check.Equal(schedule.LearningRate, Curve.Parse(schedule.LearningRate.ToString()), "curve");
            }
        }),
        Runner.TestCase("malformed text has a line and a column", () =>
        {
            var line = Check.Throws<ScheduleException>(() => Schedule.Parse("lr 0.1 /; batch 128"), "one line");
            Check.Equal((ScheduleErrorKind.MalformedText, "text", 1, 9), (line.Kind, line.ParamName, line.Line, line.Column), "where");
            var json = Check.Throws<ScheduleException>(() => Schedule.FromJson("{\n  \"schema\": oops"), "JSON");
            Check.Equal((ScheduleErrorKind.MalformedText, 2), (json.Kind, json.Line), "where");
            Check.True(!Schedule.TryParse("lr -1; batch 128; epochs 1; examples 1000", out var none, out var error), "not a schedule");
            Check.Equal(null, none, "so there is none");
            Check.Equal((ScheduleErrorKind.NonPositive, "learningRate"), (error!.Kind, error.ParamName), "why");
            Check.True(Schedule.TryParse(ScheduleTests.Original.ToString(), out var read, out _) && read == ScheduleTests.Original, "a schedule");
            Check.True(!Schedule.TryParse(null, out _, out _), "nothing is no schedule");
        }),
        Runner.TestCase("an unknown version is refused", () =>
        {
            var json = ScheduleTests.Original.ToJson().Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal);
            var error = Check.Throws<ScheduleException>(() => Schedule.FromJson(json), "version 2");
            Check.Equal(ScheduleErrorKind.UnknownVersion, error.Kind, "kind");
        }),
    ]);
}
