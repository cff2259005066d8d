using DiffSharp;
using Microsoft.FSharp.Core;
using NoiseScale.Theory;

namespace NoiseScale.Torch;

/// <summary>Evidence of classifiers by Laplace's method: of logistic and softmax regression, and of networks at a minimum that training found. (P2 section 2)</summary>
/// <remarks>Computed in float64. Nothing that is passed in is changed; labels out of range and inputs that are not finite are refused by name.</remarks>
[Source(Paper.P2, "section 2")]
public static class LaplaceEvidence
{
    /// <summary>Logistic regression (two classes) or softmax regression (more), fitted by Newton's method and weighed.</summary>
    /// <param name="inputs">[N, …]; an example's numbers are made one row, and a bias is added.</param>
    /// <param name="labels">int64 [N], 0 … classCount − 1.</param>
    /// <param name="classCount">At least 2.</param>
    /// <param name="priorPrecision">λ of the summed cost, positive; the bias has the same prior as the weights.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <returns>The model at its minimum, with its certificate and its evidence.</returns>
    /// <exception cref="ArgumentException">A label, an input or λ breaks its rule; says which.</exception>
    /// <exception cref="EvidenceException">The solver did not reach a minimum.</exception>
    public static FittedLinearModel OfLinearModel(Tensor inputs, Tensor labels, int classCount, double priorPrecision, EvidenceOptions? options = null) =>
        Profile(inputs, labels, classCount, [priorPrecision], options)[0];

    /// <summary>The same over a grid of λ; every fit begins at that of the next larger λ.</summary>
    /// <param name="inputs">[N, …]; an example's numbers are made one row, and a bias is added.</param>
    /// <param name="labels">int64 [N], 0 … classCount − 1.</param>
    /// <param name="classCount">At least 2.</param>
    /// <param name="priorPrecisions">At least one λ, each positive, in any order.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <returns>A model for each λ, in their order.</returns>
    /// <exception cref="ArgumentException">A label, an input or a λ breaks its rule; says which.</exception>
    /// <exception cref="EvidenceException">The solver did not reach a minimum at some λ.</exception>
    public static IReadOnlyList<FittedLinearModel> Profile(
        Tensor inputs, Tensor labels, int classCount, IReadOnlyList<double> priorPrecisions, EvidenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(priorPrecisions);
        return TheoryScope.Run(() =>
        {
            var (likelihood, model) = Linear(inputs, labels, classCount);
            var found = Weighing.EvidenceProfile.overGrid(Settings(options), model, [.. priorPrecisions]);
            return found.IsOk
                ? Array.ConvertAll(found.ResultValue, point => new FittedLinearModel(likelihood, point))
                : throw new EvidenceException(found.ErrorValue.Item2, found.ErrorValue.Item1);
        });
    }

    /// <summary>The λ of most evidence within an interval, by golden sections of ln λ.</summary>
    /// <param name="inputs">[N, …]; an example's numbers are made one row, and a bias is added.</param>
    /// <param name="labels">int64 [N], 0 … classCount − 1.</param>
    /// <param name="classCount">At least 2.</param>
    /// <param name="least">The interval's lower end, positive.</param>
    /// <param name="most">Its upper end, above the lower.</param>
    /// <param name="tolerance">On ln λ: 0.01 is one per cent of λ.</param>
    /// <param name="options">How; the defaults if null.</param>
    /// <returns>The best of the models that were fitted; the maximum is inside the interval where its λ is at neither end.</returns>
    /// <exception cref="ArgumentException">A label, an input or the interval breaks its rule; says which.</exception>
    /// <exception cref="EvidenceException">The solver did not reach a minimum at some λ.</exception>
    public static FittedLinearModel Maximise(
        Tensor inputs, Tensor labels, int classCount, double least, double most, double tolerance = 0.01, EvidenceOptions? options = null)
        => TheoryScope.Run(() =>
        {
            var (likelihood, model) = Linear(inputs, labels, classCount);
            var found = Weighing.EvidenceProfile.maximise(Settings(options), tolerance, least, most, model);
            return found.IsOk
                ? new FittedLinearModel(likelihood, found.ResultValue.Item1)
                : throw new EvidenceException(found.ErrorValue.Item2, found.ErrorValue.Item1);
        });

