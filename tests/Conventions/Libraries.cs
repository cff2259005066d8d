using System.Reflection;
using NoiseScale.Training.Networks;

namespace NoiseScale.Conventions.Tests;

/// <summary>The assemblies that consumers reference.</summary>
internal static class Libraries
{
    public static Assembly Schedules { get; } = typeof(Schedules.Plan).Assembly;

    public static Assembly DiffSharp { get; } = typeof(DiffSharp.Tensor).Assembly;

    public static Assembly Theory { get; } = typeof(Theory.Likelihood).Assembly;

    public static Assembly Facade { get; } = typeof(Schedule).Assembly;

    public static Assembly Training { get; } = typeof(Network).Assembly;

    public static IReadOnlyList<Assembly> All { get; } = [Schedules, DiffSharp, Theory, Facade, Training];

    public static string Name(Assembly assembly) => assembly.GetName().Name!;
}
