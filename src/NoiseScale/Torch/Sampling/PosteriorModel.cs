using DiffSharp;
using Microsoft.FSharp.Collections;
using Microsoft.FSharp.Core;
using NoiseScale.Theory;

namespace NoiseScale.Torch;

/// <summary>A classifier with data and a normal prior: what samplers sample is e^(−C/T), C(w) = Σᵢ −ln p(yᵢ | xᵢ, w) + (λ/2)‖w‖².</summary>
/// <remarks>Computed in float64. It keeps the tensors it is given, which are the caller's and must not change.</remarks>
public sealed class PosteriorModel
{
    private readonly Tensor _inputs;
    private readonly Tensor _labels;
    private readonly Func<DiffSharp.Tensor, DiffSharp.Tensor, Posterior.ChainModel> _build;
    private readonly Func<long, DiffSharp.Tensor> _start;
    private readonly Func<Tensor, Tensor> _features;

    private PosteriorModel(
        Tensor inputs, Tensor labels, int classCount, double priorPrecision, Func<DiffSharp.Tensor, DiffSharp.Tensor, Posterior.ChainModel> build,
        Func<long, DiffSharp.Tensor> start, Func<Tensor, Tensor>? features = null)
    {
        (_inputs, _labels, ClassCount, PriorPrecision) = (inputs, labels, classCount, priorPrecision);
        (_build, _start, _features) = (build, start, features ?? Double);
        Examples = (int)labels.shape[0];
        Parameters = TheoryScope.Run(() => Core().Parameters);
    }

    /// <summary>p.</summary>
    public int Parameters { get; }

    /// <summary>N.</summary>
    public int Examples { get; }

    /// <summary>The number of classes.</summary>
    public int ClassCount { get; }

    /// <summary>λ of the summed cost.</summary>
    public double PriorPrecision { get; }

    /// <summary>Logistic regression (two classes) or softmax regression (more); chains begin at its minimum.</summary>
    /// <param name="inputs">[N, …]; an example's numbers are made one row.</param>
    /// <param name="labels">int64 [N], 0 … classCount − 1.</param>
    /// <param name="classCount">At least 2.</param>
    /// <param name="priorPrecision">λ of the summed cost, positive; the bias has the same prior as the weights.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">A label, an input or λ breaks its rule; says which.</exception>
    public static PosteriorModel Linear(Tensor inputs, Tensor labels, int classCount, double priorPrecision, bool bias = true)
    {
        Require(inputs, labels, classCount);
        var likelihood = classCount == 2 ? Likelihood.Bernoulli : Likelihood.NewCategorical(classCount);
        Weighing.LinearModel Model(DiffSharp.Tensor x, DiffSharp.Tensor y) => Weighing.LinearModelModule.create(likelihood, false, x, y);
        Tensor Features(Tensor x) => bias ? torch.cat([Rows(x), torch.ones([x.shape[0], 1], torch.ScalarType.Float64, x.device)], 1) : Rows(x);
        return new PosteriorModel(
            inputs, labels, classCount, priorPrecision,
            (x, y) => Posterior.ChainModelModule.ofLinear(Model(x, y)),
            _ =>
            {
                var found = Weighing.ConvexSolver.minimise(
                    Weighing.SolverOptions.Default, Weighing.Prior.OfPrecision(priorPrecision), Model(TorchTensors.Wrap(Features(inputs)), TorchTensors.Wrap(labels)));
                var minimum = found.IsOk ? found.ResultValue : found.ErrorValue;
                return Theory.Parameters.flatten([minimum.Weights]);
            },
            Features);
    }

