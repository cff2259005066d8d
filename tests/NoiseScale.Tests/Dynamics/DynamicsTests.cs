using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests.Dynamics;

/// <summary>Modified equations and losses as a C# program asks for them.</summary>
internal static class DynamicsTests
{
    private static Schedule Constant(Optimizer optimizer, double momentum = 0, double batch = 10) =>
        Schedule.Constant(0.2, batch, 5, 1000, momentum, optimizer);

    internal static Test All => Runner.TestList("dynamics", [
        Runner.TestCase("derivations print themselves", () =>
        {
            var derivation = OptimizerDynamics.GradientDescent.Derive(3);
            Check.Equal("gradient descent", derivation.Optimizer, "optimizer");
            Check.Equal(4, derivation.TermCount, "terms");
            Check.True(!derivation.HasModifiedLoss && OptimizerDynamics.GradientDescent.Derive(2).HasModifiedLoss, "a loss to order 2 only");
            Check.True(derivation.Text.Contains("− 1/2 ε f′f", StringComparison.Ordinal), derivation.Text);
            Check.True(derivation.Latex.Contains(@"\frac{1}{12} \varepsilon^{2} f''(f, f)", StringComparison.Ordinal), derivation.Latex);
        }),
        Runner.TestCase("every optimizer", () =>
        {
            (OptimizerDynamics Dynamics, string Loss)[] all =
            [
                (OptimizerDynamics.HeavyBall(), "1/(1 − β) C + (1 + β)/(4(1 − β)³) ε ‖∇C‖²"),
                (OptimizerDynamics.HeavyBall(0.9), "10 C + 475 ε ‖∇C‖²"),
                (OptimizerDynamics.Nesterov(0.5), "2 C + 2 ε ‖∇C‖²"),
                (OptimizerDynamics.Sgd(), "C + 1/4 ε ⟨‖∇Ĉ_i‖²⟩"),
                (OptimizerDynamics.Sgd(MinibatchSampling.WithReplacement, 10), "C + 1/4 ε ‖∇C‖²"),
                (OptimizerDynamics.SgdSteps(null, 10), "C + 1/4 ε ⟨‖∇Ĉ_i‖²⟩"),
                (OptimizerDynamics.SgdInOrder([0, 1, 1, 0]), "1/2 Ĉ₀ + 1/2 Ĉ₁ + 1/8 ε ‖∇Ĉ₀‖² + 1/8 ε ‖∇Ĉ₁‖²"),
                (OptimizerDynamics.SgdHeavyBall(2, 0), "C + 1/4 ε ⟨‖∇Ĉ_i‖²⟩"),
            ];
            foreach (var (dynamics, loss) in all)
                Check.True(dynamics.Derive(2).Text.Contains(loss, StringComparison.Ordinal), dynamics.Derive(2).Text);
            Check.Equal(2, OptimizerDynamics.SgdNesterov(4, 0.9).HighestOrder, "highest order");
            Check.Equal(null, OptimizerDynamics.GradientDescent.HighestOrder, "no limit");
        }),
        Runner.TestCase("Adam, ε outside and inside the root", () =>
        {
            Check.True(AdamDynamics.Derive(1).Contains("D = |g| + ε", StringComparison.Ordinal), AdamDynamics.Derive(1));
            Check.True(AdamDynamics.Derive(2, epsilonInsideRoot: true).Contains("+ 1/2) ε/D²) ∇∇C(g/D)/D", StringComparison.Ordinal), "inside");
            Check.True(AdamDynamics.Derive(2, latex: true).Contains(@"\frac{\nabla\nabla C \, (g/D)}{D}", StringComparison.Ordinal), "LaTeX");
        }),
        Runner.TestCase("the modified loss of a schedule at a time", () =>
        {
            var sgd = Constant(Optimizers.Sgd).ModifiedLossAt(1);
            Check.Close(0.2, sgd.EffectiveLearningRate, 1e-15, "η");
            Check.Close(0.05, sgd.GradientNormCoefficient, 1e-15, "η/4");
            Check.Close(0.05 * 990 / 999 / 10, sgd.VarianceCoefficient, 1e-14, "(η/4)(N−B)/((N−1)B)");
            Check.Close(2 + 0.05 * 3 + sgd.VarianceCoefficient * 4, sgd.Value(2, 3, 4), 1e-15, "C̃");

            var heavy = Constant(Optimizers.HeavyBall(), 0.9).ModifiedLossAt(1);
            Check.Close(2, heavy.EffectiveLearningRate, 1e-15, "ε/(1−m)");
            Check.Close(0.5 * 19, heavy.GradientNormCoefficient, 1e-14, "(η/4)(1+m)/(1−m)");

            var replaced = Constant(Optimizers.Sgd).ModifiedLossAt(1, MinibatchSampling.WithReplacement);
            Check.Equal(0.0, replaced.VarianceCoefficient, "no variance with replacement");
            Check.Equal(0.0, Constant(Optimizers.Sgd, batch: 1000).ModifiedLossAt(1).VarianceCoefficient, "nor at full batch");
        }),
        Runner.TestCase("bad input is named", () =>
        {
            Check.Throws<ScheduleException>(() => Constant(Optimizers.Adam()).ModifiedLossAt(1), "Adam");
            Check.Throws<ScheduleException>(() => Constant(Optimizers.Sgd).ModifiedLossAt(-1), "a time before training");
            Check.Throws<ArgumentOutOfRangeException>(() => OptimizerDynamics.HeavyBall(1), "momentum 1");
            Check.Throws<ArgumentOutOfRangeException>(() => OptimizerDynamics.HeavyBall(double.NaN), "momentum NaN");
            Check.Throws<ArgumentOutOfRangeException>(() => OptimizerDynamics.Sgd(minibatches: 0), "no minibatch");
            Check.Throws<ArgumentOutOfRangeException>(() => OptimizerDynamics.SgdHeavyBall(1), "one minibatch");
            Check.Throws<ArgumentOutOfRangeException>(() => OptimizerDynamics.GradientDescent.Derive(0), "order 0");
            Check.Throws<ArgumentOutOfRangeException>(() => OptimizerDynamics.SgdHeavyBall(4, 0.5).Derive(3), "order 3 with momentum");
            Check.Throws<ArgumentException>(() => OptimizerDynamics.SgdInOrder([]), "an empty order");
            Check.Throws<ArgumentOutOfRangeException>(() => AdamDynamics.Derive(3), "Adam at order 3");
        }),
    ]);
}
