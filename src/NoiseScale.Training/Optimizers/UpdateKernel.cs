using System.Runtime.InteropServices;
using DiffSharp;

namespace NoiseScale.Training;

/// <summary>
/// The arithmetic of an update, on lists of tensors in place. Libtorch's fused operators read and write each number once; they are reached
/// through TorchScript, since TorchSharp has no binding for them, and what has no fused operator is a few list operators.
/// </summary>
/// <remarks>
/// Keeps its arguments from update to update. TorchSharp turns a double into a native scalar whose only owner is a temporary: a garbage
/// collection before the call reads it frees it, and the kernel sees another type or another number. The scalars here have an owner.
/// </remarks>
internal sealed class UpdateKernel : IDisposable
{
    private const int Gradients = 1; // the place of the second list

    // Fused operators walk the memory of a tensor as one vector. A script ends with a newline or the parser ends the process.
    private const string Source = """
        def decayed(ps: List[Tensor], gs: List[Tensor], decay: float):
            if decay == 0.0:
                return gs
            return torch._foreach_add(gs, ps, alpha=decay)

        def sgd(ps: List[Tensor], gs: List[Tensor], rate: float, decay: float):
            none: List[Tensor] = []
            torch._fused_sgd_(ps, gs, none, weight_decay=decay, momentum=0.0, lr=rate, dampening=0.0,
                              nesterov=False, maximize=False, is_first_step=False)

        def momentum(ps: List[Tensor], gs: List[Tensor], vs: List[Tensor], rate: float, m: float, dampening: float, decay: float, nesterov: bool):
            torch._fused_sgd_(ps, gs, vs, weight_decay=decay, momentum=m, lr=rate, dampening=dampening,
                              nesterov=nesterov, maximize=False, is_first_step=False)

        def scaled_momentum(ps: List[Tensor], gs: List[Tensor], vs: List[Tensor], rate: float, m: float, scale: float, decay: float, nesterov: bool):
            hs = decayed(ps, gs, decay)
            torch._foreach_mul_(vs, m)
            torch._foreach_add_(vs, hs, alpha=scale)
            if nesterov:
                torch._foreach_add_(ps, vs, alpha=-rate * m)
                torch._foreach_add_(ps, hs, alpha=-rate * scale)
            else:
                torch._foreach_add_(ps, vs, alpha=-rate)

        def adam(ps: List[Tensor], gs: List[Tensor], ms: List[Tensor], vs: List[Tensor], counts: List[Tensor],
                 rate: float, beta1: float, beta2: float, epsilon: float, decay: float, decoupled: bool):
            none: List[Tensor] = []
            if decoupled:
                torch._fused_adamw_(ps, gs, ms, vs, none, counts, lr=rate, beta1=beta1, beta2=beta2,
                                    weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
            else:
                torch._fused_adam_(ps, gs, ms, vs, none, counts, lr=rate, beta1=beta1, beta2=beta2,
                                   weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)

        def towards(averages: List[Tensor], ps: List[Tensor], weight: float):
            torch._foreach_lerp_(averages, ps, weight)

        """;

    private static readonly Lazy<torch.jit.CompilationUnit> Script = new(() =>
    {
        TorchRuntime.Ensure();
        return torch.jit.compile(Source);
    });

    private readonly string _function;
    private readonly object[] _arguments;
    private readonly int _firstNumber;
    private readonly double[] _numbers;

    private UpdateKernel(string function, Tensor[] changed, Tensor[][] states, int numbers, params bool[] flags)
    {
        _function = function;
        _firstNumber = 2 + states.Length;
        _numbers = new double[numbers];
        _arguments = [changed, Array.Empty<Tensor>(), .. states, .. _numbers.Select(number => number.ToScalar()), .. flags.Select(flag => (object)flag)];
    }

    /// <summary>w ← w − ε(g + λw); numbers: ε, λ.</summary>
    public static UpdateKernel Sgd(Tensor[] parameters) => new("sgd", parameters, [], 2);

    /// <summary>v ← mv + (1−d)(g + λw), w ← w − εv; with Nesterov (d = 0 only) w ← w − ε(g + λw + mv); numbers: ε, m &gt; 0, d, λ.</summary>
    public static UpdateKernel Momentum(Tensor[] parameters, Tensor[] velocities, bool nesterov) =>
        new("momentum", parameters, [velocities], 4, nesterov);

    /// <summary>v ← mv + s(g + λw), w ← w − εv; with Nesterov w ← w − ε(mv + s(g + λw)); numbers: ε, m, s, λ.</summary>
    public static UpdateKernel ScaledMomentum(Tensor[] parameters, Tensor[] velocities, bool nesterov) =>
        new("scaled_momentum", parameters, [velocities], 4, nesterov);

    /// <summary>Adam or, decoupled, AdamW, with the number of updates including this one in <paramref name="counts"/>; numbers: ε, β₁, β₂, ε_Adam, λ.</summary>
    public static UpdateKernel Adam(Tensor[] parameters, Tensor[] firstMoments, Tensor[] secondMoments, Tensor[] counts, bool decoupled) =>
        new("adam", parameters, [firstMoments, secondMoments, counts], 5, decoupled);

    /// <summary>a ← a + weight·(w − a), the w in the place of the gradients; number: the weight.</summary>
    public static UpdateKernel Towards(Tensor[] averages) => new("towards", averages, [], 1);

    /// <summary>Computes one update.</summary>
    /// <param name="gradients">One for each tensor that is changed.</param>
    /// <param name="numbers">As the kernel's maker says.</param>
    public void Invoke(Tensor[] gradients, params ReadOnlySpan<double> numbers)
    {
        for (var i = 0; i < numbers.Length; i++)
            Set(i, numbers[i]);

        using var noGrad = torch.no_grad();
        var dense = Dense(gradients);
        _arguments[Gradients] = dense;
        try
        {
            Script.Value.invoke(_function, _arguments);
        }
        catch (ExternalException failure)
        {
            throw new InvalidOperationException($"libtorch refuses the update: {FirstSentence(failure.Message)}", failure);
        }
        finally
        {
            for (var i = 0; i < dense.Length; i++)
            {
                if (!ReferenceEquals(dense[i], gradients[i]))
                    dense[i].Dispose();
            }
        }
    }

    /// <summary>Frees the scalars; the tensors stay.</summary>
    public void Dispose()
    {
        foreach (var scalar in _arguments.OfType<Scalar>())
            scalar.Dispose();
    }

    // gradients that are views (expanded, transposed) are copied; there seldom are any
    private static Tensor[] Dense(Tensor[] gradients) => Array.TrueForAll(gradients, gradient => gradient.is_contiguous())
        ? gradients
        : Array.ConvertAll(gradients, gradient => gradient.is_contiguous() ? gradient : gradient.contiguous());

    private void Set(int i, double number)
    {
        // by its bits: −0 is another number than 0, and NaN is equal to itself
        if (BitConverter.DoubleToInt64Bits(number) == BitConverter.DoubleToInt64Bits(_numbers[i]))
            return;

        ((Scalar)_arguments[_firstNumber + i]).Dispose();
        _arguments[_firstNumber + i] = number.ToScalar();
        _numbers[i] = number;
    }

    // the native message is pages of stack frames around one sentence
    private static string FirstSentence(string message) =>
        message.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0 && !line.StartsWith("frame #", StringComparison.Ordinal))
        ?? message;
}