    /// <summary>A perceptron with rectified linear units; chains begin at weights drawn as for training.</summary>
    /// <param name="inputs">[N, …]; an example's numbers are made one row.</param>
    /// <param name="labels">int64 [N], 0 … classCount − 1.</param>
    /// <param name="classCount">At least 2.</param>
    /// <param name="priorPrecision">λ of the summed cost, positive.</param>
    /// <param name="hiddenWidths">Units of each hidden layer, at least one layer.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">A label, an input, a width or λ breaks its rule; says which.</exception>
    public static PosteriorModel Perceptron(Tensor inputs, Tensor labels, int classCount, double priorPrecision, IReadOnlyList<int> hiddenWidths)
    {
        Require(inputs, labels, classCount);
        ArgumentNullException.ThrowIfNull(hiddenWidths);
        if (hiddenWidths.Count == 0 || hiddenWidths.Any(width => width < 1))
            throw new ArgumentException($"there is at least one hidden layer, each of at least 1 unit, not [{string.Join(", ", hiddenWidths)}]", nameof(hiddenWidths));

        List<Noise.Layer> layers = [];
        var width = (int)(inputs.numel() / inputs.shape[0]);
        foreach (var next in hiddenWidths)
        {
            layers.AddRange(Noise.LayerModule.dense(width, next));
            layers.Add(Noise.LayerModule.relu);
            width = next;
        }

        layers.AddRange(Noise.LayerModule.dense(width, classCount));
        var network = ListModule.OfSeq(layers);
        return new PosteriorModel(
            inputs, labels, classCount, priorPrecision,
            (x, y) => Posterior.ChainModelModule.ofNetwork(Likelihood.NewCategorical(classCount), network, x, y),
            seed => Theory.Parameters.flatten(Noise.NetworkModule.initialise(network, new DiffSharp.Generator(seed, DiffSharp.Device.CPU))),
            Rows);
    }

    /// <summary>Any classifier. Gradients of single examples, which the Fisher information is made of, then take a loop: for small models.</summary>
    /// <param name="predict">(parameters, inputs) → logits [n, classCount], a pure function in which an example's outputs depend on its own inputs only.</param>
    /// <param name="parameters">Where chains begin, in the order <paramref name="predict"/> takes them.</param>
    /// <param name="inputs">[N, …].</param>
    /// <param name="labels">int64 [N], 0 … classCount − 1.</param>
    /// <param name="classCount">At least 2.</param>
    /// <param name="priorPrecision">λ of the summed cost, positive.</param>
    /// <returns>The model.</returns>
    /// <exception cref="ArgumentException">A label, an input or λ breaks its rule; says which.</exception>
    public static PosteriorModel Of(
        Func<Tensor[], Tensor, Tensor> predict, IEnumerable<Tensor> parameters, Tensor inputs, Tensor labels, int classCount, double priorPrecision)
    {
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentNullException.ThrowIfNull(parameters);
        Require(inputs, labels, classCount);
        Tensor[] begin = [.. parameters];
        DiffSharp.Tensor[] Start() => [.. begin.Select(tensor => TorchTensors.Wrap(tensor.detach().to(torch.ScalarType.Float64)))];
        return new PosteriorModel(
            inputs, labels, classCount, priorPrecision,
            (x, y) => Posterior.ChainModelModule.ofProblem(Start(), ProblemModule.create(
                Likelihood.NewCategorical(classCount),
                FuncConvert.FromFunc<DiffSharp.Tensor[], DiffSharp.Tensor, DiffSharp.Tensor>((at, examples) =>
                    TorchTensors.Lift("the model", tensors => predict(tensors[..^1], tensors[^1])).Invoke([.. at, examples])),
                x,
                y)),
            _ => Theory.Parameters.flatten(Start()));
    }

    /// <summary>Samples the model.</summary>
    /// <param name="sampler">By which rule.</param>
    /// <param name="options">How many chains, how long; the defaults if null.</param>
    /// <param name="start">Where chains begin, [p] or [chains, p]; the model's own start if null.</param>
    /// <param name="progress">Told how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it between updates.</param>
    /// <returns>The samples, the caller's to dispose of.</returns>
    /// <exception cref="ArgumentException">A setting of sampler or options is out of range; says which, and the rule.</exception>
    /// <exception cref="SamplingException">A chain diverged, or its metric has no inverse.</exception>
    public PosteriorSamples Sample(
        Sampler sampler, ChainOptions? options = null, Tensor? start = null, IProgress<SamplingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sampler);
        options ??= new ChainOptions();
        if (options.Chains < 1)
            throw new ArgumentException($"there is at least one chain, not {options.Chains}", nameof(options));

