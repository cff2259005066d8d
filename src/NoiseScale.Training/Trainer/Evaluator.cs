using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;

namespace NoiseScale.Training;

/// <summary>Mean loss and accuracy of a classifier on one set of examples.</summary>
/// <param name="Loss">Mean cross-entropy, in nats per example.</param>
/// <param name="Accuracy">Fraction classified rightly.</param>
public readonly record struct Evaluation(double Loss, double Accuracy);

/// <summary>Measures parameters of a network on the training examples, or a fixed random subset of them, and on the test examples.</summary>
/// <remarks>
/// Examples go through in blocks of a fixed number in a fixed order, so equal parameters give equal bits. A network that normalises does so by
/// its statistics over the training examples of the evaluation. Does not own the data set.
/// </remarks>
public sealed class Evaluator : IDisposable
{
    private const int Block = 1000;
    private const long SubsetSeed = 0; // the subset belongs to the data set, not to the run: runs of all seeds are measured alike

    private readonly Network _network;
    private readonly ImageSet _train;
    private readonly ImageSet _test;
    private readonly ImageSet? _owned;

    /// <summary>Measures <paramref name="network"/> on <paramref name="data"/>.</summary>
    /// <param name="network">A network for images of that size and that many classes.</param>
    /// <param name="data">The data set; must outlive the evaluator.</param>
    /// <param name="trainEvaluationSize">How many training examples to measure on; null, or as many as there are, for all.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="trainEvaluationSize"/> is not from 1 to the training-set size.</exception>
    public Evaluator(Network network, ImageDataSet data, int? trainEvaluationSize = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(data);
        (_network, _train, _test) = (network, data.Train, data.Test);
        if (trainEvaluationSize is not { } size)
            return;

        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1, nameof(trainEvaluationSize));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, data.Train.Count, nameof(trainEvaluationSize));
        if (size < data.Train.Count)
            _train = _owned = Subset(data.Train, size);
    }

    /// <summary>Training and test examples measured at one evaluation together.</summary>
    public int Examples => _train.Count + _test.Count;

    /// <summary>Measures parameters.</summary>
    /// <param name="parameters">As the network takes them; left as they are.</param>
    public (Evaluation Train, Evaluation Test) Evaluate(IReadOnlyList<Tensor> parameters)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var statistics = _network.Calibrate(parameters, Blocks(_train).Select(block => block.Images));
        return (Measure(parameters, statistics, _train), Measure(parameters, statistics, _test));
    }

    /// <summary>Frees the subset; the data set stays.</summary>
    public void Dispose() => _owned?.Dispose();

    private static ImageSet Subset(ImageSet set, int size)
    {
        using var scope = torch.NewDisposeScope();
        var order = new long[set.Count];
        DataOrder.FillEpoch(SubsetSeed, 0, order);
        Array.Sort(order, 0, size);
        var (images, labels) = set.Select(torch.tensor(order.AsSpan(0, size).ToArray(), device: set.Device));
        return new ImageSet(images, labels);
    }

    private static IEnumerable<Batch> Blocks(ImageSet set)
    {
        for (var first = 0; first < set.Count; first += Block)
            yield return set.Slice(first, Math.Min(Block, set.Count - first));
    }

    private Evaluation Measure(IReadOnlyList<Tensor> parameters, NetworkStatistics statistics, ImageSet set)
    {
        // summed on the device in double precision and read once: a GPU is not waited for at every block
        using var scope = torch.NewDisposeScope();
        var sums = new List<Tensor>();
        foreach (var (images, labels) in Blocks(set))
        {
            using var inner = torch.NewDisposeScope();
            var logits = _network.Evaluate(parameters, statistics, images);
            var loss = torch.nn.functional.cross_entropy(logits, labels, reduction: torch.nn.Reduction.Sum);
            var right = logits.argmax(1).eq(labels).sum();
            sums.Add(torch.stack([loss.to(torch.ScalarType.Float64), right.to(torch.ScalarType.Float64)]).MoveToOuterDisposeScope());
        }

        var totals = torch.stack(sums).sum(dim: 0).cpu().data<double>();
        return new Evaluation(totals[0] / set.Count, totals[1] / set.Count);
    }
}
