#pragma warning disable CA1050 // the runtime looks for this class outside any namespace
using System.Diagnostics.CodeAnalysis;

/// <summary>
/// Run by the .NET runtime inside the process of the command (DOTNET_STARTUP_HOOKS): writes down, at the process's end, which assemblies
/// it has loaded.
/// </summary>
[ExcludeFromCodeCoverage]
internal static class StartupHook
{
    internal const string FileVariable = "NOISESCALE_TEST_ASSEMBLIES";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(FileVariable) is { } file)
        {
            AppDomain.CurrentDomain.ProcessExit += (_, _) =>
                File.WriteAllLines(file, AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetName().Name!));
        }
    }
}
