using System.Globalization;
using DiffSharp;
using NoiseScale.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var what = args.FirstOrDefault() ?? "all";
if (what is not ("all" or "plan" or "training"))
{
    Console.Error.WriteLine("usage: Benchmarks [all|plan|training] [rounds]");
    return 2;
}

if (what is "all" or "plan")
    PlanBenchmark.Run();

if (what is "all" or "training")
{
    TorchRuntime.EnableProcessSwitches();
    TorchRuntime.Ensure();
    Console.WriteLine($"switches: {string.Join(", ", TorchRuntime.Report.Switches.Select(s => $"{s.Name} {s.State}"))}");
    TrainingBenchmark.Run(args.Length > 1 ? int.Parse(args[1]) : 7);
}

return 0;
