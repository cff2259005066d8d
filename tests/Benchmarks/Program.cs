using System.Globalization;
using DiffSharp;
using NoiseScale.Benchmarks;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
var what = args.FirstOrDefault() ?? "all";
if (what is not ("all" or "plan" or "training" or "penalty" or "overhead" or "replicas" or "monitor" or "gp"))
{
    Console.Error.WriteLine("usage: Benchmarks [all|plan|training|penalty|overhead|replicas|monitor|gp] [rounds]");
    return 2;
}

if (what is "all" or "plan")
    PlanBenchmark.Run();

if (what is not "plan")
{
    TorchRuntime.EnableProcessSwitches();
    TorchRuntime.Ensure();
    Console.WriteLine($"switches: {string.Join(", ", TorchRuntime.Report.Switches.Select(s => $"{s.Name} {s.State}"))}");
    if (what is "all" or "training")
        TrainingBenchmark.Run(args.Length > 1 ? int.Parse(args[1]) : 7);

    if (what is "all" or "penalty")
        PenaltyBenchmark.Run(args.Length > 1 ? int.Parse(args[1]) : 7);

    if (what is "all" or "monitor")
        MonitorBenchmark.Run(args.Length > 1 ? int.Parse(args[1]) : 15);

    if (what is "all" or "replicas")
        ReplicaBenchmark.Run(args.Length > 1 ? int.Parse(args[1]) : 5, args.ElementAtOrDefault(2) ?? "");

    if (what is "all" or "gp")
        GaussianProcessBenchmark.Run(args.Length > 1 ? int.Parse(args[1]) : 5);

    if (what is "all" or "overhead")
        OverheadBenchmark.Run(args.Length > 1 && what == "overhead" ? int.Parse(args[1]) : 600);
}

return 0;
