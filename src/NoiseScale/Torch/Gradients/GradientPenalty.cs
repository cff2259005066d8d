using DiffSharp;

namespace NoiseScale.Torch;

/// <summary>
/// Training on C + (λ/4)·‖∇C‖² of each minibatch: with λ = ε a small learning rate follows the loss that the learning rate ε follows by
/// itself. (P6 section 3.1; Barrett and Dherin 2021; differences as in Geiping et al. 2022)
/// </summary>
/// <example>
/// <code>
/// var penalty = new GradientPenalty(0.01);
/// var loss = penalty.Backward(model.parameters(), () => functional.cross_entropy(model.call(x), y));
/// </code>
/// and then the optimizer's step, as after <c>backward</c>.
/// </example>
[Source(Paper.P6, "section 3.1")]
[Source(Paper.Barrett2021)]
[Source(Paper.Geiping2022)]
public sealed class GradientPenalty
{
    // a + b is a + 1·b: a number that TorchSharp would make and leave to the collector
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>A penalty.</summary>
    /// <param name="coefficient">λ, in units of learning rate; 0 or more, and 0 is plain <c>backward</c>.</param>
    /// <param name="method">How the Hessian's product is computed; the default is exact.</param>
    /// <exception cref="ArgumentOutOfRangeException">λ is negative or not finite, or the method is not defined.</exception>
    public GradientPenalty(double coefficient, PenaltyMethod method = PenaltyMethod.DoubleBackward)
    {
        if (!double.IsFinite(coefficient) || coefficient < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(coefficient), coefficient, "a penalty's coefficient is finite and 0 or more");
        }

        if (!Enum.IsDefined(method))
        {
            throw new ArgumentOutOfRangeException(nameof(method), method, "no such method");
        }

        (Coefficient, Method) = (coefficient, method);
    }

    /// <summary>λ, in units of learning rate.</summary>
    public double Coefficient { get; }

    /// <summary>How the Hessian's product is computed.</summary>
    public PenaltyMethod Method { get; }

    /// <summary>
    /// Adds ∇(C + (λ/4)‖∇C‖²) = ∇C + (λ/2)·∇∇C·∇C to the <c>.grad</c> of every parameter, as <c>backward</c> adds ∇C. The penalty is the biased
    /// form: over minibatches the mean of ‖∇C‖² is that of the full gradient plus the gradients' variance, P6's C_reg.
    /// </summary>
    /// <param name="parameters">
    /// The parameters, such as <c>model.parameters()</c>; frozen ones (that require no gradient) are left out. One that the loss does not use
    /// gets a gradient of 0, where <c>backward</c> leaves it without.
    /// </param>
    /// <param name="loss">
    /// C, one number, the mean over the minibatch. Differences call it two or three times: it has to answer the same each time, which dropout
    /// does not; and the running statistics of batch normalisation then move two or three times. What it makes is freed.
    /// </param>
    /// <returns>The loss and the squared norm of its gradient.</returns>
    /// <exception cref="ArgumentException">No parameter requires a gradient.</exception>
    /// <exception cref="InvalidOperationException">
    /// The loss is not one number that depends on the parameters, or an operation in it has no second derivative (a difference needs none).
    /// </exception>
    public PenalisedLoss Backward(IEnumerable<Tensor> parameters, Func<Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(loss);
        using var scope = torch.NewDisposeScope();
        using var half = (Coefficient / 2).ToScalar();
        Tensor[] free = [.. parameters.Where(parameter => parameter.requires_grad)];
        if (free.Length == 0)
        {
            throw new ArgumentException("no parameter requires a gradient", nameof(parameters));
        }

        var exact = Coefficient > 0 && Method == PenaltyMethod.DoubleBackward;
        var value = Checked(loss());
        var gradients = Gradient.Of(value, free, createGraph: exact, allowUnused: true);
        var norm = SquaredNorm(gradients);
        var result = new PenalisedLoss(Number(value), Number(norm), Coefficient);
        if (exact)
        {
            using var quarter = (Coefficient / 4).ToScalar();
            gradients = Gradient.Of(value.add(norm, quarter), free, allowUnused: true);
        }
        else if (Coefficient > 0 && result.GradientNorm > 0)
        {
            var products = Difference(free, gradients, result.GradientNorm, loss);
            gradients = [.. gradients.Zip(products, (gradient, product) => gradient.add(product, half))];
        }

        Accumulate(free, gradients);
        return result;
    }

    private static Tensor Checked(Tensor value) =>
        value is null ? throw new InvalidOperationException("the loss answered null")
        : value.numel() != 1 ? throw new InvalidOperationException($"the loss has shape [{string.Join(", ", value.shape)}]; it must be one number")
        : value.requires_grad ? value
        : throw new InvalidOperationException("the loss does not depend on a parameter that requires a gradient");

    private static Tensor SquaredNorm(Tensor[] gradients) =>
        gradients.Select(gradient => gradient.mul(gradient).sum()).Aggregate((sum, next) => sum.add(next, One));

    private static double Number(Tensor value) => value.detach().to(torch.ScalarType.Float64).cpu().item<double>();

    // ∇∇C·g by differences of gradients along g, the step balancing truncation against rounding; the parameters are put back exactly.
    private Tensor[] Difference(Tensor[] parameters, Tensor[] direction, double squaredLength, Func<Tensor> loss)
    {
        var central = Method == PenaltyMethod.CentralDifference;
        var precision = parameters[0].dtype == torch.ScalarType.Float64 ? 2.2e-16 : 1.2e-7;
        using var noGrad = torch.no_grad();
        Tensor[] kept = [.. parameters.Select(parameter => parameter.clone())];
        var size = Math.Sqrt(Number(SquaredNorm(kept)));
        var step = Math.Pow(precision, central ? 1.0 / 3 : 0.5) * (1 + size) / Math.Sqrt(squaredLength);
        using var scale = (1 / (central ? 2 * step : step)).ToScalar();
        try
        {
            var ahead = At(step);
            var behind = central ? At(-step) : direction;
            return [.. ahead.Zip(behind, (a, b) => a.sub(b).mul(scale))];
        }
        finally
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                parameters[i].copy_(kept[i]);
            }
        }

        Tensor[] At(double distance)
        {
            using var along = distance.ToScalar();
            for (var i = 0; i < parameters.Length; i++)
            {
                parameters[i].copy_(kept[i].add(direction[i], along));
            }

            using var enabled = torch.enable_grad();
            return Gradient.Of(Checked(loss()), parameters, allowUnused: true);
        }
    }

    private static void Accumulate(Tensor[] parameters, Tensor[] gradients)
    {
        using var noGrad = torch.no_grad();
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i].grad is { } present)
            {
                present.add_(gradients[i], One);
            }
            else
            {
                parameters[i].grad = gradients[i].detach();
            }
        }
    }
}
