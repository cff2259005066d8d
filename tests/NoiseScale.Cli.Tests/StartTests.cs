using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>What a run loads: planning starts at once because it loads neither TorchSharp nor the plots.</summary>
internal static class StartTests
{
    public static Test All { get; } = Runner.TestList("start",
    [
        Runner.TestCase("plan loads no TorchSharp and no Plotly", () =>
        {
            var loaded = Loaded("plan", "paper:dont-decay/original", "--trade-decay");
            Check.True(loaded.Contains("NoiseScale.Schedules"), "the algebra is loaded");

            foreach (var heavy in (ReadOnlySpan<string>)["TorchSharp", "DiffSharp", "NoiseScale.Training", "Plotly.NET", "Newtonsoft.Json"])
                Check.True(!loaded.Contains(heavy), $"{heavy} is not");
        }),
        Runner.TestCase("--version and --help load no algebra", () =>
        {
            Check.True(!Loaded("--version").Contains("FSharp.Core"), "--version");
            Check.True(!Loaded("plan", "--help").Contains("NoiseScale.Schedules"), "plan --help");
        }),
    ]);

    private static HashSet<string> Loaded(params string[] arguments)
    {
        using var scratch = new Scratch();
        var hook = typeof(StartupHook).Assembly.Location;
        var outcome = CommandLine.Start(arguments, "", ("DOTNET_STARTUP_HOOKS", hook), (StartupHook.FileVariable, scratch["assemblies"]));
        Check.Equal(0, outcome.ExitCode, $"{outcome}: the exit code");
        return [.. File.ReadAllLines(scratch["assemblies"])];
    }
}
