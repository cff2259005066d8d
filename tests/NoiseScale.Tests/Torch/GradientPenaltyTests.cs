using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using static NoiseScale.Tests.Torch.SmallNetwork;
using static TorchSharp.torch;

namespace NoiseScale.Tests.Torch;

/// <summary>Gradient penalties on modules, in two lines.</summary>
internal static class GradientPenaltyTests
{
    private const double Lambda = 0.6;

    // C + (λ/4)‖∇C‖² with the parameters moved along a direction, without any penalty class
    private static double PenalisedAt(nn.Module<Tensor, Tensor> network, Tensor inputs, Tensor labels, double step, double[] direction)
    {
        using var scope = NewDisposeScope();
        var moved = Network();
        var offset = 0;
        using (no_grad())
        {
            foreach (var (to, from) in moved.parameters().Zip(network.parameters()))
            {
                var part = direction.Skip(offset).Take((int)to.numel()).ToArray();
                to.copy_(from + tensor(part, to.shape) * step);
                offset += part.Length;
            }
        }

        var loss = nn.functional.cross_entropy(moved.call(inputs), labels);
        loss.backward();
        return loss.item<double>() + Lambda / 4 * Gradient(moved).Sum(g => g * g);
    }

    internal static Test All => Runner.TestList("gradient penalty", [
        .. new[] { (PenaltyMethod.DoubleBackward, 1e-8), (PenaltyMethod.CentralDifference, 1e-7), (PenaltyMethod.ForwardDifference, 1e-5) }
            .Select(m => Runner.TestCase($"{m.Item1}: the gradient of C + (λ/4)‖∇C‖²", () => InScope(() =>
            {
                var (network, (x, y)) = (Network(), Batch(20));
                var before = network.parameters().Select(p => p.data<double>().ToArray()).ToArray();
                var loss = new GradientPenalty(Lambda, m.Item1).Backward(network.parameters(), () => nn.functional.cross_entropy(network.call(x), y));
                var found = Gradient(network);

                // central differences of the penalised loss along the gradient and along a zigzag
                foreach (var direction in new[] { found, [.. found.Select((_, i) => i % 2 == 0 ? 0.5 : -1.0)] })
                {
                    var h = 1e-5;
                    var slope = (PenalisedAt(network, x, y, h, direction) - PenalisedAt(network, x, y, -h, direction)) / (2 * h);
                    Check.Close(slope, found.Zip(direction, (g, d) => g * d).Sum(), m.Item2, "slope");
                }

                Check.Close(PenalisedAt(network, x, y, 0, found), loss.Value, 1e-13, "value");
                foreach (var (kept, parameter) in before.Zip(network.parameters()))
                    Check.SequenceEqual(kept, parameter.data<double>().ToArray(), "parameters are put back to the bit");
            }))),
        Runner.TestCase("λ = 0 is backward, and gradients add up as backward's do", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(), Batch(20));
            nn.functional.cross_entropy(network.call(x), y).backward();
            var plain = Gradient(network);
            new GradientPenalty(0).Backward(network.parameters(), () => nn.functional.cross_entropy(network.call(x), y));
            foreach (var (once, twice) in plain.Zip(Gradient(network)))
                Check.Close(2 * once, twice, 1e-12, "twice");
        })),
        Runner.TestCase("an optimizer steps on it, in float32; frozen parameters stay out", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(ScalarType.Float32), Batch(20, ScalarType.Float32));
            network.parameters().First().requires_grad = false;
            var optimizer = optim.SGD(network.parameters(), 0.2);
            var penalty = new GradientPenalty(0.01);
            var losses = new List<double>();
            for (var step = 0; step < 30; step++)
            {
                optimizer.zero_grad();
                losses.Add(penalty.Backward(network.parameters(), () => nn.functional.cross_entropy(network.call(x), y)).Loss);
                optimizer.step();
            }

            Check.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} falls to {losses[^1]}");
            Check.True(network.parameters().First().grad is null, "the frozen one has no gradient");
        })),
        Runner.TestCase("nothing is left behind", () => InScope(() =>
        {
            var (network, (x, y)) = (Network(), Batch(20));
            foreach (var method in Enum.GetValues<PenaltyMethod>())
            {
                var penalty = new GradientPenalty(Lambda, method);
                Step(); // makes the gradients; later ones add to them
                var before = Live.Tensors;
                for (var i = 0; i < 20; i++)
                    Step();
                Check.Equal(before, Live.Tensors, $"{method}: live tensors");

                void Step() => penalty.Backward(network.parameters(), () => nn.functional.cross_entropy(network.call(x), y));
            }
        })),
        Runner.TestCase("bad input is named", () => InScope(() =>
        {
            var network = Network();
            var penalty = new GradientPenalty(Lambda);
            Check.Throws<ArgumentOutOfRangeException>(() => new GradientPenalty(-1), "λ < 0");
            Check.Throws<ArgumentOutOfRangeException>(() => new GradientPenalty(double.NaN), "λ NaN");
            Check.Throws<ArgumentOutOfRangeException>(() => new GradientPenalty(1, (PenaltyMethod)9), "no method");
            Check.Throws<InvalidOperationException>(() => penalty.Backward(network.parameters(), () => ones(3)), "three numbers");
            Check.Throws<InvalidOperationException>(() => penalty.Backward(network.parameters(), () => ones(1)), "a constant");
            Check.Throws<ArgumentException>(() => penalty.Backward([ones(2)], () => ones(1)), "nothing to differentiate");
        })),
    ]);
}
