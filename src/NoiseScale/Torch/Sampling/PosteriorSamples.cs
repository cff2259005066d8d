
namespace NoiseScale.Torch;

/// <summary>What is kept of a run of chains.</summary>
/// <param name="Positions">[samples, chains, p].</param>
/// <param name="Updates">The update of each.</param>
/// <param name="State">Where the chains are.</param>
internal sealed record PosteriorSamplesRun(Tensor Positions, long[] Updates, ChainCheckpoint State);

/// <summary>Samples of a model's posterior, and where its chains are.</summary>
/// <remarks>Owns its tensor until it is disposed.</remarks>
public sealed class PosteriorSamples : IDisposable
{
    private readonly PosteriorModel _model;
    private readonly ChainOptions _options;
    private readonly Lazy<double[]> _numbers;

    internal PosteriorSamples(PosteriorModel model, Sampler sampler, ChainOptions options, PosteriorTemperature temperature, PosteriorSamplesRun run)
    {
        (_model, _options, Sampler, Temperature) = (model, options, sampler, temperature);
        (Positions, Updates, State) = (run.Positions, run.Updates, run.State);
        _numbers = new(() => Count == 0 ? [] : Positions.data<double>().ToArray());
    }

    /// <summary>The rule by which the chains moved.</summary>
    public Sampler Sampler { get; }

    /// <summary>T at which they sample: given, or as batch size and learning rate make it.</summary>
    public PosteriorTemperature Temperature { get; }

    /// <summary>w, float64 [samples, chains, p], oldest first.</summary>
    public Tensor Positions { get; }

    /// <summary>The update of each sample.</summary>
    public IReadOnlyList<long> Updates { get; }

    /// <summary>Where the chains are.</summary>
    public ChainCheckpoint State { get; }

    /// <summary>All positions, sample after sample, chain after chain.</summary>
    internal double[] Numbers => _numbers.Value;

    /// <summary>Samples kept of each chain.</summary>
    public int Count => Updates.Count;

    /// <summary>One parameter's draws.</summary>
    /// <param name="parameter">0 … p − 1.</param>
    /// <returns>[chain][sample].</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such parameter.</exception>
    public double[][] Draws(int parameter)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(parameter, _model.Parameters);
        var (chains, p, numbers) = (State.Chains, _model.Parameters, _numbers.Value);
        return [.. Enumerable.Range(0, chains).Select(chain =>
            Enumerable.Range(0, Count).Select(sample => numbers[((sample * chains) + chain) * p + parameter]).ToArray())];
    }

    /// <summary>One parameter's mean, and whether to believe it.</summary>
    /// <param name="parameter">0 … p − 1.</param>
    /// <returns>Mean, variance, R̂ and effective sample sizes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such parameter.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than 8 samples, or the chains never moved.</exception>
    public ChainSummary Summary(int parameter) => ChainSummary.Of(Draws(parameter));

    /// <summary>The mean of the samples' probabilities, (1/R)·Σ p(y | x, w). (P3 section 5)</summary>
    /// <param name="inputs">[n, …].</param>
    /// <returns>[n, classes], in the caller's dispose scope.</returns>
    [Source(Paper.P3, "section 5")]
    public Tensor Predict(Tensor inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return _model.Predict(Positions, inputs);
    }

    /// <summary>How well the samples predict, together and each by itself.</summary>
    /// <param name="inputs">[n, …].</param>
    /// <param name="labels">int64 [n].</param>
    /// <returns>Accuracies and cross-entropies.</returns>
    /// <exception cref="ArgumentException">A label is out of range, or the shapes do not fit.</exception>
    public EnsembleScore Score(Tensor inputs, Tensor labels) => _model.Score(Positions, inputs, labels);

    /// <summary>Goes on from where the chains are: the samples that a longer run would have had next.</summary>
    /// <param name="samples">How many more of each chain, at least 1.</param>
    /// <param name="progress">Told how far it is; may be null.</param>
    /// <param name="cancellationToken">Stops it between updates.</param>
    /// <returns>The new samples only.</returns>
    /// <exception cref="SamplingException">A chain diverged, or its metric has no inverse.</exception>
    public PosteriorSamples Continue(int samples, IProgress<SamplingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        return _model.Continue(this, _options with { BurnIn = 0, Samples = samples }, progress, cancellationToken);
    }

    /// <summary>Frees the samples.</summary>
    public void Dispose() => Positions.Dispose();
}