        return TheoryScope.Run(() =>
        {
            var rule = sampler.ToCore(Core(), Target(), options.Seed);
            var from = start is null ? _start(options.Seed) : TorchTensors.Wrap(start.detach().to(torch.ScalarType.Float64));
            if (from.dim == 1)
                from = Posterior.Chains.startAt(options.Chains, from);
            else if (from.dim != 2 || from.shape[0] != options.Chains)
                throw new ArgumentException($"chains begin at [{Parameters}] or at [{options.Chains}, {Parameters}], not at [{string.Join(", ", from.shape)}]", nameof(start));
            return Run(rule, sampler, options, rule.Init.Invoke(from).OrThrow(), progress, cancellationToken);
        });
    }

    internal PosteriorSamples Continue(PosteriorSamples before, ChainOptions options, IProgress<SamplingProgress>? progress, CancellationToken cancellationToken) =>
        TheoryScope.Run(() =>
            Run(before.Sampler.ToCore(Core(), Target(), options.Seed), before.Sampler, options, before.State.ToCore(), progress, cancellationToken));

    internal EnsembleScore Score(Tensor samples, Tensor inputs, Tensor labels)
    {
        Require(inputs, labels, ClassCount);
        return TheoryScope.Run(() => EnsembleScore.Of(Posterior.Ensemble.score(
            Core(), 64, TorchTensors.Wrap(samples), TorchTensors.Wrap(_features(inputs)), TorchTensors.Wrap(labels))));
    }

    internal Tensor Predict(Tensor samples, Tensor inputs)
    {
        using var scope = torch.NewDisposeScope();
        var found = TheoryScope.Run(() =>
            TorchTensors.Unwrap(Posterior.Ensemble.predict(Core(), 64, TorchTensors.Wrap(samples), TorchTensors.Wrap(_features(inputs)))).clone().DetachFromDisposeScope());
        using (found)
        {
            // of two classes a logistic model gives the probability of the second
            return (found.shape[1] == 1 ? torch.cat([torch.ones_like(found).sub(found), found], 1) : found.alias()).MoveToOuterDisposeScope();
        }
    }

    private static PosteriorSamplesRun Kept(Posterior.ChainRun run) => new(
        TorchTensors.Unwrap(run.Samples).cpu().clone().DetachFromDisposeScope(), run.Updates, ChainCheckpoint.Of(run.State));

    private PosteriorSamples Run(
        Posterior.Sampler rule, Sampler sampler, ChainOptions options, Posterior.ChainState state, IProgress<SamplingProgress>? progress, CancellationToken cancellationToken)
    {
        var report = FuncConvert.FromAction<Posterior.ChainProgress>(at =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new SamplingProgress(at.Done, at.Total, at.Kept));
        });
        var found = Posterior.Chains.resume(options.ToCore(), report, rule, state);
        return found.IsOk
            ? new PosteriorSamples(this, sampler, options, new PosteriorTemperature(rule.Temperature.Value), Kept(found.ResultValue))
            : throw Faults.ToException(found.ErrorValue.Fault);
    }

    private Posterior.ChainModel Core() => _build(TorchTensors.Wrap(_features(_inputs)), TorchTensors.Wrap(_labels));

    private Posterior.Target Target() =>
        Posterior.TargetModule.withPrior(Weighing.Prior.OfPrecision(PriorPrecision), Posterior.ChainModelModule.target(Core()));

    private static Tensor Double(Tensor inputs) => inputs.is_floating_point() ? inputs.detach().to(torch.ScalarType.Float64) : inputs;

    // an example's numbers as one row
    private static Tensor Rows(Tensor x) => x.detach().reshape(x.shape[0], -1).to(torch.ScalarType.Float64);

    private static void Require(Tensor inputs, Tensor labels, int classCount)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        if (labels.dtype != torch.ScalarType.Int64)
            throw new ArgumentException($"labels are {labels.dtype}; they must be Int64", nameof(labels));
    }
}
