using System.Reflection;
using System.Reflection.Emit;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests;

/// <summary>
/// No number reaches libtorch through a scalar that nobody owns. TorchSharp makes one of every plain number, also within <c>a + b</c>, and a
/// garbage collection may free it while it is read; that happens too seldom for a test of results, so the compiled code itself is read.
/// </summary>
internal static class ScalarOwnershipTests
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Assembly TorchSharp = typeof(Scalar).Assembly;

    // what may stand after a call that makes a scalar: something that keeps it, or hands it on to who does
    private static readonly HashSet<short> Keeping =
    [
        .. ((OpCode[])
        [
            OpCodes.Stloc_0, OpCodes.Stloc_1, OpCodes.Stloc_2, OpCodes.Stloc_3, OpCodes.Stloc_S, OpCodes.Stloc,
            OpCodes.Stfld, OpCodes.Stsfld, OpCodes.Stelem_Ref, OpCodes.Ret,
        ]).Select(code => code.Value),
    ];

    public static Test All => TestList("scalars have owners",
    [
        TestCase("in every method of the libraries", () =>
        {
            Assembly[] ours = [typeof(Network).Assembly, typeof(Schedule).Assembly, typeof(DiffSharp.Tensor).Assembly];
            Check.Sequence([], ours.SelectMany(assembly => assembly.GetTypes()).SelectMany(Offences));
        }),
        TestCase("and what would break the rule is found", () => Check.Sequence(
            [
                $"{nameof(Offender)}.{nameof(Offender.Number)} calls op_Multiply",
                $"{nameof(Offender)}.{nameof(Offender.Hidden)} calls op_Addition",
                $"{nameof(Offender)}.{nameof(Offender.Range)} calls op_Implicit",
                $"{nameof(Offender)}.{nameof(Offender.Range)} calls arange",
                $"{nameof(Offender)}.{nameof(Offender.Temporary)} calls ToScalar and keeps nothing",
            ],
            Offences(typeof(Offender)))),
    ]);

    private static class Offender
    {
        public static Tensor Number(Tensor x) => x * 2.0;

        public static Tensor Hidden(Tensor x) => x + x;

        public static Tensor Range() => torch.arange(3);

        public static Tensor Temporary(Tensor x) => x.mul(2.0.ToScalar());

        public static Tensor Owned(Tensor x)
        {
            using var two = 2.0.ToScalar();
            return x.mul(two);
        }
    }

    // TorchSharp's methods that make a scalar for the length of a call, and those on tensors that call one of a tensor's
    private static readonly Lazy<HashSet<int>> Careless = new(() =>
    {
        Type[] onTensors = [typeof(Tensor), typeof(torch), typeof(torch.nn.functional)];
        var calls = TorchSharp.GetTypes().SelectMany(Methods).ToDictionary(method => method, method => Calls(method).Select(call => call.Callee).ToList());

        // the arguments of a script are left out: numbers among them are made scalars, but UpdateKernel hands over scalars of its own
        var careless = calls.Where(method => method.Value.Any(MakesScalar) && method.Key.Name != "DetermineArgumentTypeRefs").Select(Token).ToHashSet();
        for (var before = 0; before != careless.Count;)
        {
            before = careless.Count;
            careless.UnionWith(calls
                .Where(method => onTensors.Contains(method.Key.DeclaringType))
                .Where(method => method.Value.Any(callee => callee.DeclaringType == typeof(Tensor) && careless.Contains(callee.MetadataToken)))
                .Select(Token));
        }

        return careless;

        static int Token(KeyValuePair<MethodBase, List<MethodBase>> method) => method.Key.MetadataToken;
    });

    private static IEnumerable<string> Offences(Type type) =>
        from method in Methods(type)
        from call in Calls(method)
        where call.Callee.Module == TorchSharp.ManifestModule
        let name = $"{type.Name}.{method.Name} calls {call.Callee.Name}"
        let makes = MakesScalar(call.Callee)
        where makes ? call.Callee.Name == "op_Implicit" || !Keeping.Contains(call.Next) : Careless.Value.Contains(call.Callee.MetadataToken)
        select makes && call.Callee.Name != "op_Implicit" ? name + " and keeps nothing" : name;

    private static bool MakesScalar(MethodBase method) =>
        (method.DeclaringType == typeof(Scalar) && method.Name == "op_Implicit")
        || (method.DeclaringType == typeof(ScalarExtensionMethods) && method is MethodInfo { ReturnType: var result } && result == typeof(Scalar));

    private static IEnumerable<MethodBase> Methods(Type type) =>
        ((IEnumerable<MethodBase>)type.GetMethods(Everything)).Concat(type.GetConstructors(Everything));

    // every place that could be a call is taken for one: an operand that looks like a call of just these methods is not to be expected
    private static IEnumerable<(MethodBase Callee, short Next)> Calls(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var i = 0; i + 5 <= code.Length; i++)
        {
            if (code[i] != OpCodes.Call.Value && code[i] != OpCodes.Callvirt.Value && code[i] != OpCodes.Newobj.Value)
                continue;

            if (Resolve(method, BitConverter.ToInt32(code, i + 1)) is { } callee)
                yield return (callee, i + 5 < code.Length ? code[i + 5] : (short)0);
        }
    }

    private static MethodBase? Resolve(MethodBase caller, int token)
    {
        try
        {
            var ofType = caller.DeclaringType!.IsGenericType ? caller.DeclaringType.GetGenericArguments() : null;
            return caller.Module.ResolveMethod(token, ofType, caller.IsGenericMethod ? caller.GetGenericArguments() : null);
        }
        catch (Exception failure) when (failure is ArgumentException or BadImageFormatException or FileNotFoundException)
        {
            return null; // not the token of a method
        }
    }
}
