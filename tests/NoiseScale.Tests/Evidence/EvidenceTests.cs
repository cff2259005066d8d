using Expecto;
using Expecto.CSharp;
using NoiseScale.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace NoiseScale.Tests.Evidence;

/// <summary>The evidence as a C# program asks for it.</summary>
internal static class EvidenceTests
{
    // two or three overlapping clouds of points
    private static (Tensor Inputs, Tensor Labels) Clouds(int classes, int perClass = 40, int dimensions = 3)
    {
        using var generator = new Generator(5);
        var labels = cat([.. Enumerable.Range(0, classes).Select(c => full([perClass], c, ScalarType.Int64))]);
        var centres = randn([classes, dimensions], dtype: ScalarType.Float64, generator: generator);
        var inputs = centres.index_select(0, labels) + randn([classes * perClass, dimensions], dtype: ScalarType.Float64, generator: generator);
        return (inputs, labels);
    }

    private static Tensor WithOnes(Tensor inputs) => cat([inputs, ones([inputs.size(0), 1], ScalarType.Float64)], 1);

    internal static Test All => Runner.TestList("evidence", [
        Runner.TestCase("logistic regression: −[C + ½ Σ ln(λᵢ/λ)] of the weights it returns", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(2);
            const double lambda = 0.7;
            using var fitted = LaplaceEvidence.OfLinearModel(inputs, labels, 2, lambda);
            var (x, w) = (WithOnes(inputs), fitted.Weights);
            var z = mm(x, w).squeeze(1);
            var data = nn.functional.binary_cross_entropy_with_logits(z, labels.to(ScalarType.Float64), reduction: nn.Reduction.Sum).item<double>();
            var cost = data + (lambda / 2 * w.pow(2).sum().item<double>());
            var p = z.sigmoid();
            var hessian = mm(x.t(), (p * (1 - p)).unsqueeze(1) * x) + (lambda * eye(4, dtype: ScalarType.Float64));
            var eigenvalues = linalg.eigvalsh(hessian);
            var occam = 0.5 * (eigenvalues / lambda).log().sum().item<double>();
            var evidence = fitted.Evidence;
            Check.Close(-(cost + occam), evidence.LogEvidence, 1e-10, "ln P");
            Check.Close(occam, evidence.Occam, 1e-9, "Occam");
            Check.Close(data, evidence.DataCost, 1e-12, "data");
            Check.Close(cost + occam - (80 * Math.Log(2)), evidence.RatioToNull!.Value.InFavourOfNull, 1e-9, "E");
            Check.True(evidence.RatioToNull.Value.ModelFavoured && evidence.RatioToNull.Value.ToString().EndsWith("in favour of the model", StringComparison.Ordinal), "believed");
            Check.Close((4 - (lambda / eigenvalues).sum()).item<double>(), evidence.EffectiveParameters, 1e-9, "γ");
            Check.True(evidence.Eigenvalues!.Zip(eigenvalues.flip(0).data<double>().ToArray()).All(pair => Math.Abs(pair.First - pair.Second) < 1e-9 * pair.Second), "λᵢ");
            Check.Close(occam, evidence.OccamContributions!.Sum(), 1e-12, "its parts");
            Check.True(fitted.CostGap < 1e-8 && fitted.Iterations > 1 && evidence.StandardError == 0 && evidence.Dropped == 0, "certificate");
            Check.Equal((4, 80, lambda), (evidence.Parameters, evidence.Examples, evidence.PriorPrecision), "sizes");

            var (loss, accuracy) = fitted.Evaluate(inputs, labels);
            Check.Close(data / 80, loss, 1e-12, "cross-entropy");
            Check.Equal(z.gt(0).to(ScalarType.Int64).eq(labels).sum().item<long>() / 80.0, accuracy, "accuracy");
        }),
        Runner.TestCase("softmax regression, and the same as a network", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(3);
            const double lambda = 0.3;
            using var fitted = LaplaceEvidence.OfLinearModel(inputs, labels, 3, lambda);
            var network = LaplaceEvidence.OfNetwork((w, x) => mm(WithOnes(x), w[0]), [fitted.Weights], inputs, labels, 3, lambda);
            Check.Close(fitted.Evidence.LogEvidence, network.LogEvidence, 1e-9, "ln P");
            Check.Equal(12, network.Parameters, "parameters");
            var estimate = LaplaceEvidence.OfNetwork(
                (w, x) => mm(WithOnes(x), w[0]), [fitted.Weights], inputs, labels, 3, lambda, new EvidenceOptions { LargestExact = 0, Probes = 200, Degree = 12 });
            Check.True(estimate.IsEstimate && estimate.StandardError > 0 && estimate.Eigenvalues is null, "an estimate");
            Check.True(Math.Abs(estimate.LogEvidence - network.LogEvidence) < 5 * estimate.StandardError, $"{estimate.LogEvidence} ± {estimate.StandardError} of {network.LogEvidence}");
            var (_, accuracy) = fitted.Evaluate(inputs, labels);
            Check.Equal(mm(WithOnes(inputs), fitted.Weights).argmax(1).eq(labels).sum().item<long>() / 120.0, accuracy, "accuracy");
        }),
        Runner.TestCase("a profile has its models in the order asked, and the best λ lies where the profile is highest", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(2);
            double[] lambdas = [10, 0.001, 0.1, 1];
            var models = LaplaceEvidence.Profile(inputs, labels, 2, lambdas);
            Check.SequenceEqual(lambdas, models.Select(model => model.Evidence.PriorPrecision), "order");
            using var best = LaplaceEvidence.Maximise(inputs, labels, 2, 1e-4, 1e3);
            Check.True(models.All(model => model.Evidence.LogEvidence <= best.Evidence.LogEvidence), "the best");
            foreach (var factor in new[] { 0.9, 1.1 })
            {
                using var beside = LaplaceEvidence.OfLinearModel(inputs, labels, 2, best.Evidence.PriorPrecision * factor);
                Check.True(beside.Evidence.LogEvidence < best.Evidence.LogEvidence, $"better than at {factor} of it");
            }

            foreach (var model in models)
                model.Dispose();
        }),
        Runner.TestCase("a point that is no minimum is refused, and weighed by the paper's rule of thumb when told to", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(3);
            using var generator = new Generator(1);
            Tensor[] w = [randn([3, 5], dtype: ScalarType.Float64, generator: generator), randn([5, 3], dtype: ScalarType.Float64, generator: generator)];
            static Tensor Predict(Tensor[] w, Tensor x) => mm(mm(x, w[0]).tanh(), w[1]);
            var refused = Check.Throws<EvidenceException>(() => LaplaceEvidence.OfNetwork(Predict, w, inputs, labels, 3, 1e-2), "no minimum");
            Check.True(refused.IsNotAMinimum && refused.NegativeEigenvalues > 0, refused.Message);
            var options = new EvidenceOptions { DropBelowPrior = true, MostPredictedDecrease = double.PositiveInfinity };
            var weighed = LaplaceEvidence.OfNetwork(Predict, w, inputs, labels, 3, 1e-2, options);
            Check.True(weighed.Dropped >= refused.NegativeEigenvalues && weighed.LeastDropped < 0, "says what was dropped");
            Check.Equal(30, weighed.Eigenvalues!.Count + (int)weighed.Dropped, "all eigenvalues accounted for");
            var gaussNewton = LaplaceEvidence.OfNetwork(Predict, w, inputs, labels, 3, 1e-2, options with { Curvature = EvidenceCurvature.GaussNewton });
            Check.Equal(0.0, gaussNewton.Dropped, "nothing of the Gauss–Newton matrix");
        }),
        Runner.TestCase("bad input is refused by name", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(2);
            var wrong = labels.clone();
            wrong[17] = 2;
            var named = Check.Throws<ArgumentException>(() => LaplaceEvidence.OfLinearModel(inputs, wrong, 2, 1), "label");
            Check.True(named.Message.Contains("example 17", StringComparison.Ordinal) && named.Message.Contains('2'), named.Message);
            foreach (var lambda in new[] { 0, -1, double.NaN, double.PositiveInfinity })
                Check.Throws<ArgumentException>(() => LaplaceEvidence.OfLinearModel(inputs, labels, 2, lambda), "λ");
            var broken = inputs.clone();
            broken[3, 1] = double.NaN;
            Check.Throws<ArgumentException>(() => LaplaceEvidence.OfLinearModel(broken, labels, 2, 1), "NaN");
            Check.Throws<ArgumentException>(() => LaplaceEvidence.OfLinearModel(inputs, labels.to(ScalarType.Float32), 2, 1), "labels are integers");
            Check.Throws<ArgumentException>(() => LaplaceEvidence.OfLinearModel(inputs.narrow(0, 0, 10), labels, 2, 1), "as many inputs as labels");
            Check.Throws<ArgumentOutOfRangeException>(() => LaplaceEvidence.OfLinearModel(inputs, labels, 1, 1), "one class");
            Check.Throws<ArgumentOutOfRangeException>(() => LaplaceEvidence.OfLinearModel(inputs, labels, 2, 1, new EvidenceOptions { Probes = 1 }), "probes");
        }),
        Runner.TestCase("nothing is left behind", () =>
        {
            using var scope = NewDisposeScope();
            var (inputs, labels) = Clouds(3);
            void Weigh()
            {
                using var fitted = LaplaceEvidence.OfLinearModel(inputs, labels, 3, 1);
                LaplaceEvidence.OfNetwork((w, x) => mm(WithOnes(x), w[0]), [fitted.Weights], inputs, labels, 3, 1);
                fitted.Evaluate(inputs, labels);
            }

            using (NewDisposeScope())
                Weigh();
            var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
            for (var i = 0; i < 3; i++)
            {
                using (NewDisposeScope())
                    Weigh();
            }

            Check.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount, "tensors alive");
        }),
    ]);
}
