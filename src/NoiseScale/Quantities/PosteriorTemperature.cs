using System.Globalization;

namespace NoiseScale;

/// <summary>
/// T = (ε/(1−m))·(N/B − 1)/2 of P3: SGD samples e^(−C/T), C the cost summed over examples; T = 1 is the Bayesian posterior. (P3 Thm 4)
/// </summary>
/// <param name="Value">The temperature; 1 is the posterior.</param>
[Source(Paper.P3, "Thm 4")]
public readonly record struct PosteriorTemperature(double Value) : IComparable<PosteriorTemperature>
{
    /// <summary>g = 2T, the exact noise scale.</summary>
    /// <returns>The noise scale in its exact form.</returns>
    public SgdNoiseScale ToNoiseScale() => new(2 * Value);

    /// <summary>T = (ε/2)·(N/B − 1), the temperature at which minibatches make natural gradient descent sample. (P3 Thm 4)</summary>
    /// <param name="learningRate">ε of the mean cost, 0 or more.</param>
    /// <param name="batchSize">B, 1 to N examples.</param>
    /// <param name="trainingSetSize">N, examples.</param>
    /// <returns>The temperature.</returns>
    /// <exception cref="ArgumentException">A number is out of its range; says which.</exception>
    [Source(Paper.P3, "Thm 4")]
    public static PosteriorTemperature OfBatch(double learningRate, int batchSize, int trainingSetSize) =>
        new(Posterior.Temperature.ofBatch(Core.Form.Exact, trainingSetSize, learningRate, batchSize).OrThrow().Value);

    /// <summary>The batch that gives this temperature, B = N/(2T/ε + 1), rounded to a whole number of examples. (P3 Thm 4)</summary>
    /// <param name="learningRate">ε of the mean cost, positive.</param>
    /// <param name="trainingSetSize">N, examples.</param>
    /// <returns>The batch size, and the temperature that it really gives.</returns>
    /// <exception cref="ArgumentException">A number is out of its range, or the batch would be smaller than one example.</exception>
    [Source(Paper.P3, "Thm 4")]
    public (int BatchSize, PosteriorTemperature Temperature) ToBatchSize(double learningRate, int trainingSetSize)
    {
        var (batch, temperature) = Posterior.Temperature
            .roundedBatchSizeFor(trainingSetSize, learningRate, Core.PosteriorTemperature.NewPosteriorTemperature(Value)).OrThrow();
        return (batch, new PosteriorTemperature(temperature.Value));
    }

    /// <inheritdoc/>
    public int CompareTo(PosteriorTemperature other) => Value.CompareTo(other.Value);

    /// <summary>The number, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"T = {Value} (posterior)");
}
