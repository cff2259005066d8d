using NoiseScale.Training.Data;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps.Replicas;

namespace NoiseScale.Training.Widths;

/// <summary>Where the learning rates end at which a network trains stably, of one seed: stable at <see cref="Stable"/>, no longer at <see cref="Unstable"/>.</summary>
/// <param name="Seed">The seed of parameters and batches.</param>
/// <param name="Stable">The largest learning rate that was tried and was stable; 0 where none was.</param>
/// <param name="Unstable">The smallest that was tried and was not; +∞ where all were.</param>
public sealed record StabilityEdge(long Seed, double Stable, double Unstable)
{
    /// <summary>ε_max: the geometric mean of the two; NaN where the edge lies outside the range that was searched.</summary>
    public double LearningRate => Stable > 0 && double.IsFinite(Unstable) ? Math.Sqrt(Stable * Unstable) : double.NaN;
}

/// <summary>
/// Measures ε_max, the largest stable learning rate of a network, by bisection in ln ε, every seed in a bracket of its own and all seeds at once. A run is stable
/// whose training loss is a number throughout, and at none of eight times from 1/64 of training to its end above what it was at the start.
/// </summary>
/// <remarks>
/// That a run ends well is not enough: under cross-entropy a loss that has shot up at the start comes down again at learning rates far beyond 2/λ_max of the start, however
/// wide the network, and the width leaves no trace.
/// </remarks>
public static class LargestLearningRate
{
    // parts of training at which the loss is looked at, besides its start and its end
    private static readonly IReadOnlyList<double> Looks = [1.0 / 64, 1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2, 3.0 / 4];

    /// <summary>The edge of every seed.</summary>
    /// <param name="spec">The run: its seed and its learning rate are replaced, everything else stays, its length too.</param>
    /// <param name="data">The examples of the spec.</param>
    /// <param name="seeds">At least one, different.</param>
    /// <param name="least">A learning rate to begin at, greater than 0.</param>
    /// <param name="most">One to end at, greater than <paramref name="least"/>.</param>
    /// <param name="rounds">Bisections after both ends have been tried, at least 1: the bracket ends as (most/least)^(2^−rounds).</param>
    /// <param name="progress">Told after every round which part of them is done.</param>
    /// <param name="cancellation">Ends it between two updates.</param>
    /// <returns>An edge for every seed, in their order.</returns>
    /// <exception cref="ArgumentException">An argument breaks its rule.</exception>
    public static IReadOnlyList<StabilityEdge> Find(
        RunSpec spec, ImageDataSet data, IReadOnlyList<long> seeds, double least, double most, int rounds = 7, IProgress<double>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(seeds);
        if (seeds.Count == 0 || seeds.Distinct().Count() != seeds.Count)
            throw new ArgumentException("there must be at least one seed, and no seed twice", nameof(seeds));

        if (!(least > 0 && double.IsFinite(most) && most > least))
            throw new ArgumentOutOfRangeException(nameof(most), most, $"the search goes from {least} up, 0 < least < most");

        ArgumentOutOfRangeException.ThrowIfLessThan(rounds, 1);

        // nobody asks for the test loss, and it costs more than the updates
        using var training = data.First(data.Train.Count, 1);
        var edges = seeds.Select(seed => new StabilityEdge(seed, 0, double.PositiveInfinity)).ToArray();
        for (var round = 0; round < rounds + 2; round++)
        {
            // an edge outside the range stays there: there is nothing to bisect
            var open = Enumerable.Range(0, edges.Length).Where(i => round < 2 || !double.IsNaN(edges[i].LearningRate)).ToList();
            var rates = open.ConvertAll(i => round switch { 0 => least, 1 => most, _ => edges[i].LearningRate });
            var trained = Train(spec, training, [.. open.Zip(rates, (i, rate) => (edges[i].Seed, rate))], cancellation);
            foreach (var ((i, rate), success) in open.Zip(rates).Zip(trained))
                edges[i] = success ? edges[i] with { Stable = rate } : edges[i] with { Unstable = Math.Min(rate, edges[i].Unstable) };

            progress?.Report((round + 1.0) / (rounds + 2));
        }

        // one that was unstable at the least and stable at the most has no edge that bisection could find
        return [.. edges.Select(edge => edge.Stable < edge.Unstable ? edge : edge with { Stable = 0 })];
    }

    private static List<bool> Train(
        RunSpec spec, ImageDataSet data, IReadOnlyList<(long Seed, double Rate)> asked, CancellationToken cancellation)
    {
        var specs = asked.Select(run => spec with
        {
            Seed = run.Seed,
            Schedule = spec.Schedule.WithLearningRate(run.Rate),
            EvaluationEpochs = [0, .. Looks.Select(part => part * spec.Schedule.Epochs.Value)],
            Stacked = false,
        }).ToList();
        var canStack = specs.Count > 0 && ReplicaRule.WhyNot(specs[0]) is null && ReplicaRule.IsFaster(specs[0]);
        IEnumerable<TrainingOutcome> Together(RunSpec[] chunk) =>
            ReplicaTrainer.Train([.. chunk.Select(one => (one with { Stacked = true }, data))], cancellation: cancellation);
        var outcomes = canStack
            ? specs.Chunk(ReplicaRule.MostTogether(specs[0])).SelectMany(Together)
            : specs.Select(one => Trainer.Train(one.Plan(), one.Network, data, one.Settings(null), null, cancellation));
        var results = new List<bool>();
        foreach (var outcome in outcomes)
        {
            using (outcome)
                results.Add(outcome.Divergence is null && outcome.Records.All(record => record.TrainLoss <= outcome.Records[0].TrainLoss));
        }

        return results;
    }
}
