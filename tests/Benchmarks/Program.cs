using NoiseScale.Benchmarks;

PlanBenchmark.Run();
