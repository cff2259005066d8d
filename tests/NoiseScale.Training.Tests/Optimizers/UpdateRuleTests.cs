namespace NoiseScale.Training.Tests.Optimization;

/// <summary>Every update rule against its recurrence written out for one number, and against torch.optim where that has the rule.</summary>
internal static class UpdateRuleTests
{
    private const double Tolerance = 1e-12;
    private const int Updates = 60;

    public static Test All => TestList("update rules",
    [
        TestCase("SGD follows its recurrence", () => Follows(p => new SgdRule(p, 0.01), new SgdScalar(0.01), hasMomentum: false)),
        TestList("momentum follows its recurrence",
            from convention in Enum.GetValues<MomentumConvention>()
            from nesterov in new[] { false, true }
            from decay in new[] { 0.0, 0.03 }
            select TestCase($"{convention}, {(nesterov ? "Nesterov" : "heavy ball")}, weight decay {decay}", () =>
                Follows(p => new MomentumRule(p, convention, nesterov, decay), new MomentumScalar(convention, nesterov, decay), hasMomentum: true))),
        TestList("Adam follows its recurrence",
            from decoupled in new[] { false, true }
            from decay in new[] { 0.0, 0.02 }
            select TestCase($"{(decoupled ? "decoupled" : "coupled")}, weight decay {decay}", () =>
                Follows(p => new AdamRule(p, 0.8, 0.95, 1e-6, decay, decoupled), new AdamScalar(0.8, 0.95, 1e-6, decay, decoupled), hasMomentum: false))),
        TestCase("torch.optim agrees on SGD", () =>
            Agrees(p => new SgdRule(p, 0.01), p => torch.optim.SGD(p, 0.1, weight_decay: 0.01), momentum: 0)),
        TestCase("torch.optim agrees on the heavy ball", () =>
            Agrees(p => new MomentumRule(p, weightDecay: 0.01), p => torch.optim.SGD(p, 0.1, momentum: 0.9, weight_decay: 0.01), momentum: 0.9)),
        TestCase("torch.optim agrees on Nesterov", () =>
            Agrees(p => new MomentumRule(p, nesterov: true), p => torch.optim.SGD(p, 0.1, momentum: 0.9, nesterov: true), momentum: 0.9)),
        TestCase("torch.optim agrees on Adam", () =>
            Agrees(p => new AdamRule(p, weightDecay: 0.01), p => torch.optim.Adam(p, 0.1, weight_decay: 0.01), momentum: 0)),
        TestCase("torch.optim agrees on AdamW", () =>
            Agrees(p => new AdamRule(p, weightDecay: 0.01, decoupled: true), p => torch.optim.AdamW(p, 0.1, weight_decay: 0.01), momentum: 0)),
        TestCase("the conventions part only where the learning rate changes", ConventionsPart),
        TestCase("a gradient that is a view counts as its values", ViewsCount),
        TestCase("a restored rule goes on bit for bit", RestoreGoesOn),
        TestCase("the weight average follows its recurrence", AverageFollows),
        TestCase("bad input is refused and changes nothing", BadInput),
        TestCase("updates leak nothing", LeakNothing),
    ]);

    // ---- settings and gradients that change at every update ------------------------------------------------------------

    private static double RateOf(int k) => 0.1 / (1 + (k / 10 % 3));

    private static double MomentumOf(int k) => k < 5 ? 0 : k < 20 ? 0.9 : k < 40 ? 0.5 : 0.95;

    // the gradient of a quadratic bowl with a wandering centre, one number at a time
    private static double GradientOf(double w, int k, int i) => (0.3 + (0.1 * i)) * (w - Math.Sin(k + (0.7 * i)));

    private static Tensor[] Parameters() =>
    [
        torch.tensor(new[] { 0.5, -1.25, 2.0 }, requires_grad: true),
        torch.tensor(new[] { 1.0, 0.25, -0.75, 3.0 }).view(2, 2).detach().requires_grad_(true),
    ];

    private static double[] Values(IEnumerable<Tensor> tensors) => [.. tensors.SelectMany(t => t.detach().data<double>().ToArray())];

    private static Tensor[] Gradients(Tensor[] parameters, int k)
    {
        var i = 0;
        return Array.ConvertAll(parameters, p =>
            torch.tensor(Array.ConvertAll(p.detach().data<double>().ToArray(), w => GradientOf(w, k, i++))).view(p.shape));
    }

