using System.Text.Json.Serialization;
using DiffSharp;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>The parts of the modified loss of SGD at one point, measured on a set of examples.</summary>
/// <remarks>
/// With minibatches of B drawn by shuffling, SGD follows C̃ = C + ε·C_reg, and over the choice of minibatches
/// E C_reg = (1/4)(‖∇C‖² + (N−B)/(N−1)·Γ/B). (P6 Eqs. 1, 2, 21 and 22)
/// </remarks>
public sealed record ModifiedLossMeasurement
{
    /// <summary>C, the mean cross-entropy over the N examples, in nats per example.</summary>
    public required double Loss { get; init; }

    /// <summary>‖∇C‖², of the mean over all examples.</summary>
    public required double SquaredGradientNorm { get; init; }

    /// <summary>C_reg = (1/4m) Σₖ ‖∇Ĉₖ‖² over m minibatches of B examples; a smaller one that is left over is not among them.</summary>
    public required double MinibatchRegulariser { get; init; }

    /// <summary>
    /// Γ = (1/N) Σᵢ ‖∇Cᵢ − ∇C‖², the trace of the covariance of the gradients of single examples; null where neither asked for exactly nor to be
    /// estimated, with one minibatch of all examples.
    /// </summary>
    public required double? GradientVariance { get; init; }

    /// <summary>Whether Γ was estimated from the minibatches, B(N−1)/(N−B) · (1/m) Σₖ ‖∇Ĉₖ − ∇C‖², instead of summed over single examples.</summary>
    public required bool GradientVarianceIsEstimated { get; init; }

    /// <summary>B.</summary>
    public required int BatchSize { get; init; }

    /// <summary>m = ⌊N/B⌋.</summary>
    public required int Minibatches { get; init; }

    /// <summary>N.</summary>
    public required int Examples { get; init; }

    /// <summary>What <see cref="MinibatchRegulariser"/> is in the mean over all choices of minibatches; null without Γ.</summary>
    [JsonIgnore]
    public double? ExpectedRegulariser => GradientVariance is { } variance
        ? (SquaredGradientNorm + (Examples == 1 ? 0 : (double)(Examples - BatchSize) / (Examples - 1) * variance / BatchSize)) / 4
        : null;

    /// <summary>C̃ = C + ε·C_reg, the loss that SGD follows. (P6 Eq. 1)</summary>
    /// <param name="learningRate">ε, finite and at least 0.</param>
    public double ModifiedLoss(double learningRate) => double.IsFinite(learningRate) && learningRate >= 0
        ? Loss + (learningRate * MinibatchRegulariser)
        : throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "must be finite and at least 0");

    /// <summary>Measures at given parameters: one gradient for each minibatch, and, for Γ exactly, one for each example.</summary>
    /// <param name="network">A network for images of that size.</param>
    /// <param name="parameters">As the network takes them, requiring a gradient; left as they are. Sums are in double precision.</param>
    /// <param name="examples">The N examples.</param>
    /// <param name="batchSize">B, from 1 to N.</param>
    /// <param name="exactVariance">Whether to sum Γ over single examples; otherwise it is estimated from the minibatches.</param>
    /// <param name="seed">Chooses the minibatches: the first shuffled epoch of a <see cref="DataOrder"/> of that seed.</param>
    /// <exception cref="ArgumentException">
    /// B is out of range, a tensor is not as the network takes it, or Γ is asked for exactly of a network whose examples influence each other.
    /// </exception>
    public static ModifiedLossMeasurement Of(
        Network network, IReadOnlyList<Tensor> parameters, ImageSet examples, int batchSize, bool exactVariance = false, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, examples.Count);
        if (exactVariance && network is WideResNet { ResidualNormalisation: ResidualNormalisation.GhostBatchNorm })
        {
            throw new ArgumentException(
                $"{network.Name} normalises batches, so an example has no gradient of its own; leave {nameof(exactVariance)} false", nameof(exactVariance));
        }

        using var sums = new GradientSums(network, parameters, examples, seed);
        var minibatches = sums.Over(batchSize);
        var fluctuation = minibatches.MeanSquaredDeviation;
        var (n, b) = ((double)examples.Count, (double)batchSize);
        return new ModifiedLossMeasurement
        {
            Loss = minibatches.Loss,
            SquaredGradientNorm = minibatches.SquaredNormOfMean,
            MinibatchRegulariser = minibatches.MeanSquaredNorm / 4,
            GradientVariance = exactVariance ? sums.Over(1).MeanSquaredDeviation
                : batchSize == examples.Count ? null
                : b * (n - 1) / (n - b) * fluctuation,
            GradientVarianceIsEstimated = !exactVariance,
            BatchSize = batchSize,
            Minibatches = examples.Count / batchSize,
            Examples = examples.Count,
        };
    }
}