    /// <summary>The evidence of a network at a minimum of Σᵢ −ln p(yᵢ | xᵢ, ω) + (λ/2)‖ω‖² that training found.</summary>
    /// <param name="predict">(parameters, inputs) → logits [N, classCount], a pure function in which an example's outputs depend on its own inputs only.</param>
    /// <param name="parameters">ω₀, floating-point, in the order <paramref name="predict"/> takes them.</param>
    /// <param name="inputs">[N, …].</param>
    /// <param name="labels">int64 [N], 0 … classCount − 1.</param>
    /// <param name="classCount">At least 2.</param>
    /// <param name="priorPrecision">λ of the summed cost, positive: N times the weight decay of a mean cost.</param>
    /// <param name="options">
    /// How; the defaults if null. Away from a minimum, as after training to a finite accuracy, raise
    /// <see cref="EvidenceOptions.MostPredictedDecrease"/> and set <see cref="EvidenceOptions.DropBelowPrior"/>; the report says what was dropped.
    /// </param>
    /// <returns>The evidence.</returns>
    /// <exception cref="ArgumentException">A label, an input or λ breaks its rule; says which.</exception>
    /// <exception cref="EvidenceException">The point is no minimum, or something there is not finite.</exception>
    public static Evidence OfNetwork(
        Func<Tensor[], Tensor, Tensor> predict, IEnumerable<Tensor> parameters, Tensor inputs, Tensor labels, int classCount, double priorPrecision,
        EvidenceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentNullException.ThrowIfNull(parameters);
        RequireExamples(inputs, labels, classCount);
        return TheoryScope.Run(() =>
        {
            var x = inputs.is_floating_point() ? inputs.to(torch.ScalarType.Float64) : inputs;
            DiffSharp.Tensor[] w = [.. parameters.Select(parameter => TorchTensors.Wrap(parameter.detach().to(torch.ScalarType.Float64)))];
            var problem = ProblemModule.create(
                Likelihood.NewCategorical(classCount),
                FuncConvert.FromFunc<DiffSharp.Tensor[], DiffSharp.Tensor, DiffSharp.Tensor>((at, examples) =>
                {
                    // the inputs may be some of the examples; they carry no gradient
                    var lifted = TorchTensors.Lift("the network", tensors => predict(tensors[..^1], tensors[^1]));
                    return lifted.Invoke([.. at, examples]);
                }),
                TorchTensors.Wrap(x),
                TorchTensors.Wrap(labels));
            var found = Weighing.Laplace.evidence((options ?? new EvidenceOptions()).ToCore(), Weighing.Prior.OfPrecision(priorPrecision), problem, w);
            return found.IsOk ? new Evidence(found.ResultValue, priorPrecision) : throw new EvidenceException(found.ErrorValue);
        });
    }

    private static Weighing.ProfileOptions Settings(EvidenceOptions? options) =>
        new(Weighing.SolverOptions.Default, (options ?? new EvidenceOptions()).ToCore());

    private static (Likelihood Likelihood, Weighing.LinearModel Model) Linear(Tensor inputs, Tensor labels, int classCount)
    {
        RequireExamples(inputs, labels, classCount);
        var likelihood = classCount == 2 ? Likelihood.Bernoulli : Likelihood.NewCategorical(classCount);
        return (likelihood, Weighing.LinearModelModule.create(likelihood, true, TorchTensors.Wrap(inputs), TorchTensors.Wrap(labels)));
    }

    private static void RequireExamples(Tensor inputs, Tensor labels, int classCount)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        if (labels.dtype != torch.ScalarType.Int64)
            throw new ArgumentException($"labels are {labels.dtype}; they must be Int64", nameof(labels));
    }
}
