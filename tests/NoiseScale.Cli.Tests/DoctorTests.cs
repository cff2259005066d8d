using System.Runtime.InteropServices;
using System.Text.Json;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>`noisescale doctor`, here and where libtorch is missing.</summary>
internal static class DoctorTests
{
    public static Test All { get; } = Runner.TestList("doctor",
    [
        Runner.TestCase("says what it found, and exits as its verdict says", () =>
        {
            var doctor = CommandLine.Start(["doctor"]);
            var findings = JsonDocument.Parse(CommandLine.Start(["doctor", "--json"]).Output).RootElement;

            foreach (var name in (ReadOnlySpan<string>)["operating system", "dotnet", "TorchSharp", "libtorch", "device", "gradient", "threads"])
            {
                var finding = findings.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == name);
                Check.Has(finding.GetProperty("detail").GetString()!, doctor.Output, name);
            }

            var ok = findings.GetProperty("ok").GetBoolean();
            Check.Equal(ok ? 0 : 1, doctor.ExitCode, $"{doctor}: the exit code");
            Check.Has(ok ? "Training can run here." : "Training cannot run here", doctor.Output, "the verdict");

            // our tests restore libtorch, where there is a package of it
            if (RuntimeInformation.RuntimeIdentifier == "linux-x64")
                Check.True(ok, $"{doctor}: training can run");
        }),
        Runner.TestCase("without libtorch it names cause and cure, and exits with 1", () =>
        {
            using var scratch = new Scratch();
            var doctor = CommandLine.Start(["doctor"], "", ("LIBTORCH_DIR", scratch["none"]));
            Check.Equal(1, doctor.ExitCode, $"{doctor}: the exit code");
            Check.Has("✗ libtorch", doctor.Output, "the finding");
            Check.Has($"LIBTORCH_DIR={scratch["none"]}", doctor.Output, "the cause");
            Check.Has("cure:", doctor.Output, "the cure");
            Check.Has("Training cannot run here", doctor.Output, "the verdict");

            var json = CommandLine.Start(["doctor", "--json"], "", ("LIBTORCH_DIR", scratch["none"]));
            var libtorch = JsonDocument.Parse(json.Output).RootElement.GetProperty("checks").EnumerateArray()
                .Single(check => check.GetProperty("name").GetString() == "libtorch");
            Check.Equal(1, json.ExitCode, "the exit code of --json");
            Check.True(!libtorch.GetProperty("ok").GetBoolean() && libtorch.GetProperty("cure").GetString() is { Length: > 0 }, "the finding in JSON");
        }),
        Needs.Program("gcc", "a libtorch that ends the process is a finding", () =>
        {
            if (!OperatingSystem.IsLinux())
                return;

            using var scratch = new Scratch();
            var source = scratch.Write("fatal.c", "#include <stdlib.h>\n__attribute__((constructor)) static void end(void) { abort(); }\n");

            foreach (var library in (ReadOnlySpan<string>)["libc10.so", "libtorch_cpu.so", "libtorch.so"])
                Check.Equal(0, CommandLine.Program("gcc", ["-shared", "-fPIC", source, "-o", scratch[library]]).ExitCode, "gcc");

            var doctor = CommandLine.Start(["doctor"], "", ("LIBTORCH_DIR", Path.GetDirectoryName(source)!));
            Check.Equal(1, doctor.ExitCode, $"{doctor}: the exit code");
            Check.Has("✗ libtorch", doctor.Output, "the finding");
            Check.Has("Training cannot run here", doctor.Output, "the verdict");
        }),
        Runner.TestCase("a device that is not there is a finding", () =>
        {
            var doctor = CommandLine.Start(["doctor"], "", ("NOISESCALE_DEVICE", "abacus"));
            Check.Equal(1, doctor.ExitCode, $"{doctor}: the exit code");
            Check.Has("NOISESCALE_DEVICE=abacus", doctor.Output, "the cause");
        }),
        Runner.TestCase("the switches are on in our executable, and off where the environment says so", () =>
        {
            Check.HasNot("off:", CommandLine.Start(["doctor"]).Output, "on, or not applicable");
            var off = CommandLine.Start(["doctor"], "", ("NOISESCALE_MALLOPT", "0"), ("NOISESCALE_MKL_AMD", "0")).Output;
            Check.Has("turned off by NOISESCALE_MALLOPT=0", off, "the allocator");
            Check.Has("turned off by NOISESCALE_MKL_AMD=0", off, "MKL");
        }),
    ]);
}
