using NoiseScale.Interop;

namespace NoiseScale;

/// <summary>
/// A pair of unbiased estimates of tr Σ and ‖G‖² from one look at the gradients, Σ the covariance of single examples' gradients and G their
/// mean. (McCandlish et al. 2018, appendix A)
/// </summary>
/// <remarks>
/// The ratio of a single pair is a poor estimate of the noise scale, biased and heavy-tailed: <see cref="GradientNoiseEstimate.Of"/> averages each
/// part over measurements first. With a training set's size N, batches are drawn from it without replacement, Σ has the denominator N − 1, and G is
/// the mean over the training set; without it the examples are independent draws.
/// </remarks>
/// <param name="TraceOfCovariance">tr Σ̂, in squared units of the gradient.</param>
/// <param name="SquaredGradientNorm">‖Ĝ‖²; may be negative where one look tells little.</param>
[Source(Paper.McCandlish2018, "appendix A")]
public readonly record struct GradientNoiseMeasurement(double TraceOfCovariance, double SquaredGradientNorm)
{
    /// <summary>
    /// From K micro-batches of one update: tr Σ̂ = (Σₖ bₖ‖gₖ‖² − n‖ḡ‖²)/(K − 1) and ‖Ĝ‖² = ‖ḡ‖² − (1/n − 1/N)·tr Σ̂, n = Σₖ bₖ.
    /// </summary>
    /// <param name="sizes">bₖ, examples, at least two micro-batches; sizes may differ.</param>
    /// <param name="squaredNorms">‖gₖ‖², gₖ the mean gradient over micro-batch k.</param>
    /// <param name="squaredNormOfMean">‖ḡ‖², ḡ = Σₖ (bₖ/n)·gₖ the gradient that the optimizer gets.</param>
    /// <param name="trainingSetSize">N, examples; null: without end.</param>
    /// <returns>The measurement.</returns>
    /// <exception cref="ArgumentException">The numbers differ, a size is below 1, or there are more examples than N.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than two micro-batches, or a norm is not finite.</exception>
    public static GradientNoiseMeasurement OfMicroBatches(
        IReadOnlyList<long> sizes, IReadOnlyList<double> squaredNorms, double squaredNormOfMean, long? trainingSetSize = null)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        ArgumentNullException.ThrowIfNull(squaredNorms);
        return Noise.NoiseMeasurementModule.ofMicroBatchNorms(trainingSetSize.ToOption(), [.. sizes], [.. squaredNorms], squaredNormOfMean).ToPublic();
    }

    /// <summary>From the norms of the gradients of n single examples: tr Σ̂ = (Σᵢ ‖gᵢ‖² − n‖ḡ‖²)/(n − 1).</summary>
    /// <param name="squaredNorms">‖gᵢ‖², at least two.</param>
    /// <param name="squaredNormOfMean">‖ḡ‖².</param>
    /// <param name="trainingSetSize">N, examples; null: without end. With n = N the result is exact.</param>
    /// <returns>The measurement.</returns>
    /// <exception cref="ArgumentException">There are more examples than N.</exception>
    /// <exception cref="InvalidOperationException">There are fewer than two examples, or a norm is not finite.</exception>
    public static GradientNoiseMeasurement OfExamples(
        IReadOnlyList<double> squaredNorms, double squaredNormOfMean, long? trainingSetSize = null)
    {
        ArgumentNullException.ThrowIfNull(squaredNorms);
        return Noise.NoiseMeasurementModule.ofExampleNorms(trainingSetSize.ToOption(), [.. squaredNorms], squaredNormOfMean).ToPublic();
    }

    /// <summary>From two batch sizes: tr Σ̂ = (‖g_b‖² − ‖g_B‖²)/(1/b − 1/B) and ‖Ĝ‖² = (B‖g_B‖² − b‖g_b‖²)/(B − b).</summary>
    /// <param name="smallSize">b, examples.</param>
    /// <param name="smallSquaredNorm">‖g_b‖², or its mean over several batches.</param>
    /// <param name="bigSize">B, examples, more than b.</param>
    /// <param name="bigSquaredNorm">‖g_B‖².</param>
    /// <param name="trainingSetSize">N, examples; null: without end.</param>
    /// <returns>The measurement.</returns>
    /// <exception cref="ArgumentException">b is below 1, B not larger, or B more than N.</exception>
    /// <exception cref="InvalidOperationException">A norm is not finite.</exception>
    public static GradientNoiseMeasurement OfTwoBatches(
        long smallSize, double smallSquaredNorm, long bigSize, double bigSquaredNorm, long? trainingSetSize = null) =>
        Noise.NoiseMeasurementModule.ofTwoBatches(
            trainingSetSize.ToOption(), smallSize, smallSquaredNorm, bigSize, bigSquaredNorm).ToPublic();

    /// <summary>Whether both parts are finite.</summary>
    internal bool IsFinite => double.IsFinite(TraceOfCovariance) && double.IsFinite(SquaredGradientNorm);
}
