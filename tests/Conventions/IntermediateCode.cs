using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;

namespace NoiseScale.Conventions.Tests;

/// <summary>What a compiled method does, instruction by instruction.</summary>
internal static class IntermediateCode
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly FrozenDictionary<short, OpCode> Codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToFrozenDictionary(code => code.Value);

    /// <summary>An instruction; Member is the method, field or type that it names.</summary>
    public readonly record struct Instruction(OpCode Code, MemberInfo? Member);

    /// <summary>Every method and constructor that a type declares, the compiler's own included.</summary>
    public static IEnumerable<MethodBase> Methods(Type type) =>
        ((IEnumerable<MethodBase>)type.GetMethods(Declared)).Concat(type.GetConstructors(Declared));

    /// <summary>The instructions of a method in order; none of one without a body.</summary>
    public static IReadOnlyList<Instruction> Of(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var found = new List<Instruction>();
        for (var i = 0; i < code.Length;)
        {
            var value = code[i] == 0xFE ? unchecked((short)(0xFE00 | code[i + 1])) : code[i];
            var instruction = Codes[value];
            i += instruction.Size;
            MemberInfo? member = null;
            if (instruction.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                member = Resolve(method, BitConverter.ToInt32(code, i));

            i += instruction.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, i)),
                _ => 4,
            };
            found.Add(new Instruction(instruction, member));
        }

        return found;
    }

    private static MemberInfo? Resolve(MethodBase caller, int token)
    {
        var ofType = caller.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : null;
        try
        {
            return caller.Module.ResolveMember(token, ofType, caller.IsGenericMethod ? caller.GetGenericArguments() : null);
        }
        catch (FileNotFoundException)
        {
            return null; // of an assembly that is not there: none of those we ask about
        }
    }
}
