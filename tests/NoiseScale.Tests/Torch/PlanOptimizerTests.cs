using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace NoiseScale.Tests.Torch;

/// <summary>TorchSharp's optimizers under a plan, against the formulas of the conventions computed by hand.</summary>
internal static class PlanOptimizerTests
{
    // Gradients of eight updates; the learning rate falls 5-fold before the fourth and the momentum changes before the sixth.
    private static readonly double[] Gradients = [1, -0.5, 0.25, 2, -1, 0.5, 0.125, -3];

    private static Schedule Changing(Optimizer optimizer, Curve momentum) =>
        Schedule.StepDecay(0.1, 5, [3], batchSize: 4, epochs: 8, trainingSetSize: 4, momentum: momentum, optimizer: optimizer);

    private static readonly Curve Rising = Curve.Step(0.9, (5, 0.5));

    /// <summary>The weight after each update of a plan, from weight 1, on gradients that are given.</summary>
    private static double[] Run(
        Plan plan, Func<Parameter, optim.Optimizer> make, double[] gradients, Func<optim.Optimizer, PlanOptimizer> follow)
    {
        using var scope = NewDisposeScope();
        var weight = new Parameter(ones(1, dtype: ScalarType.Float64));
        using var optimizer = make(weight);
        var following = follow(optimizer);
        var weights = new List<double>();
        foreach (var update in plan)
        {
            optimizer.zero_grad();
            (weight * gradients[update.Index]).sum().backward();
            following.Step(update);
            weights.Add(weight.item<double>());
        }

        return [.. weights];
    }

    // w after each update: step(v, g, ε, m) answers the new buffer and what is taken from w.
    private static double[] ByHand(Plan plan, double[] gradients, Func<double, double, double, double, (double Buffer, double Step)> step)
    {
        var (weight, buffer) = (1.0, 0.0);
        return [.. plan.Select(update =>
        {
            (buffer, var taken) = step(buffer, gradients[update.Index], update.LearningRate, update.Momentum);
            return weight -= taken;
        })];
    }

