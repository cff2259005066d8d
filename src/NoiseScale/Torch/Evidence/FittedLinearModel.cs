using DiffSharp;
using NoiseScale.Theory;

namespace NoiseScale.Torch;

/// <summary>A logistic or softmax regression at the minimum of its cost with a prior, and the evidence there.</summary>
/// <remarks>Owns its weights until it is disposed.</remarks>
public sealed class FittedLinearModel : IDisposable
{
    private readonly Likelihood _likelihood;

    internal FittedLinearModel(Likelihood likelihood, Weighing.ProfilePoint point)
    {
        _likelihood = likelihood;
        Weights = TorchTensors.Unwrap(point.Minimum.Weights).DetachFromDisposeScope();
        (CostGap, Iterations) = (point.Minimum.CostGap, point.Minimum.Iterations);
        Evidence = new Evidence(point.Report, point.Lambda);
    }

    /// <summary>ω₀, float64 [inputs + 1, outputs], the biases last; one output for two classes.</summary>
    public Tensor Weights { get; }

    /// <summary>C(ω₀) is at most this above the least, in nats: ‖∇C‖²/2λ, for C is strongly convex.</summary>
    public double CostGap { get; }

    /// <summary>Newton steps it took.</summary>
    public int Iterations { get; }

    /// <summary>The evidence.</summary>
    public Evidence Evidence { get; }

    /// <summary>The mean cross-entropy and the accuracy on examples.</summary>
    /// <param name="inputs">[n, …], as many numbers each as in training.</param>
    /// <param name="labels">int64 [n].</param>
    /// <returns>Nats an example, and the part of the examples whose likeliest class is right.</returns>
    /// <exception cref="ArgumentException">A label is out of range, or the shapes do not fit.</exception>
    public (double CrossEntropy, double Accuracy) Evaluate(Tensor inputs, Tensor labels)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(labels);
        return TheoryScope.Run(() =>
        {
            var (x, y) = (TorchTensors.Wrap(inputs), TorchTensors.Wrap(labels));
            LikelihoodModule.check(_likelihood, y);
            var outputs = Weighing.LinearModelModule.predict(true, TorchTensors.Wrap(Weights), x);
            var costs = TorchTensors.Unwrap(LikelihoodModule.costs(_likelihood, outputs, y));
            using var zero = 0.ToScalar();
            var z = TorchTensors.Unwrap(outputs);
            var chosen = z.size(1) == 1 ? z.squeeze(1).gt(zero).to(torch.ScalarType.Int64) : z.argmax(1);
            var right = chosen.eq(labels).to(torch.ScalarType.Float64).mean();
            return (costs.mean().item<double>(), right.item<double>());
        });
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose() => Weights.Dispose();
}
