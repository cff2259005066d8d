using NoiseScale.Torch;
using NoiseScale.Training.Data;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps.Replicas;

namespace NoiseScale.Training.Sweeps;

/// <summary>Whether cells are computed as stacked replicas, many at a time; see <see cref="RunSpec.Stacked"/>.</summary>
public enum Stacking
{
    /// <summary>Where it is faster: <see cref="ReplicaRule.IsFaster"/>.</summary>
    WhereFaster,

    /// <summary>Wherever it is possible: <see cref="ReplicaRule.WhyNot"/>.</summary>
    WherePossible,

    /// <summary>Nowhere.</summary>
    Never,
}

/// <summary>A grid of training runs: a list of values for every axis, and what all cells have in common.</summary>
public sealed record SweepGrid
{
    /// <summary>The values of N, the number of training examples; null stands for the whole training set.</summary>
    public IReadOnlyList<int?> TrainingSetSizes { get; init; } = [null];

    /// <summary>Seeds that choose the N examples, where N is less than the whole; see <see cref="ImageDataSet.Take"/>.</summary>
    public IReadOnlyList<long> SubsetSeeds { get; init; } = [0];

    /// <summary>The networks.</summary>
    public required IReadOnlyList<NetworkChoice> Networks { get; init; }

    /// <summary>How long to train.</summary>
    public required IReadOnlyList<TrainingLength> Lengths { get; init; }

    /// <summary>The values of B, examples.</summary>
    public required IReadOnlyList<int> BatchSizes { get; init; }

    /// <summary>The values of m, in [0, 1): the heavy ball with the learning rate outside its buffer; plain SGD for 0.</summary>
    public IReadOnlyList<double> Momenta { get; init; } = [0];

    /// <summary>The values of λ, at least 0.</summary>
    public IReadOnlyList<double> WeightDecays { get; init; } = [0];

    /// <summary>The values of ε, per update, constant through training.</summary>
    public required IReadOnlyList<double> LearningRates { get; init; }

    /// <summary>Seeds of initial parameters and data order.</summary>
    public IReadOnlyList<long> Seeds { get; init; } = [0];

    /// <summary>How often to evaluate, evenly through training, the last time at its end; at least 1.</summary>
    public int Evaluations { get; init; } = 1;

    /// <summary>How many training examples the training loss is measured on at most; null for all.</summary>
    public int? TrainEvaluationSize { get; init; }

    /// <summary>How batches are drawn.</summary>
    public Sampling Sampling { get; init; } = Sampling.ReshuffledEpochs;

    /// <summary>Whether cells are computed together.</summary>
    public Stacking Stacking { get; init; } = Stacking.WhereFaster;

    /// <summary><c>cpu</c> or <c>cuda</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads within an operation.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// The cells over a data set: the product of all axes, the first axis changing slowest, in the order N, subset seed, network, length, B, m,
    /// λ, ε, seed. Combinations that come to the same run are kept once; those that are no run, such as B &gt; N, are named apart.
    /// </summary>
    /// <param name="data">The data set.</param>
    /// <exception cref="ArgumentException">An axis is empty, or a common setting is out of range.</exception>
    public Sweep Over(ImageDataSet data)
    {
        ArgumentNullException.ThrowIfNull(data);
        RequireAxes();
        var cells = new List<SweepCell>();
        var impossible = new List<ImpossibleCell>();
        var names = new HashSet<string>();
        var points = new HashSet<SweepPoint>();
        var twice = 0;
        foreach (var point in Points(data.Train.Count))
        {
            if (!points.Add(point))
            {
                twice++;
                continue;
            }

            try
            {
                var cell = new SweepCell(cells.Count, point, SpecOf(point, data));
                if (names.Add(cell.Hash))
                    cells.Add(cell);
                else
                    twice++;
            }
            catch (Exception failure) when (failure is ArgumentException or ScheduleException)
            {
                impossible.Add(new ImpossibleCell(point, failure.Message.Split(" (Parameter")[0]));
            }
        }

        return new Sweep(cells, impossible, twice);
    }

    private IEnumerable<SweepPoint> Points(int whole) =>
        from size in TrainingSetSizes
        let all = size is null || size == whole
        from subset in all ? [null] : SubsetSeeds.Select(seed => (long?)seed)
        from network in Networks
        from length in Lengths
        from batchSize in BatchSizes
        from momentum in Momenta
        from weightDecay in WeightDecays
        from learningRate in LearningRates
        from seed in Seeds
        select new SweepPoint(size ?? whole, subset, network, length, batchSize, momentum, weightDecay, learningRate, seed);

    private RunSpec SpecOf(SweepPoint point, ImageDataSet data)
    {
        var epochs = point.Length.EpochsOf(point.LearningRate, point.BatchSize, point.TrainingSetSize);
        var schedule = Schedule.Constant(
            point.LearningRate, point.BatchSize, epochs, point.TrainingSetSize, point.Momentum, weightDecay: point.WeightDecay);
        var spec = new RunSpec
        {
            Data = point.SubsetSeed is { } subset ? DataSpec.Of(data, point.TrainingSetSize, subset) : DataSpec.Of(data),
            Network = point.Network.For(data),
            Schedule = schedule,
            Seed = point.Seed,
            EvaluationEpochs = [.. Enumerable.Range(1, Evaluations - 1).Select(i => schedule.Epochs.Value * i / Evaluations)],
            TrainEvaluationSize = TrainEvaluationSize is { } size ? Math.Min(size, point.TrainingSetSize) : null,
            Sampling = Sampling,
            Device = Device,
            Threads = Threads,
        };
        if (point.TrainingSetSize > data.Train.Count)
            throw new ArgumentException($"N is {point.TrainingSetSize}, and {data.Name} has {data.Train.Count} training examples");

        if (spec.Plan().Updates == 0)
            throw new ArgumentException($"{point.Length} come to no update: an epoch is {(double)point.TrainingSetSize / point.BatchSize:R} updates");

        spec.Validate();
        return spec with { Stacked = IsStacked(spec) };
    }

    private bool IsStacked(RunSpec spec) => Stacking switch
    {
        Stacking.WhereFaster => ReplicaRule.WhyNot(spec) is null && ReplicaRule.IsFaster(spec),
        Stacking.WherePossible => ReplicaRule.WhyNot(spec) is null,
        _ => false,
    };

    private void RequireAxes()
    {
        foreach (var (name, count) in new (string, int)[]
        {
            (nameof(TrainingSetSizes), TrainingSetSizes.Count), (nameof(SubsetSeeds), SubsetSeeds.Count), (nameof(Networks), Networks.Count),
            (nameof(Lengths), Lengths.Count), (nameof(BatchSizes), BatchSizes.Count), (nameof(Momenta), Momenta.Count),
            (nameof(WeightDecays), WeightDecays.Count), (nameof(LearningRates), LearningRates.Count), (nameof(Seeds), Seeds.Count),
        })
        {
            if (count == 0)
                throw new ArgumentException($"{name} is empty; a grid needs at least one value on every axis", name);
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Evaluations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        if (TrainEvaluationSize < 1)
            throw new ArgumentOutOfRangeException(nameof(TrainEvaluationSize), TrainEvaluationSize, "must be at least 1");

        if (Device is not ("cpu" or "cuda"))
            throw new ArgumentException($"{nameof(Device)} is {Device}; it must be cpu or cuda", nameof(Device));
    }
}
