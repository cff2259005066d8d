using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace NoiseScale.Conventions.Tests;

/// <summary>Every public member has a summary, and every parameter and result of a method its own words.</summary>
internal static class DocumentationTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static Dictionary<string, XElement> Read(Assembly assembly) =>
        XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value);

    private static IEnumerable<string> Missing(Assembly assembly)
    {
        var members = Read(assembly);
        return assembly.GetExportedTypes().SelectMany(type => Missing(type, members));
    }

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute));

    private static string Name(Type type) =>
        type.IsByRef ? Name(type.GetElementType()!) + "@"
        : type.IsArray ? Name(type.GetElementType()!) + "[]"
        : type.IsGenericMethodParameter ? $"``{type.GenericParameterPosition}"
        : type.IsGenericTypeParameter ? $"`{type.GenericParameterPosition}"
        : type.IsConstructedGenericType
            ? $"{Name(type.GetGenericTypeDefinition()).Split('`')[0]}{{{string.Join(",", type.GetGenericArguments().Select(Name))}}}"
        : type.FullName!.Replace('+', '.');

    private static string Id(MethodBase method)
    {
        var name = method.IsConstructor ? "#ctor" : method.Name;
        var arity = method.IsGenericMethod ? $"``{method.GetGenericArguments().Length}" : "";
        var parameters = method.GetParameters() is { Length: > 0 } some ? $"({string.Join(",", some.Select(p => Name(p.ParameterType)))})" : "";
        var result = method is MethodInfo { Name: "op_Implicit" or "op_Explicit" } conversion ? "~" + Name(conversion.ReturnType) : "";
        return $"M:{Name(method.DeclaringType!)}.{name}{arity}{parameters}{result}";
    }

    private static bool HasText(XElement? element) => !string.IsNullOrWhiteSpace(element?.Value) || element?.HasElements == true;

    private static IEnumerable<string> Missing(Type type, Dictionary<string, XElement> members)
    {
        XElement? Documented(string id) => members.GetValueOrDefault(id);

        var own = Documented("T:" + Name(type));
        if (!HasText(own?.Element("summary")))
            yield return $"summary of {type}";

        foreach (var field in type.GetFields(Declared).Where(field => field.IsPublic && !field.IsSpecialName))
        {
            if (!HasText(Documented($"F:{Name(type)}.{field.Name}")?.Element("summary")))
                yield return $"summary of {type}.{field.Name}";
        }

        foreach (var property in type.GetProperties(Declared).Where(p => SurfaceTests.IsPublic(p.GetMethod) && !IsGenerated(p)))
        {
            var index = property.GetIndexParameters() is { Length: > 0 } some ? $"({string.Join(",", some.Select(p => Name(p.ParameterType)))})" : "";
            var words = Documented($"P:{Name(type)}.{property.Name}{index}");
            var documented = HasText(words?.Element("summary")) || words?.Element("inheritdoc") is not null
                || own?.Elements("param").Any(p => p.Attribute("name")!.Value == property.Name && HasText(p)) == true; // of a record
            if (!documented && property.Name != "EqualityContract")
                yield return $"summary of {type}.{property.Name}";
        }

        foreach (var method in type.GetMembers(Declared).OfType<MethodBase>().Where(m => SurfaceTests.IsPublic(m) && !IsGenerated(m)))
        {
            var isAccessor = method.IsSpecialName && !method.IsConstructor && !method.Name.StartsWith("op_", StringComparison.Ordinal);
            var isRecordConstructor = method.IsConstructor && Documented(Id(method)) is null && own?.Element("param") is not null;
            // one that is written out has words, or the build fails; one that is not can have none
            var isImplicitConstructor = method.IsConstructor && method.GetParameters().Length == 0 && Documented(Id(method)) is null;
            var isDefaultOfEnumOrDelegate = type.IsEnum || typeof(Delegate).IsAssignableFrom(type);
            if (isAccessor || isRecordConstructor || isImplicitConstructor || isDefaultOfEnumOrDelegate)
                continue;

            var words = Documented(Id(method));
            if (words?.Element("inheritdoc") is not null)
                continue;
            if (!HasText(words?.Element("summary")))
                yield return $"summary of {Id(method)}";
            if (method.IsSpecialName && !method.IsConstructor || method is MethodInfo info && info.GetBaseDefinition() != info)
                continue; // an operator's operands and an override's parameters explain themselves

            foreach (var parameter in method.GetParameters())
            {
                if (words?.Elements("param").Any(p => p.Attribute("name")!.Value == parameter.Name && HasText(p)) != true)
                    yield return $"parameter {parameter.Name} of {Id(method)}";
            }

            if (method is MethodInfo { ReturnType: var result } && result != typeof(void) && !HasText(words?.Element("returns")))
                yield return $"result of {Id(method)}";
        }
    }

    internal static Test All => TestList("documentation",
    [
        TestCase("every public member, parameter and result of the façade has its words", () => Check.None(Missing(Libraries.Facade), "missing words")),
        TestCase("every public member and parameter of the training library too; a summary may say what it gives", () => Check.None(
            Missing(Libraries.Training).Where(words => !words.StartsWith("result of", StringComparison.Ordinal)), "missing words")),
        TestCase("the test reads the file that the library ships", () =>
        {
            var facade = Read(Libraries.Facade);
            Check.True(facade.Count > 150, $"{facade.Count} members have documentation");
            Check.True(facade.ContainsKey("M:NoiseScale.Schedule.ScaleLearningRate(System.Double,NoiseScale.NoiseScaleForm)"), "one of them");
        }),
        TestCase("and finds what has no words", () => Check.Sequence(
            [
                "summary of NoiseScale.Conventions.Tests.Undocumented",
                "summary of NoiseScale.Conventions.Tests.Undocumented.Field",
                "summary of NoiseScale.Conventions.Tests.Undocumented.Property",
                "summary of M:NoiseScale.Conventions.Tests.Undocumented.Method(System.Int32)",
                "parameter x of M:NoiseScale.Conventions.Tests.Undocumented.Method(System.Int32)",
                "result of M:NoiseScale.Conventions.Tests.Undocumented.Method(System.Int32)",
            ],
            Missing(typeof(Undocumented), []),
            "missing words")),
    ]);
}

#pragma warning disable CS1591
public sealed class Undocumented
{
    public const int Field = 1;

    public int Property => Field;

    public int Method(int x) => x + Property;
}
#pragma warning restore CS1591
