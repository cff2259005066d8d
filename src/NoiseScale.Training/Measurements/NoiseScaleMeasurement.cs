using DiffSharp;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>The noise scales of a network at one point of its parameters, with their intervals. (McCandlish et al. 2018)</summary>
/// <remarks>
/// Batches are drawn independently of each other, each without replacement, from the training set; G is the gradient of the mean cost over it and Σ the
/// covariance of single examples' gradients, denominator N − 1.
/// </remarks>
public sealed record NoiseScaleMeasurement
{
    /// <summary>C, the mean cross-entropy over the batches, in nats an example.</summary>
    public required double Loss { get; init; }

    /// <summary>B_simple = tr Σ/‖G‖².</summary>
    public required GradientNoiseEstimate Simple { get; init; }

    /// <summary>
    /// B_noise = tr(HΣ)/GᵀHG, its <see cref="GradientNoiseEstimate.TraceOfCovariance"/> and <see cref="GradientNoiseEstimate.SquaredGradientNorm"/> being
    /// tr(HΣ) and GᵀHG; null where it was not asked for, or where the curvature along the gradients is not positive, so that there is no such scale.
    /// </summary>
    public required GradientNoiseEstimate? Weighted { get; init; }

    /// <summary>ε_max = ‖G‖²/GᵀHG, the learning rate that lowers the loss most along the full gradient; null without <see cref="Weighted"/>.</summary>
    public double? LargestLearningRate => Weighted is { SquaredGradientNorm: > 0 and var curvature } ? Simple.SquaredGradientNorm / curvature : null;

    /// <summary>Measures at given parameters.</summary>
    /// <param name="network">A network for images of that size whose examples do not influence each other: no batch normalisation.</param>
    /// <param name="parameters">As the network takes them, requiring a gradient; left as they are.</param>
    /// <param name="examples">The training set, at least two examples.</param>
    /// <param name="settings">How finely; the defaults if null.</param>
    /// <param name="seed">Draws the batches.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or a batch exceeds the set.</exception>
    /// <exception cref="InvalidOperationException">A gradient is not finite, or all are 0.</exception>
    public static NoiseScaleMeasurement Of(
        Network network, IReadOnlyList<Tensor> parameters, ImageSet examples, NoiseScaleSettings? settings = null, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(examples);
        settings ??= new NoiseScaleSettings();
        settings.Validate(examples.Count);
        if (network is WideResNet { ResidualNormalisation: ResidualNormalisation.GhostBatchNorm })
            throw new ArgumentException($"{network.Name} normalises batches, so an example has no gradient of its own", nameof(network));

        using var scope = torch.NewDisposeScope();
        using var reader = new BatchReader(examples, new DataOrder(examples.Count, seed, Sampling.IndependentWithoutReplacement));
        using var hessian = settings.Weighted ? new HessianProduct(network, parameters, examples, settings.HessianExamples) : null;
        var size = settings.MicroBatches * settings.MicroBatchSize;
        long[] sizes = [.. Enumerable.Repeat((long)settings.MicroBatchSize, settings.MicroBatches)];
        List<GradientNoiseMeasurement> simple = [], weighted = [];
        var loss = 0.0;
        for (var batch = 0; batch < settings.Batches; batch++)
        {
            using var inner = torch.NewDisposeScope();
            var gradients = new Tensor[settings.MicroBatches];
            for (var piece = 0; piece < gradients.Length; piece++)
            {
                var (images, labels) = reader.Read((long)batch * size, settings.MicroBatchSize, piece * settings.MicroBatchSize);
                var cost = torch.nn.functional.cross_entropy(network.Apply(parameters, images.to(parameters[0].dtype)), labels);
                gradients[piece] = Flat(Gradient.Of(cost, parameters));
                loss += cost.to(torch.ScalarType.Float64).item<double>() / (settings.Batches * gradients.Length);
            }

            var mean = torch.stack(gradients).mean([0L]);
            simple.Add(GradientNoiseMeasurement.OfMicroBatches(sizes, [.. gradients.Select(g => Dot(g, g))], Dot(mean, mean), examples.Count));
            if (hessian is not null)
            {
                weighted.Add(GradientNoiseMeasurement.OfMicroBatches(
                    sizes, [.. gradients.Select(g => Dot(g, hessian.Times(g)))], Dot(mean, hessian.Times(mean)), examples.Count));
            }
        }

        return new NoiseScaleMeasurement
        {
            Loss = loss,
            Simple = GradientNoiseEstimate.Of(simple, settings.ConfidenceLevel),
            Weighted = weighted.Count > 0 && weighted.Average(one => one.TraceOfCovariance) > 0 && weighted.Average(one => one.SquaredGradientNorm) > 0
                ? GradientNoiseEstimate.Of(weighted, settings.ConfidenceLevel)
                : null,
        };
    }

    private static Tensor Flat(Tensor[] gradients) =>
        torch.cat([.. gradients.Select(gradient => gradient.reshape(-1).to(torch.ScalarType.Float64))]);

    private static double Dot(Tensor left, Tensor right)
    {
        using var product = left.dot(right);
        return product.item<double>();
    }

    /// <summary>H·v, H the Hessian of the mean cost over examples spread evenly through the set; the graph of its gradient is built once.</summary>
    private sealed class HessianProduct : IDisposable
    {
        private readonly DisposeScope _scope = torch.NewDisposeScope();
        private readonly IReadOnlyList<Tensor> _parameters;
        private readonly Tensor[] _gradients;
        private readonly long[] _sizes;

        public HessianProduct(Network network, IReadOnlyList<Tensor> parameters, ImageSet examples, int most)
        {
            _parameters = parameters;
            var count = Math.Min(most, examples.Count);
            var indices = torch.tensor([.. Enumerable.Range(0, count).Select(i => (long)i * examples.Count / count)], device: examples.Device);
            var (images, labels) = examples.Select(indices);
            _gradients = Gradient.Of(torch.nn.functional.cross_entropy(network.Apply(parameters, images.to(parameters[0].dtype)), labels), parameters, createGraph: true);
            _sizes = [.. parameters.Select(parameter => parameter.numel())];
        }

        public Tensor Times(Tensor direction)
        {
            var parts = direction.split(_sizes);
            Tensor? along = null;
            for (var i = 0; i < _gradients.Length; i++)
            {
                var part = _gradients[i].mul(parts[i].reshape(_gradients[i].shape).to(_gradients[i].dtype)).sum();
                along = along is null ? part : along.Plus(part);
            }

            return Flat(Gradient.Of(along!, _parameters, retainGraph: true));
        }

        public void Dispose() => _scope.Dispose();
    }
}
