using DiffSharp;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training.Tests.Networks;

/// <summary>Both derivatives of every network against central differences in float64.</summary>
internal static class DerivativeTests
{
    // central differences: truncation h²·f‴/6 against rounding 10⁻¹⁶·f/h; at h = 10⁻⁵ both are below 10⁻⁹ of numbers of order 1, and
    // second differences of the normalised network are the worst with 10⁻⁷. A wrong derivative is off by its own size.
    private const double Step = 1e-5;
    private const double Tolerance = 1e-5;

    public static Test All => TestList("derivatives",
    [
        .. Samples.Tiny.Select(sample => TestCase($"gradient of {sample.Network.Name}", () =>
            Compare(sample.Network, sample.BatchSize, Loss, p => Gradient.Of(p.Loss, p.Parameters)))),
        .. Samples.Tiny.Select(sample => TestCase($"gradient of the squared gradient of {sample.Network.Name}", () =>
            Compare(sample.Network, sample.BatchSize, SquaredGradient, p => Gradient.Of(p.Loss, p.Parameters, allowUnused: true)))),
    ]);

    private delegate Tensor Scalar(Network network, Tensor[] parameters, Tensor images, Tensor labels);

    private static Tensor Loss(Network network, Tensor[] parameters, Tensor images, Tensor labels) =>
        torch.nn.functional.cross_entropy(network.Apply(parameters, images), labels);

    // ‖∇L‖², which later work minimises
    private static Tensor SquaredGradient(Network network, Tensor[] parameters, Tensor images, Tensor labels) =>
        Gradient.Of(Loss(network, parameters, images, labels), parameters, createGraph: true)
            .Select(gradient => gradient.square().sum())
            .Aggregate((sum, next) => sum + next);

    // one random direction in each parameter tensor, so that a failure names the tensor
    private static void Compare(Network network, int count, Scalar function, Func<(Tensor Loss, Tensor[] Parameters), Tensor[]> derivative)
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Samples.Perturbed(network, 1);
        var (images, labels) = (Samples.Images(network, count, 2), Samples.Labels(network, count));
        var gradients = derivative((function(network, parameters, images, labels), parameters));
        using var generator = new torch.Generator(3, torch.CPU);
        for (var i = 0; i < parameters.Length; i++)
        {
            var direction = torch.randn(parameters[i].shape, torch.ScalarType.Float64, generator: generator);
            double At(double step)
            {
                Tensor[] moved = [.. parameters];
                moved[i] = (parameters[i].detach() + (direction * step)).requires_grad_(true);
                return function(network, moved, images, labels).item<double>();
            }

            var difference = (At(Step) - At(-Step)) / (2 * Step);
            var derived = (gradients[i] * direction).sum().item<double>();
            Check.Close(difference, derived, Tolerance * Math.Max(1, Math.Abs(difference)), network.ParameterShapes[i].ToString());
        }

        // a loss that did not depend on its parameters would pass all of the above
        Check.True(gradients.Max(gradient => gradient.abs().max().item<double>()) > 1e-3);
        Array.ForEach(parameters, parameter => parameter.Dispose());
    }
}
