using System.Reflection;
using NoiseScale.Torch;

namespace NoiseScale.Conventions.Tests;

/// <summary>What stands in public signatures of the façade.</summary>
internal static class SurfaceTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static IEnumerable<Type> PublicTypes => Libraries.Facade.GetExportedTypes();

    internal static bool IsPublic(MethodBase? method) => method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    // Every type that C# code sees when it uses a public type, with where it sees it.
    private static IEnumerable<(Type Type, string Where)> Seen(Type owner)
    {
        if (owner.BaseType is { } parent)
            yield return (parent, $"base of {owner}");
        foreach (var contract in owner.GetInterfaces())
            yield return (contract, $"interface of {owner}");
        foreach (var field in owner.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily))
            yield return (field.FieldType, $"{owner}.{field.Name}");
        foreach (var method in owner.GetMembers(Declared).OfType<MethodBase>().Where(IsPublic))
        {
            foreach (var parameter in method.GetParameters())
                yield return (parameter.ParameterType, $"parameter {parameter.Name} of {owner}.{method.Name}");
            if (method is MethodInfo { ReturnType: var result })
                yield return (result, $"result of {owner}.{method.Name}");
        }
    }

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
        : [type];

    private static bool IsForeign(Type type) =>
        !type.IsGenericParameter
        && (type.Assembly.GetName().Name is "FSharp.Core" or "NoiseScale.Schedules" or "NoiseScale.Theory"
            || (type.FullName ?? "").StartsWith("System.Tuple", StringComparison.Ordinal));

    internal static Test All => TestList("public surface", [
        TestCase("no F# type and no type of the algebra stands in a public signature", () =>
        {
            var foreign = PublicTypes.SelectMany(Seen).Where(seen => Parts(seen.Type).Any(IsForeign)).Select(seen => $"{seen.Where}: {seen.Type}");
            Check.None(foreign, "foreign types");
        }),
        TestCase("the test above would find them", () =>
        {
            Check.True(Parts(typeof(List<Tuple<int, int>[]>)).Any(IsForeign), "a tuple of F# inside a list of arrays");
            Check.True(Parts(typeof(Microsoft.FSharp.Core.FSharpOption<int>)).Any(IsForeign), "an option");
            Check.True(Parts(typeof(NoiseScale.Schedules.Plan)).Any(IsForeign), "a plan of the algebra");
            Check.True(!Parts(typeof(Dictionary<string, (int, Epochs?)[]>)).Any(IsForeign), "but not what C# has itself");
        }),
        TestCase("structs are readonly, except an enumerator and a generator; classes are sealed, abstract or static", () =>
        {
            foreach (var type in PublicTypes)
            {
                if (type is { IsValueType: true, IsEnum: false } && type != typeof(PlanEnumerator) && type != typeof(CounterRandom))
                {
                    Check.True(type.CustomAttributes.Any(a => a.AttributeType.Name == "IsReadOnlyAttribute"), $"{type} is a readonly struct");
                }

                Check.True(type.IsValueType || type.IsInterface || type.IsSealed || type.IsAbstract, $"{type} is sealed or abstract");
            }
        }),
        TestCase("nothing public can be assigned: values are immutable", () =>
        {
            foreach (var property in PublicTypes.SelectMany(type => type.GetProperties(Declared)))
            {
                var isInitOnly = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit") ?? true;
                Check.True(isInitOnly || !IsPublic(property.SetMethod), $"{property.DeclaringType}.{property.Name} has no setter");
            }
        }),
    ]);
}
