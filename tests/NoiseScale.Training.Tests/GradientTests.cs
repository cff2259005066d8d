using DiffSharp;

namespace NoiseScale.Training.Tests;

internal static class GradientTests
{
    public static Test All => TestList("gradient",
    [
        TestCase("first to third derivative of e^x sin x", () =>
        {
            using var scope = torch.NewDisposeScope();
            double[] at = [1.5, -2.0];
            var x = Leaf(at);
            var first = Gradient.Of((x.exp() * x.sin()).sum(), [x], createGraph: true)[0];
            var second = Gradient.Of(first.sum(), [x], createGraph: true)[0];
            var third = Gradient.Of(second.sum(), [x])[0];
            Check.Close(Numbers(at, v => Math.Exp(v) * (Math.Sin(v) + Math.Cos(v))), first, 1e-14);
            Check.Close(Numbers(at, v => 2 * Math.Exp(v) * Math.Cos(v)), second, 1e-14);
            Check.Close(Numbers(at, v => 2 * Math.Exp(v) * (Math.Cos(v) - Math.Sin(v))), third, 1e-14);
        }),
        TestCase("the gradients of several outputs add up, and a vector weights a Jacobian", () =>
        {
            using var scope = torch.NewDisposeScope();
            var x = Leaf([1.0, 2.0, 3.0]);
            Check.Close(Numbers([1.0, 2.0, 3.0], v => (2 * v) + 1), Gradient.Of([x.square().sum(), x.sum()], [x])[0], 0);
            Check.Close(Numbers([1.0, 2.0, 3.0], v => 20 * v), Gradient.VectorJacobian([x.square()], [x], [torch.full(3, 10.0, torch.float64)])[0], 0);
        }),
        TestCase("an unused input is refused, or has derivative zero when allowed", () =>
        {
            using var scope = torch.NewDisposeScope();
            var (x, y) = (Leaf([1.0]), Leaf([5.0, 6.0]));
            Check.Throws<ArgumentException>(() => Gradient.Of(x.sum(), [x, y]), "input 1", "[2]", "inputs");
            var gradients = Gradient.Of(x.sum(), [x, y], allowUnused: true);
            Check.Close(Numbers([0, 0], v => v), gradients[1], 0);
        }),
        TestCase("what libtorch cannot do is an exception, and the process lives on", () =>
        {
            using var scope = torch.NewDisposeScope();
            var x = Leaf([1.0, 2.0]);
            var freed = x.square().sum();
            Gradient.Of(freed, [x]);
            Check.Throws<InvalidOperationException>(() => Gradient.Of(freed, [x]), "second time");
            var kept = x.square().sum();
            Gradient.Of(kept, [x], retainGraph: true);
            Check.Close(Numbers([1.0, 2.0], v => 2 * v), Gradient.Of(kept, [x])[0], 0);
        }),
        TestCase("arguments are checked before libtorch sees them", () =>
        {
            using var scope = torch.NewDisposeScope();
            var x = Leaf([1.0, 2.0]);
            var constant = torch.ones(1, torch.float64);
            Check.Throws<ArgumentException>(() => Gradient.Of(x * 2, [x]), "output 0", "[2]", "outputs");
            Check.Throws<ArgumentException>(() => Gradient.Of(constant, [x]), "does not require a gradient", "outputs");
            Check.Throws<ArgumentException>(() => Gradient.Of(x.sum(), [constant]), "does not require a gradient", "inputs");
            Check.Throws<ArgumentException>(() => Gradient.Of(x.sum(), []), "empty", "inputs");
            Check.Throws<ArgumentException>(() => Gradient.Of(x.sum(), [x, null!]), "tensor 1 is null");
            Check.Throws<ArgumentNullException>(() => Gradient.Of(x.sum(), null!), "inputs");
            Check.Throws<ArgumentException>(() => Gradient.VectorJacobian([x * 2], [x], [constant]), "vector 0", "[1]", "[2]");
            Check.Throws<ArgumentException>(() => Gradient.VectorJacobian([x * 2], [x], []), "0 vectors for 1 outputs");
        }),
        TestCase("a double derivative leaves nothing behind", () =>
        {
            var x = Leaf([1.0, 2.0]);
            var live = Data.ImageDataSetTests.LiveTensors();
            for (var i = 0; i < 20; i++)
            {
                using var scope = torch.NewDisposeScope();
                var gradient = Gradient.Of(x.pow(3).sum(), [x], createGraph: true)[0];
                Gradient.Of(gradient.square().sum(), [x]);
            }

            Check.Equal(live, Data.ImageDataSetTests.LiveTensors());
            x.Dispose();
        }),
    ]);

    private static Tensor Leaf(double[] values) => torch.tensor(values, requires_grad: true);

    private static Tensor Numbers(double[] at, Func<double, double> function) => torch.tensor(Array.ConvertAll(at, value => function(value)));
}
