namespace NoiseScale.Benchmarks;

/// <summary>The algebra: evaluating curves, planning, and stepping through a plan. Aims: 50 ns and 0 bytes an update; planning 10⁷ updates in microseconds.</summary>
static class PlanBenchmark
{
    static double sink;

    public static void Run()
    {
        Console.WriteLine($"{"curve or plan",-58}{"ns/op",12}{"bytes/op",12}");
        const int evaluations = 1000;
        foreach (var (name, text) in new[]
        {
            ("evaluate step /5 @60,120,160", "0.1 /5 @60,120,160"),
            ("evaluate cosine", "cosine(0.1, 0, 200)"),
            ("evaluate warm-up, then cosine", "join(5, linear(0.01, 0.1, 5), cosine(0.1, 0, 195))"),
            ("evaluate inverse square root", "inverse-square-root(0.1, 10)"),
        })
        {
            var curve = Curve.Parse(text);
            Report(name, Measure.PerOperation(() =>
            {
                var sum = 0.0;
                for (var i = 0; i < evaluations; i++) sum += curve.ValueAt(i * 0.2);
                sink = sum;
            }, evaluations));
        }

        var stepped = Schedule.Parse("lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000");
        var cosine = Schedule.Parse("lr join(5, linear(0.01, 0.1, 5), cosine(0.1, 0, 195)); batch 128; momentum 0.9; epochs 200; examples 50000");
        foreach (var (name, plan) in new[]
        {
            ("step a plan, piecewise constant", stepped.Plan()),
            ("step a plan, cosine", cosine.Plan()),
            ("step a plan, keep partial batches, compensate", stepped.Plan(PartialBatch.Keep, BatchRounding.CompensateExact)),
        })
        {
            Report(name, Measure.PerOperation(() =>
            {
                var sum = 0.0;
                foreach (var update in plan) sum += update.LearningRate * update.BatchSize;
                sink = sum;
            }, plan.Updates));
        }

        var large = Schedule.Parse("lr 0.1 /5 @60,120,160; batch 128 *5 @60; momentum 0.9; epochs 204.8; examples 15000000");
        var updates = large.Plan().Updates;
        Report($"make a plan of {updates:N0} updates", Measure.PerOperation(() => sink = large.Plan().Updates, 1));
    }

    static void Report(string name, (double Nanoseconds, double Bytes) result) =>
        Console.WriteLine($"{name,-58}{result.Nanoseconds,12:F1}{result.Bytes,12:F2}");
}
