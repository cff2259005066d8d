using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using Microsoft.FSharp.Reflection;

namespace NoiseScale.Conventions.Tests;

/// <summary>
/// The public surface of an assembly as sorted text, a line a type or member: what a consumer's code may rest on. F#'s curried functions stand as
/// (a: A) (b: B), its unions by their cases; units of measure are gone in compiled code, and so here.
/// </summary>
internal static class PublicSurface
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>The lines, a block for every type, types by name.</summary>
    public static IEnumerable<string> Of(Assembly assembly) =>
        assembly.GetExportedTypes()
            .Where(type => !IsGenerated(type) && !IsPartOfUnion(type))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .SelectMany(type => Members(type).Order(StringComparer.Ordinal).Select(line => "    " + line).Prepend(Header(type)).Append(""));

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute), false);

    private static bool IsUnion(Type type) => FSharpType.IsUnion(type, FSharpOption<BindingFlags>.Some(BindingFlags.Public | BindingFlags.NonPublic));

    private static bool IsPartOfUnion(Type type) => type.DeclaringType is { } outer && IsUnion(outer) && (type.Name == "Tags" || type.IsSubclassOf(outer));

    private static string Header(Type type)
    {
        var isModule = type.GetCustomAttribute<CompilationMappingAttribute>()?.SourceConstructFlags == SourceConstructFlags.Module;
        var kind = type switch
        {
            _ when isModule => "module",
            _ when IsUnion(type) => "union",
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct" : "struct",
            _ when typeof(Delegate).IsAssignableFrom(type) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var parents = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum) && !typeof(Delegate).IsAssignableFrom(type))
            parents.Add(Name(parent));

        var inherited = type.BaseType?.GetInterfaces() ?? [];
        parents.AddRange(type.GetInterfaces().Except(inherited).Where(one => one.IsVisible).Select(Name).Order(StringComparer.Ordinal));
        return $"{kind} {Obsolete(type)}{type.Namespace}.{Name(type)}{(parents.Count > 0 && !type.IsEnum ? " : " + string.Join(", ", parents) : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            foreach (var name in type.GetEnumNames())
                yield return $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}";

            yield break;
        }

        var made = new HashSet<string>();
        if (IsUnion(type))
        {
            made = ["Tag", "Tags"];
            var isOpen = FSharpType.IsUnion(type, null);
            foreach (var union in FSharpType.GetUnionCases(type, FSharpOption<BindingFlags>.Some(BindingFlags.Public | BindingFlags.NonPublic)))
            {
                made.UnionWith([union.Name, "New" + union.Name, "get_" + union.Name, "Is" + union.Name]);
                var fields = union.GetFields().Select(field => $"{field.Name}: {Name(field.PropertyType)}").ToList();
                made.UnionWith(union.GetFields().Select(field => field.Name));
                if (isOpen)
                    yield return $"| {union.Name}{(fields.Count > 0 ? $" of {string.Join(" * ", fields)}" : "")}";
            }
        }

        foreach (var member in type.GetMembers(Declared).Where(member => !IsGenerated(member) && !made.Contains(member.Name)))
        {
            if (Line(member) is { } line)
                yield return Obsolete(member) + line;
        }
    }

    private static string? Line(MemberInfo member) => member switch
    {
        FieldInfo { IsSpecialName: false } field when field.IsPublic || field.IsFamily =>
            $"{Static(field.IsStatic)}field {field.Name}: {Annotated(field.FieldType, Nullability.Create(field))}{Value(field)}",
        PropertyInfo property when Widest(property) is { } accessor => Property(property, accessor),
        EventInfo one when IsReachable(one.AddMethod) => $"{Static(one.AddMethod!.IsStatic)}event {one.Name}: {Name(one.EventHandlerType!)}",
        ConstructorInfo maker when IsReachable(maker) && !maker.IsStatic => $"new({Parameters(maker)})",
        MethodInfo method when IsReachable(method) && IsOwn(method) =>
            $"{Modifiers(method)}{method.Name}{Generic(method)}{Groups(method)}: {Annotated(method.ReturnType, Nullability.Create(method.ReturnParameter))}",
        _ => null,
    };

    private static bool IsReachable(MethodBase? method) => method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly);

    private static MethodInfo? Widest(PropertyInfo property) =>
        IsReachable(property.GetMethod) ? property.GetMethod : IsReachable(property.SetMethod) ? property.SetMethod : null;

    // no accessors, which their properties stand for; what every object has is known
    private static bool IsOwn(MethodInfo method) =>
        (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) && method.GetBaseDefinition().DeclaringType != typeof(object);

    private static string Property(PropertyInfo property, MethodInfo accessor)
    {
        var index = property.GetIndexParameters() is { Length: > 0 } some ? $"[{string.Join(", ", some.Select(Parameter))}]" : "";
        var isInit = property.SetMethod?.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) == true;
        var setter = IsReachable(property.SetMethod) ? isInit ? " init" : " set" : "";
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{required}{Modifiers(accessor)}{property.Name}{index}: {Annotated(property.PropertyType, Nullability.Create(property))} {{{(IsReachable(property.GetMethod) ? " get" : "")}{setter} }}";
    }

    private static string Static(bool isStatic) => isStatic ? "static " : "";

    private static string Modifiers(MethodInfo method) =>
        Static(method.IsStatic)
        + (method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "")
        + (method.IsAbstract ? "abstract " : method.GetBaseDefinition() != method ? "override " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "");

    private static string Obsolete(MemberInfo member) => member.IsDefined(typeof(ObsoleteAttribute)) ? "obsolete " : "";

    private static string Value(FieldInfo field) => field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : field.IsInitOnly ? "" : " (assignable)";

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(one => one.Name))}>" : "";

    // F#'s curried functions know how their arguments are grouped
    private static string Groups(MethodInfo method)
    {
        var parameters = method.GetParameters();
        if (method.GetCustomAttribute<CompilationArgumentCountsAttribute>() is not { } counts || counts.Counts.Sum() != parameters.Length)
            return $"({Parameters(method)})";

        var start = 0;
        var groups = new List<string>();
        foreach (var count in counts.Counts)
        {
            groups.Add($"({string.Join(", ", parameters[start..(start + count)].Select(Parameter))})");
            start += count;
        }

        return string.Join(" ", groups);
    }

    private static string Parameters(MethodBase method)
    {
        var isExtension = method.IsDefined(typeof(ExtensionAttribute));
        return (isExtension ? "this " : "") + string.Join(", ", method.GetParameters().Select(Parameter));
    }

    private static string Parameter(ParameterInfo parameter)
    {
        var optional = parameter.IsDefined(typeof(OptionalArgumentAttribute)) ? "?" : "";
        var several = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "";
        var way = parameter.ParameterType.IsByRef ? parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref " : "";
        var value = parameter.HasDefaultValue ? $" = {Literal(parameter.RawDefaultValue)}" : "";
        var isNameless = string.IsNullOrEmpty(parameter.Name) || parameter.Name.StartsWith("_arg", StringComparison.Ordinal); // F#, of a pattern
        var name = isNameless ? "" : $"{optional}{parameter.Name}: ";
        return $"{several}{way}{name}{Annotated(parameter.ParameterType, Nullability.Create(parameter))}{value}";
    }

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string Annotated(Type type, NullabilityInfo info) =>
        Name(type) + (!type.IsValueType && !type.IsByRef && !Is(type, typeof(FSharpOption<>)) && info.ReadState == NullabilityState.Nullable ? "?" : "");

    private static string Name(Type type)
    {
        if (type.IsByRef || type.IsPointer)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsGenericParameter)
            return type.Name;
        if (Nullable.GetUnderlyingType(type) is { } value)
            return Name(value) + "?";
        if (!type.IsEnum && Keyword(type) is { } keyword)
            return keyword;

        if (OfFSharp(type) is { } own)
            return own;

        // the type arguments of an inner type begin with those of the outer
        var arguments = type.GetGenericArguments();
        var outer = type.DeclaringType;
        var inherited = outer?.GetGenericArguments().Length ?? 0;
        var added = arguments[inherited..];
        var prefix = outer is null ? "" : Name(outer.IsGenericTypeDefinition && !type.IsGenericTypeDefinition ? outer.MakeGenericType(arguments[..inherited]) : outer) + ".";
        return prefix + type.Name.Split('`')[0] + (added.Length > 0 ? $"<{string.Join(", ", added.Select(Name))}>" : "");
    }

    private static bool Is(Type type, Type generic) => type.IsGenericType && type.GetGenericTypeDefinition() == generic;

    // as F# code would write it
    private static string? OfFSharp(Type type)
    {
        var parts = type.IsGenericType ? type.GetGenericArguments().Select(Name).ToArray() : [];
        return Is(type, typeof(FSharpOption<>)) ? $"{parts[0]} option"
            : Is(type, typeof(FSharpList<>)) ? $"{parts[0]} list"
            : Is(type, typeof(FSharpFunc<,>)) ? $"({parts[0]} -> {parts[1]})"
            : Is(type, typeof(FSharpResult<,>)) ? $"Result<{parts[0]}, {parts[1]}>"
            : type == typeof(Unit) ? "unit"
            : FSharpType.IsTuple(type) ? $"{(type.IsValueType ? "struct " : "")}({string.Join(" * ", FSharpType.GetTupleElements(type).Select(Name))})"
            : null;
    }

    private static string? Keyword(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Boolean => "bool",
        TypeCode.Byte => "byte",
        TypeCode.Char => "char",
        TypeCode.Decimal => "decimal",
        TypeCode.Double => "double",
        TypeCode.Int16 => "short",
        TypeCode.Int32 => "int",
        TypeCode.Int64 => "long",
        TypeCode.SByte => "sbyte",
        TypeCode.Single => "float",
        TypeCode.String => "string",
        TypeCode.UInt16 => "ushort",
        TypeCode.UInt32 => "uint",
        TypeCode.UInt64 => "ulong",
        _ => type == typeof(object) ? "object" : type == typeof(void) ? "void" : null,
    };
}
