using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests;

/// <summary>Every public member has a summary, and every parameter and result of a method its own words.</summary>
internal static class DocumentationTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Lazy<Dictionary<string, XElement>> Members = new(() =>
        XDocument.Load(Path.ChangeExtension(typeof(Schedule).Assembly.Location, ".xml")).Descendants("member")
            .ToDictionary(member => member.Attribute("name")!.Value));

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

    private static XElement? Documented(string id) => Members.Value.GetValueOrDefault(id);

    private static bool HasText(XElement? element) => !string.IsNullOrWhiteSpace(element?.Value) || element?.HasElements == true;

    private static IEnumerable<string> Missing(Type type)
    {
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

    internal static Test All => Runner.TestList("documentation", [
        Runner.TestCase("every public member, parameter and result has its words", () =>
            Check.SequenceEqual([], SurfaceTests.PublicTypes.SelectMany(Missing), "missing words")),
        Runner.TestCase("the test above reads the file that the library ships", () =>
        {
            Check.True(Members.Value.Count > 150, $"{Members.Value.Count} members have documentation");
            Check.True(Documented("M:NoiseScale.Schedule.ScaleLearningRate(System.Double,NoiseScale.NoiseScaleForm)") is not null, "one of them");
        }),
    ]);
}