    private static void Follows(Func<Tensor[], UpdateRule> make, IScalarRule scalar, bool hasMomentum)
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Parameters();
        var expected = Values(parameters);
        using var rule = make(parameters);
        var states = expected.Select(_ => scalar.Start()).ToArray();
        for (var k = 0; k < Updates; k++)
        {
            var momentum = hasMomentum ? MomentumOf(k) : 0;
            rule.Step(Gradients(parameters, k), RateOf(k), momentum);
            for (var i = 0; i < expected.Length; i++)
                expected[i] = scalar.Step(expected[i], GradientOf(expected[i], k, i), ref states[i], RateOf(k), momentum, k + 1);

            var actual = Values(parameters);
            for (var i = 0; i < expected.Length; i++)
                Check.Close(expected[i], actual[i], Tolerance, $"parameter {i} after update {k}");
        }

        Check.Equal(Updates, rule.Updates, "updates counted");
    }

    private static void Agrees(Func<Tensor[], UpdateRule> make, Func<IEnumerable<TorchSharp.Modules.Parameter>, torch.optim.Optimizer> oracle, double momentum)
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Parameters();
        var theirs = Array.ConvertAll(Parameters(), p => new TorchSharp.Modules.Parameter(p.detach()));
        using var rule = make(parameters);
        using var optimizer = oracle(theirs);
        for (var k = 0; k < Updates; k++)
        {
            var gradients = Gradients(parameters, k);
            foreach (var (p, g) in theirs.Zip(gradients))
                p.grad = g.clone();

            rule.Step(gradients, 0.1, momentum);
            optimizer.step();
            foreach (var (expected, actual) in Values(theirs).Zip(Values(parameters)))
                Check.Close(expected, actual, Tolerance, $"after update {k}");
        }
    }

    private static void ConventionsPart()
    {
        using var scope = torch.NewDisposeScope();
        var (outside, inside) = (Parameters(), Parameters());
        using var first = new MomentumRule(outside, MomentumConvention.LearningRateOutside);
        using var second = new MomentumRule(inside, MomentumConvention.LearningRateInside);
        double Distance() => Values(outside).Zip(Values(inside), (a, b) => Math.Abs(a - b)).Max();
        void Step(int k, double rate)
        {
            first.Step(Gradients(outside, k), rate, 0.9);
            second.Step(Gradients(inside, k), rate, 0.9);
        }

        for (var k = 0; k < 20; k++)
            Step(k, 0.1);

        Check.True(Distance() < Tolerance, "they agree under a constant learning rate");
        Step(20, 0.02);

        // after the change the old velocity v (of the outside convention) still counts with rate 0.1 instead of 0.02
        Check.True(Distance() > 1e-3, "they part at a change of the learning rate");
    }

    private static void ViewsCount()
    {
        using var scope = torch.NewDisposeScope();
        Tensor New() => torch.zeros(3, 4, torch.ScalarType.Float64).requires_grad_(true);
        var views = new[]
        {
            torch.tensor(2.0).expand(3, 4), torch.arange(12, torch.ScalarType.Float64).view(4, 3).transpose(0, 1),
        };
        foreach (var view in views)
        {
            foreach (var make in new Func<Tensor[], UpdateRule>[] { p => new SgdRule(p), p => new MomentumRule(p), p => new AdamRule(p) })
            {
                var (a, b) = (New(), New());
                using var first = make([a]);
                using var second = make([b]);
                for (var k = 0; k < 3; k++)
                {
                    first.Step([view], 0.1);
                    second.Step([view.contiguous()], 0.1);
                }

                Check.Sequence(Values([b]), Values([a]), first.GetType().Name);
            }
        }
    }

    private static void RestoreGoesOn()
    {
        using var scope = torch.NewDisposeScope();
        foreach (var make in new Func<Tensor[], UpdateRule>[]
        {
            p => new SgdRule(p), p => new MomentumRule(p, MomentumConvention.LearningRateInside), p => new AdamRule(p, decoupled: true, weightDecay: 0.1),
        })
        {
            var parameters = Parameters();
            using var rule = make(parameters);
            double Momentum(int k) => rule is MomentumRule ? MomentumOf(k) : 0;
            for (var k = 0; k < 7; k++)
                rule.Step(Gradients(parameters, k), RateOf(k), Momentum(k));

            var copies = Array.ConvertAll(parameters, p => p.detach().clone().requires_grad_(true));
            using var resumed = make(copies);
            resumed.Restore(rule.Updates, [.. rule.State.Select(s => (s.Name, s.Tensor.clone()))]);
            Check.Equal(7, resumed.Updates, "updates");
            for (var k = 7; k < 30; k++)
            {
                rule.Step(Gradients(parameters, k), RateOf(k), Momentum(k));
                resumed.Step(Gradients(copies, k), RateOf(k), Momentum(k));
            }

            Check.Sequence(Values(parameters), Values(copies), rule.GetType().Name);
            Check.Equal(rule is SgdRule ? 0 : rule is MomentumRule ? 2 : 4, rule.State.Count, "state tensors");
        }
    }

    private static void AverageFollows()
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Parameters();
        var expected = Values(parameters);
        using var rule = new SgdRule(parameters);
        using var average = new WeightAverage(parameters);
        for (var k = 0; k < Updates; k++)
        {
            var momentum = 0.5 + (0.01 * (k % 40));
            rule.Step(Gradients(parameters, k), 0.2);
            average.Update(momentum);
            expected = [.. expected.Zip(Values(parameters), (a, w) => (momentum * a) + ((1 - momentum) * w))];
            foreach (var (a, b) in expected.Zip(Values(average.Averages)))
                Check.Close(a, b, Tolerance, $"after update {k}");
        }

        Check.Throws<ArgumentOutOfRangeException>(() => average.Update(1), "[0, 1)");
    }

    private static void BadInput()
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Parameters();
        var before = Values(parameters);
        var gradients = Gradients(parameters, 0);
        using var rule = new MomentumRule(parameters);
        Check.Throws<ArgumentOutOfRangeException>(() => rule.Step(gradients, double.NaN), "learningRate");
        Check.Throws<ArgumentOutOfRangeException>(() => rule.Step(gradients, -0.1), "learningRate");
        Check.Throws<ArgumentOutOfRangeException>(() => rule.Step(gradients, 0.1, 1), "[0, 1)");
        Check.Throws<ArgumentOutOfRangeException>(() => rule.Step(gradients, 0.1, double.NaN), "[0, 1)");
        Check.Throws<ArgumentException>(() => rule.Step([gradients[0]], 0.1), "1 gradients for 2 parameters");
        Check.Throws<ArgumentException>(() => rule.Step([gradients[0], gradients[0]], 0.1), "gradient 1 is Float64 [3]", "[2, 2]");
        Check.Throws<ArgumentException>(() => rule.Step([gradients[0], gradients[1].to(torch.ScalarType.Float32)], 0.1), "Float32");
        Check.Throws<ArgumentException>(() => rule.Restore(3, []), "holds 0 tensors");
        Check.Throws<ArgumentException>(() => rule.Restore(3, [("velocity/0", gradients[0]), ("velocity/1", gradients[0])]), "velocity/1 is Float64 [3]");
        Check.Sequence(before, Values(parameters), "parameters");
        Check.Equal(0, rule.Updates, "updates");

        using var plain = new SgdRule(parameters);
        Check.Throws<ArgumentOutOfRangeException>(() => plain.Step(gradients, 0.1, 0.9), "SgdRule has no momentum");
        Check.Throws<ArgumentException>(() => new SgdRule([]), "empty");
        Check.Throws<ArgumentOutOfRangeException>(() => new SgdRule(parameters, -1), "weightDecay");
        Check.Throws<ArgumentOutOfRangeException>(() => new AdamRule(parameters, beta2: 1), "beta2");
        Check.Throws<ArgumentOutOfRangeException>(() => new AdamRule(parameters, epsilon: double.PositiveInfinity), "epsilon");
        Check.Throws<ArgumentException>(() => new SgdRule([parameters[1].transpose(0, 1)]), "contiguous");
        Check.Throws<ArgumentException>(() => new SgdRule([parameters[0], torch.zeros(1).requires_grad_(true)]), "all must be alike");
    }

    private static void LeakNothing()
    {
        using var scope = torch.NewDisposeScope();
        var parameters = Parameters();
        var gradients = Gradients(parameters, 0);
        using var momentum = new MomentumRule(parameters, MomentumConvention.Dampened, true, 0.1);
        using var adam = new AdamRule(parameters);
        using var average = new WeightAverage(parameters);
        var before = torch.NewDisposeScope();
        for (var k = 0; k < 200; k++)
        {
            momentum.Step(gradients, 0.1, 0.5);
            adam.Step(gradients, 0.1);
            average.Update(0.9);
        }

        // everything an update makes in the managed world would stand in this scope
        Check.Equal(0, before.DisposablesCount, "tensors left by 200 updates");
        before.Dispose();
    }
}
