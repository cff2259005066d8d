using System.Runtime.InteropServices;
using DiffSharp;

namespace NoiseScale.Training;

/// <summary>
/// The arithmetic of updates, on lists of tensors in place. Libtorch's fused operators read and write each number once; they are reached
/// through TorchScript, since TorchSharp has no binding for them, and what has no fused operator is a few list operators.
/// </summary>
internal static class UpdateKernels
{
    // Fused operators walk the memory of a tensor as one vector: gradients that are views (expanded, transposed) are copied first.
    // A script ends with a newline or the parser ends the process.
    private const string Source = """
        def dense(gs: List[Tensor]):
            result: List[Tensor] = []
            for g in gs:
                result.append(g.contiguous())
            return result

        def decayed(ps: List[Tensor], gs: List[Tensor], decay: float):
            if decay == 0.0:
                return gs
            return torch._foreach_add(gs, ps, alpha=decay)

        def sgd(ps: List[Tensor], gs: List[Tensor], rate: float, decay: float):
            none: List[Tensor] = []
            torch._fused_sgd_(ps, dense(gs), none, weight_decay=decay, momentum=0.0, lr=rate, dampening=0.0,
                              nesterov=False, maximize=False, is_first_step=False)

        def momentum(ps: List[Tensor], gs: List[Tensor], vs: List[Tensor], rate: float, m: float, dampening: float, nesterov: bool, decay: float):
            torch._fused_sgd_(ps, dense(gs), vs, weight_decay=decay, momentum=m, lr=rate, dampening=dampening,
                              nesterov=nesterov, maximize=False, is_first_step=False)

        def scaled_momentum(ps: List[Tensor], gs: List[Tensor], vs: List[Tensor], rate: float, m: float, scale: float, nesterov: bool, decay: float):
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
                torch._fused_adamw_(ps, dense(gs), ms, vs, none, counts, lr=rate, beta1=beta1, beta2=beta2,
                                    weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)
            else:
                torch._fused_adam_(ps, dense(gs), ms, vs, none, counts, lr=rate, beta1=beta1, beta2=beta2,
                                   weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False)

        def towards(averages: List[Tensor], ps: List[Tensor], weight: float):
            torch._foreach_lerp_(averages, ps, weight)

        """;

    private static readonly Lazy<torch.jit.CompilationUnit> Script = new(() =>
    {
        TorchRuntime.Ensure();
        return torch.jit.compile(Source);
    });

    /// <summary>w ← w − ε(g + λw).</summary>
    public static void Sgd(Tensor[] parameters, Tensor[] gradients, double rate, double decay) =>
        Invoke("sgd", parameters, gradients, rate, decay);

    /// <summary>v ← mv + (1−d)(g + λw), w ← w − εv; with Nesterov (d = 0 only) w ← w − ε(g + λw + mv).</summary>
    public static void Momentum(
        Tensor[] parameters, Tensor[] gradients, Tensor[] velocities, double rate, double momentum, double dampening, bool nesterov, double decay) =>
        Invoke("momentum", parameters, gradients, velocities, rate, momentum, dampening, nesterov, decay);

    /// <summary>v ← mv + s(g + λw), w ← w − εv; with Nesterov w ← w − ε(mv + s(g + λw)).</summary>
    public static void ScaledMomentum(
        Tensor[] parameters, Tensor[] gradients, Tensor[] velocities, double rate, double momentum, double scale, bool nesterov, double decay) =>
        Invoke("scaled_momentum", parameters, gradients, velocities, rate, momentum, scale, nesterov, decay);

    /// <summary>Adam or, decoupled, AdamW, with the number of updates including this one in <paramref name="counts"/>.</summary>
    public static void Adam(
        Tensor[] parameters, Tensor[] gradients, Tensor[] firstMoments, Tensor[] secondMoments, Tensor[] counts,
        double rate, double beta1, double beta2, double epsilon, double decay, bool decoupled) =>
        Invoke("adam", parameters, gradients, firstMoments, secondMoments, counts, rate, beta1, beta2, epsilon, decay, decoupled);

    /// <summary>a ← a + weight·(w − a).</summary>
    public static void Towards(Tensor[] averages, Tensor[] parameters, double weight) => Invoke("towards", averages, parameters, weight);

    // TorchSharp turns a double into a native scalar whose only owner is a temporary: a garbage collection before the call reads it frees
    // it, and the kernel sees another type or another number. So scalars are made here and kept until the call is over.
    private static void Invoke(string function, params object[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is double number)
                arguments[i] = number.ToScalar();
        }

        using var noGrad = torch.no_grad();
        try
        {
            Script.Value.invoke(function, arguments);
        }
        catch (ExternalException failure)
        {
            throw new InvalidOperationException($"libtorch refuses the update: {FirstSentence(failure.Message)}", failure);
        }
        finally
        {
            foreach (var scalar in arguments.OfType<Scalar>())
                scalar.Dispose();
        }
    }

    // the native message is pages of stack frames around one sentence
    private static string FirstSentence(string message) =>
        message.Split('\n').Select(line => line.Trim()).LastOrDefault(line => line.Length > 0 && !line.StartsWith("frame #", StringComparison.Ordinal))
        ?? message;
}
