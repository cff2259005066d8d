using System.Diagnostics;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>Tests that need another program; where it is missing they say by name that they were skipped.</summary>
internal static class Needs
{
    public static Test Program(string program, string name, Action test) => Runner.TestCase(name, () =>
    {
        if (IsThere(program))
            test();
        else
            Console.WriteLine($"{name}: skipped: no {program}");
    });

    private static bool IsThere(string program)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
