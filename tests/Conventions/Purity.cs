using System.Collections;
using System.Diagnostics;
using System.Reflection;
using System.Reflection.Emit;
using System.Security.Cryptography;
using System.Text;
using DiffSharp;
using Microsoft.FSharp.Core;
using Random = System.Random;

namespace NoiseScale.Conventions.Tests;

/// <summary>
/// What in a type is no pure function of its arguments: static state that can change, and calls of clocks, global random numbers, the console,
/// files, the environment. Read from the compiled code, so that nothing hides in a lambda.
/// </summary>
internal static class Purity
{
    private const BindingFlags Statics = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly;

    // F# counts in it how far a file's values have been initialised
    private const string InitialisationMark = "init@";

    private static readonly Type[] Forbidden =
    [
        typeof(RandomNumberGenerator), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeProvider), typeof(Stopwatch),
        typeof(Console), typeof(File), typeof(Directory), typeof(FileStream), typeof(StreamReader), typeof(StreamWriter), typeof(Process),
        typeof(Environment), typeof(Thread), typeof(Debug), typeof(Trace),
    ];

    // of types that are otherwise welcome
    private static readonly (Type Type, string Method)[] ForbiddenMethods =
    [
        (typeof(Guid), nameof(Guid.NewGuid)),
        (typeof(Random), "get_Shared"),
        (typeof(ExtraTopLevelOperators), nameof(ExtraTopLevelOperators.PrintFormat)),
        (typeof(ExtraTopLevelOperators), nameof(ExtraTopLevelOperators.PrintFormatLine)),
        (typeof(ExtraTopLevelOperators), nameof(ExtraTopLevelOperators.PrintFormatToError)),
        (typeof(ExtraTopLevelOperators), nameof(ExtraTopLevelOperators.PrintFormatLineToError)),
    ];

    // of DiffSharp, by their names in F#: they change the process
    private static readonly string[] ForbiddenOfDiffSharp = ["dsharp.config", "dsharp.seed"];

    /// <summary>The offences of a type, each once.</summary>
    public static IEnumerable<string> Offences(Type type) => State(type).Concat(Calls(type)).Distinct();

    private static IEnumerable<string> State(Type type)
    {
        foreach (var field in type.GetFields(Statics))
        {
            var where = $"{type.FullName}.{field.Name}";
            if (field is { IsInitOnly: false, IsLiteral: false } && field.Name != InitialisationMark)
                yield return $"{where} can be assigned";
            else if (IsContainer(field.FieldType) && !field.FieldType.IsArray)
                yield return $"{where} is a {field.FieldType.Name}, which can change";
            else if (field.IsPublic && type.IsVisible && field.FieldType.IsArray)
                yield return $"{where} is an array that anyone can write to";
        }

        if (!type.IsVisible)
            yield break;

        foreach (var property in type.GetProperties(Statics).Where(property => property.GetMethod is { IsPublic: true }))
        {
            // a property that makes one anew hands out nothing of its own
            if (IsContainer(property.PropertyType) && ReadsField(property.GetMethod!))
                yield return $"{type.FullName}.{property.Name} is a {property.PropertyType.Name} that anyone can write to";
        }
    }

    private static bool ReadsField(MethodInfo getter)
    {
        var code = IntermediateCode.Of(getter);
        return code.Any(one => one.Code == OpCodes.Ldsfld) && code.All(one => one.Code != OpCodes.Call && one.Code != OpCodes.Callvirt && one.Code != OpCodes.Newobj);
    }

    private static bool IsContainer(Type type)
    {
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        var isCollection = typeof(IEnumerable).IsAssignableFrom(type) && type.Namespace is { } space
            && (space == "System.Collections" || space is "System.Collections.Generic" or "System.Collections.Concurrent");
        return type.IsArray || isCollection || generic == typeof(FSharpRef<>) || type == typeof(StringBuilder) || typeof(Random).IsAssignableFrom(type);
    }

    private static IEnumerable<string> Calls(Type type)
    {
        foreach (var method in IntermediateCode.Methods(type))
        {
            OpCode before = default;
            foreach (var (code, member) in IntermediateCode.Of(method))
            {
                if (member is MethodBase { DeclaringType: { } owner } callee)
                {
                    var call = $"{type.FullName}.{method.Name} calls {owner.Name}.{callee.Name}";
                    if (Forbidden.Contains(owner) || ForbiddenMethods.Contains((owner, callee.Name)) || IsUnseeded(callee) || ChangesDiffSharp(callee))
                        yield return call;
                    else if (before == OpCodes.Ldnull && TakesGenerator(callee))
                        yield return call + " without a generator";
                }

                before = code;
            }
        }
    }

    // Random(seed) gives the same numbers to the same seed
    private static bool IsUnseeded(MethodBase callee) => callee.DeclaringType == typeof(Random) && callee.IsConstructor && callee.GetParameters().Length == 0;

    /// <summary>Changes state of the process. An extension member is compiled to a method of a module, as dsharp.seed.Static.</summary>
    public static bool ChangesDiffSharp(MethodBase callee) =>
        callee.Module == Libraries.DiffSharp.ManifestModule
        && ForbiddenOfDiffSharp.Any(name => $"{callee.DeclaringType!.Name}.{callee.Name}".Contains(name, StringComparison.Ordinal));

    /// <summary>Has a generator of random numbers as its last argument; where that is left out, the numbers are the process's own.</summary>
    public static bool TakesGenerator(MethodBase callee) =>
        callee.Module == Libraries.DiffSharp.ManifestModule
        && callee.GetParameters() is [.., { ParameterType: var last }] && last == typeof(FSharpOption<Generator>);
}