    private static void Agree(double[] expected, double[] actual, string what)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            // weights start at 1, so this many times its rounding
            var allowed = 1e-14 * Math.Max(1, Math.Abs(expected[i]));
            var off = Math.Abs(expected[i] - actual[i]);
            Check.True(off <= allowed, $"{what}, weight after update {i}: expected {expected[i]}, got {actual[i]}");
        }
    }

    private static (double, double) Outside(double v, double g, double rate, double m) => (m * v + g, rate * (m * v + g));

    private static (double, double) Inside(double v, double g, double rate, double m) => (m * v + rate * g, m * v + rate * g);

    private static (double, double) Damped(double v, double g, double rate, double m) => (m * v + (1 - m) * g, rate * (m * v + (1 - m) * g));

    private static (double, double) LookingAhead(double v, double g, double rate, double m) => (m * v + g, rate * (g + m * (m * v + g)));

    private static (double, double) LookingAheadInside(double v, double g, double rate, double m) =>
        (m * v + rate * g, rate * g + m * (m * v + rate * g));

    private static optim.Optimizer Sgd(Parameter p, double momentum = 0.9, double dampening = 0, bool nesterov = false) =>
        optim.SGD([p], 1, momentum, dampening, 0, nesterov);

    private static void Follows(
        string what,
        Optimizer family,
        Func<Parameter, optim.Optimizer> make,
        Func<double, double, double, double, (double, double)> formula,
        bool rescale = false)
    {
        var plan = Changing(family, Rising).Plan();
        Agree(ByHand(plan, Gradients, formula), Run(plan, make, Gradients, o => o.Follow(plan, rescaleBuffers: rescale)), what);
    }

    private static ArgumentException Refused(Schedule schedule, Func<Parameter, optim.Optimizer> make, MomentumConvention? convention = null)
    {
        using var scope = NewDisposeScope();
        using var optimizer = make(new Parameter(ones(1)));
        var error = Check.Throws<ArgumentException>(() => optimizer.Follow(schedule.Plan(), convention: convention), schedule.ToString());
        Check.Equal("optimizer", error.ParamName, "parameter");
        return error;
    }

    private static void Names(ArgumentException error, params string[] words)
    {
        foreach (var word in words)
            Check.True(error.Message.Contains(word, StringComparison.Ordinal), $"'{word}' in: {error.Message}");
    }

    internal static Test All => Runner.TestList("optimizers", [
        Runner.TestCase("plain SGD", () =>
        {
            var plan = Changing(Optimizers.Sgd, 0).Plan();
            Agree(
                ByHand(plan, Gradients, (_, g, rate, _) => (0, rate * g)),
                Run(plan, p => Sgd(p, momentum: 0), Gradients, o => o.Follow(plan)), "SGD");
        }),
        Runner.TestCase("the heavy ball, learning rate outside", () =>
            Follows("outside", Optimizers.HeavyBall(), p => Sgd(p), Outside)),
        Runner.TestCase("the heavy ball, learning rate inside, by rescaled buffers", () =>
            Follows("inside", Optimizers.HeavyBall(MomentumConvention.LearningRateInside), p => Sgd(p), Inside, rescale: true)),
        Runner.TestCase("the heavy ball, dampened, its average starting at 0", () =>
            Follows("dampened", Optimizers.HeavyBall(MomentumConvention.Dampened), p => Sgd(p, 0.3, dampening: 0.3), Damped)),
        Runner.TestCase("Nesterov, learning rate outside", () =>
            Follows("Nesterov", Optimizers.Nesterov(), p => Sgd(p, nesterov: true), LookingAhead)),
        Runner.TestCase("Nesterov, learning rate inside, by rescaled buffers", () =>
        {
            var family = Optimizers.Nesterov(MomentumConvention.LearningRateInside);
            Follows("Nesterov inside", family, p => Sgd(p, nesterov: true), LookingAheadInside, rescale: true);
        }),
        Runner.TestCase("after a change of the learning rate the conventions differ by exactly its factor", () =>
        {
            // one gradient, then none: from the change on, what is left is the buffer
            double[] once = [1, 0, 0, 0, 0, 0, 0, 0];
            double[] StepsIn(MomentumConvention convention, bool rescale)
            {
                var plan = Changing(Optimizers.HeavyBall(convention), 0.9).Plan();
                var weights = Run(plan, p => Sgd(p), once, o => o.Follow(plan, rescaleBuffers: rescale));
                return [.. weights.Zip(weights.Prepend(1), (after, before) => after - before)];
            }

            var outside = StepsIn(MomentumConvention.LearningRateOutside, false);
            var inside = StepsIn(MomentumConvention.LearningRateInside, true);
            for (var i = 0; i < once.Length; i++)
                Check.Close(i < 3 ? 1 : 5, inside[i] / outside[i], 1e-12, $"step {i}, inside over outside");
        }),
        Runner.TestCase("momentum that rises from 0 finds the last gradient in its buffer", () =>
        {
            var plan = Changing(Optimizers.HeavyBall(), Curve.Step(0, (2, 0.9), (4, 0), (6, 0.5))).Plan();
            Agree(ByHand(plan, Gradients, Outside), Run(plan, p => Sgd(p), Gradients, o => o.Follow(plan)), "from 0");
        }),
        Runner.TestCase("a resumed run takes the steps of the uninterrupted one, rescaled buffers included", () =>
        {
            var plan = Changing(Optimizers.HeavyBall(MomentumConvention.LearningRateInside), Rising).Plan();
            var whole = Run(plan, p => Sgd(p), Gradients, o => o.Follow(plan, rescaleBuffers: true));
            // every update through a new PlanOptimizer around the old optimizer: as if resumed before each
            using var scope = NewDisposeScope();
            var weight = new Parameter(ones(1, dtype: ScalarType.Float64));
            using var optimizer = Sgd(weight);
            foreach (var update in plan)
            {
                optimizer.zero_grad();
                (weight * Gradients[update.Index]).sum().backward();
                var following = optimizer.Follow(plan, rescaleBuffers: true);
                following.Apply(update);
                following.Apply(update); // twice is once
                following.Step(update);
                Check.Equal(whole[update.Index], weight.item<double>(), $"weight after update {update.Index}");
            }
        }),
        Runner.TestCase("Adam and AdamW get learning rate, β, ε and weight decay", () =>
        {
            using var scope = NewDisposeScope();
            var schedule = Changing(Optimizers.Adam(0.8, 0.98, 1e-5), 0).WithWeightDecay(0.01);
            using var adam = optim.Adam([new Parameter(ones(1))], 1);
            var following = adam.Follow(schedule.Plan());
            following.Apply(schedule.Plan()[4]);
            var options = ((Adam.ParamGroup)adam.ParamGroups.Single()).Options;
            Check.Close(0.02, options.LearningRate!.Value, 1e-15, "ε");
            Check.Equal((0.8, 0.98), (options.beta1!.Value, options.beta2!.Value), "β");
            Check.Equal((1e-5, 0.01), (options.eps!.Value, options.weight_decay!.Value), "ε_Adam and λ");

            using var adamW = optim.AdamW([new Parameter(ones(1))], 1, weight_decay: 0.3);
            adamW.Follow(schedule.WithOptimizer(Optimizers.AdamW(0.7)).WithWeightDecay(0).Plan()).Apply(schedule.Plan()[0]);
            var decoupled = ((AdamW.ParamGroup)adamW.ParamGroups.Single()).Options;
            Check.Equal(0.7, decoupled.beta1!.Value, "β₁");
            Check.Equal(0.3, decoupled.weight_decay!.Value, "the optimizer's own λ where the schedule has none");
        }),
        Runner.TestCase("one step of Adam is the formula", () =>
        {
            var plan = Changing(Optimizers.Adam(0.8, 0.98, 1e-5), 0).Plan();
            var (weight, first, second) = (1.0, 0.0, 0.0);
            var expected = plan.Select(update =>
            {
                var (g, k) = (Gradients[update.Index], update.Index + 1);
                (first, second) = (0.8 * first + 0.2 * g, 0.98 * second + 0.02 * g * g);
                var corrected = Math.Sqrt(second / (1 - Math.Pow(0.98, k)));
                return weight -= update.LearningRate * (first / (1 - Math.Pow(0.8, k))) / (corrected + 1e-5);
            }).ToArray();
            Agree(expected, Run(plan, p => optim.Adam([p], 1), Gradients, o => o.Follow(plan)), "Adam");
        }),
        Runner.TestCase("RMSProp with momentum keeps the learning rate outside", () =>
        {
            var plan = Changing(Optimizers.HeavyBall(), Rising).Plan();
            var (weight, square, buffer) = (1.0, 0.0, 0.0);
            var expected = plan.Select(update =>
            {
                var g = Gradients[update.Index];
                square = 0.99 * square + 0.01 * g * g;
                buffer = update.Momentum * buffer + g / (Math.Sqrt(square) + 1e-8);
                return weight -= update.LearningRate * buffer;
            }).ToArray();
            Agree(expected, Run(plan, p => optim.RMSProp([p], 1, momentum: 0.9), Gradients, o => o.Follow(plan)), "RMSProp");
        }),
        Runner.TestCase("optimizers without momentum follow the learning rate", () =>
        {
            var plan = Changing(Optimizers.Sgd, 0).Plan();
            Func<Parameter, optim.Optimizer>[] makers =
                [p => optim.Adagrad([p], 1), p => optim.Adadelta([p], 1), p => optim.ASGD([p], 1), p => optim.Rprop([p], 1)];
            foreach (var make in makers)
            {
                using var scope = NewDisposeScope();
                using var optimizer = make(new Parameter(ones(1)));
                optimizer.Follow(plan).Apply(plan[4]);
                Check.Close(0.02, optimizer.ParamGroups.Single().LearningRate, 1e-15, optimizer.GetType().Name);
            }
        }),
        Runner.TestCase("L-BFGS follows the learning rate, and needs its closure", () =>
        {
            using var scope = NewDisposeScope();
            var plan = Schedule.Constant(0.25, 1, 2, 1).Plan();
            var weight = new Parameter(ones(1, dtype: ScalarType.Float64));
            using var optimizer = optim.LBFGS([weight], lr: 1, max_iter: 1);
            var following = optimizer.Follow(plan);
            following.Step(plan[0], () =>
            {
                optimizer.zero_grad();
                var loss = (weight * weight / 2).sum();
                loss.backward();
                return loss;
            });
            Check.Close(0.75, weight.item<double>(), 1e-14, "one step down the gradient 1, of length 0.25");
            Check.Throws<ArgumentNullException>(() => following.Step(plan[1]), "no closure");
        }),
        Runner.TestCase("every parameter group follows, with a factor of its own", () =>
        {
            using var scope = NewDisposeScope();
            var plan = Changing(Optimizers.HeavyBall(), Rising).Plan();
            SGD.ParamGroup[] groups =
                [new([new Parameter(ones(1))], lr: 1, momentum: 0.9), new([new Parameter(ones(1))], lr: 1, momentum: 0.1)];
            using var optimizer = optim.SGD(groups, 1);
            optimizer.Follow(plan, groupFactors: [1, 0.1]).Apply(plan[6]);
            Check.SequenceEqual([plan[6].LearningRate, 0.1 * plan[6].LearningRate], groups.Select(g => g.LearningRate), "learning rates");
            Check.SequenceEqual([0.5, 0.5], groups.Select(g => g.Momentum), "momenta");
            Check.Throws<ArgumentException>(() => optimizer.Follow(plan, groupFactors: [1]), "one factor for two groups");
            Check.Throws<ArgumentOutOfRangeException>(() => optimizer.Follow(plan, groupFactors: [1, 0]), "a factor of 0");
        }),
        Runner.TestCase("another convention is refused by name, with the cure", () =>
        {
            Names(
                Refused(Changing(Optimizers.HeavyBall(MomentumConvention.LearningRateInside), 0.9), p => Sgd(p)),
                "LearningRateOutside", "LearningRateInside", "rescaleBuffers", "group 0 of SGD");
            Names(
                Refused(Changing(Optimizers.HeavyBall(MomentumConvention.Dampened), 0.9), p => Sgd(p)),
                "LearningRateOutside", "Dampened", "dampening");
            Names(Refused(Changing(Optimizers.HeavyBall(), 0.9), p => Sgd(p, dampening: 0.9)), "Dampened", "LearningRateOutside");
            Names(Refused(Changing(Optimizers.HeavyBall(), 0.9), p => Sgd(p, dampening: 0.2)), "0.2", "0.9", "no convention");
            Names(Refused(Changing(Optimizers.HeavyBall(), 0.9), p => Sgd(p), MomentumConvention.Dampened), "was stated");
        }),
        Runner.TestCase("another family is refused by name, with the cure", () =>
        {
            Names(Refused(Changing(Optimizers.Sgd, 0), p => Sgd(p)), "plain SGD", "momentum 0.9", "HeavyBall");
            Names(Refused(Changing(Optimizers.Sgd, 0), p => optim.Adam([p])), "plain SGD", "group 0 of Adam", "WithOptimizer");
            Names(Refused(Changing(Optimizers.HeavyBall(), 0.9), p => Sgd(p, nesterov: true)), "looks ahead");
            Names(Refused(Changing(Optimizers.Nesterov(), 0.9), p => Sgd(p)), "nesterov: true");
            Names(Refused(Changing(Optimizers.HeavyBall(), 0.9), p => optim.Adam([p])), "no momentum");
            Names(Refused(Changing(Optimizers.HeavyBall(), 0.9), p => optim.RMSProp([p])), "no buffers", "group 0 of RMSProp");
            Names(Refused(Changing(Optimizers.Adam(), 0), p => Sgd(p)), "needs Adam");
            Names(Refused(Changing(Optimizers.Adam(), 0), p => optim.AdamW([p])), "not AdamW");
            Names(Refused(Changing(Optimizers.AdamW(), 0), p => optim.Adam([p])), "needs AdamW");
        }),
        Runner.TestCase("steps leave no tensors behind", () =>
        {
            var plan = Changing(Optimizers.HeavyBall(MomentumConvention.LearningRateInside), Rising).Plan();
            Live.NothingLeftBy(() => Run(plan, p => Sgd(p), Gradients, o => o.Follow(plan, rescaleBuffers: true)), "a run, optimizer disposed");
        }),
    ]);
}
