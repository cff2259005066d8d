using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using NoiseScale.Training.Data;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Sweeps.Replicas;

namespace NoiseScale.Training.Runs;

/// <summary>Everything that decides the numbers of one run, as a value: two specs with equal canonical text name the same run.</summary>
public sealed record RunSpec
{
    // raise it whenever the same spec gives other numbers
    private const int Arithmetic = 2;

    private static readonly JsonWriterOptions Canonical = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The training and test examples.</summary>
    public required DataSpec Data { get; init; }

    /// <summary>The network; its name and its parameters with their initial distributions stand for it.</summary>
    public required Network Network { get; init; }

    /// <summary>The schedule, for as many training examples as <see cref="Data"/> has.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>What the plan does at the end of an epoch.</summary>
    public PartialBatch PartialBatch { get; init; } = PartialBatch.CarryOver;

    /// <summary>What the plan does when a batch size is rounded.</summary>
    public BatchRounding Rounding { get; init; } = BatchRounding.Leave;

    /// <summary>Draws the initial parameters and the order of the data.</summary>
    public long Seed { get; init; }

    /// <summary>Epochs to evaluate at; the end is evaluated in any case. See <see cref="TrainingSettings.EvaluationEpochs"/>.</summary>
    public IReadOnlyList<double> EvaluationEpochs { get; init; } = [];

    /// <summary>How many training examples the training cross-entropy is measured on; null for all.</summary>
    public int? TrainEvaluationSize { get; init; }

    /// <summary>The most examples that go through the network at once; null for no limit.</summary>
    public int? MicroBatchSize { get; init; }

    /// <summary>How the examples of a batch are drawn.</summary>
    public Sampling Sampling { get; init; } = Sampling.ReshuffledEpochs;

    /// <summary>Random changes of the training images; null for none.</summary>
    public AugmentationSpec? Augmentation { get; init; }

    /// <summary>λ of a gradient penalty on every minibatch; 0 for none. See <see cref="TrainingSettings.GradientPenalty"/>.</summary>
    public double GradientPenalty { get; init; }

    /// <summary>n of n-step SGD, the steps on each minibatch. See <see cref="TrainingSettings.StepsPerMinibatch"/>.</summary>
    public int StepsPerMinibatch { get; init; } = 1;

    /// <summary>What of the modified loss to measure; null for nothing. See <see cref="TrainingSettings.ModifiedLoss"/>.</summary>
    public ModifiedLossSettings? ModifiedLoss { get; init; }

    /// <summary>The kind of device: <c>cpu</c> or <c>cuda</c>. Bits differ between them.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Threads within one operation, at least 1; on a GPU without effect on the numbers. Bits can differ between numbers of threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Whether it is computed by the arithmetic of stacked replicas, which trains runs of one shape together: the same numbers to the rounding
    /// of float32, and the same bits however many run together, but not those of a run by itself. So it is part of the name.
    /// </summary>
    public bool Stacked { get; init; }

    /// <summary>The version of this library and of its arithmetic: part of <see cref="Hash"/>, so that results of another are not taken for ours.</summary>
    public static string LibraryVersion { get; } =
        $"{Assembly.GetExecutingAssembly().GetName().Version?.ToString(3)} arithmetic {Arithmetic}";

    /// <summary>The spec as JSON without white space, its fields in a fixed order, its numbers in the shortest form that reads back to the same bits.</summary>
    public string ToCanonicalJson()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Canonical))
            Write(json);

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>What names the run's result: SHA-256, in lower-case hexadecimal, of the canonical JSON and <see cref="LibraryVersion"/>.</summary>
    public string Hash => RunIdentity.Digest($"{LibraryVersion}\n{ToCanonicalJson()}");

    /// <summary>The updates of the run.</summary>
    public Plan Plan() => Schedule.Plan(PartialBatch, Rounding);

    /// <summary>Refuses a spec whose parts do not fit each other.</summary>
    /// <exception cref="ArgumentException">Says which part, its value and the rule.</exception>
    public void Validate()
    {
        if (Schedule.TrainingSetSize != Data.TrainingSetSize)
        {
            throw new ArgumentException(
                $"{nameof(Schedule)} is for {Schedule.TrainingSetSize} training examples; {nameof(Data)} has {Data.TrainingSetSize}", nameof(Schedule));
        }

        if (Device is not ("cpu" or "cuda"))
            throw new ArgumentException($"{nameof(Device)} is {Device}; it must be cpu or cuda", nameof(Device));

        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        Settings(null).Validate(Schedule.Epochs.Value);
        if (Stacked && ReplicaRule.WhyNot(this) is { } reason)
            throw new ArgumentException($"{nameof(Stacked)} is not for this run: {reason}", nameof(Stacked));
    }

    /// <summary>The settings the trainer gets.</summary>
    internal TrainingSettings Settings(CheckpointSettings? checkpoints) => new()
    {
        Seed = Seed,
        EvaluationEpochs = EvaluationEpochs,
        TrainEvaluationSize = TrainEvaluationSize,
        MicroBatchSize = MicroBatchSize,
        Sampling = Sampling,
        Augmentation = Augmentation is { } a ? new CropAndFlip(Seed, a.Padding, a.Flip) : null,
        GradientPenalty = GradientPenalty,
        StepsPerMinibatch = StepsPerMinibatch,
        ModifiedLoss = ModifiedLoss,
        Device = torch.device(Device),
        Checkpoints = checkpoints,
    };

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("data");
        json.WriteString("name", Data.Name);
        json.WriteString("hash", Data.Hash);
        json.WriteNumber("trainingSetSize", Data.TrainingSetSize);
        WriteNumber(json, "subsetSeed", Data.SubsetSeed);
        json.WriteEndObject();
        json.WriteStartObject("network");
        json.WriteString("name", Network.Name);
        json.WriteString("parameters", RunIdentity.Of(Network));
        json.WriteEndObject();
        json.WritePropertyName("schedule");
        using (var schedule = JsonDocument.Parse(Schedule.ToJson()))
            schedule.WriteTo(json);

        json.WriteString("partialBatch", PartialBatch.ToString());
        json.WriteString("rounding", Rounding.ToString());
        json.WriteNumber("seed", Seed);
        json.WriteStartArray("evaluationEpochs");
        foreach (var epoch in EvaluationEpochs)
            json.WriteNumberValue(epoch);

        json.WriteEndArray();
        WriteNumber(json, "trainEvaluationSize", TrainEvaluationSize);
        WriteNumber(json, "microBatchSize", MicroBatchSize);
        json.WriteString("sampling", Sampling.ToString());
        if (Augmentation is { } augmentation)
        {
            json.WriteStartObject("augmentation");
            json.WriteNumber("padding", augmentation.Padding);
            json.WriteBoolean("flip", augmentation.Flip);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("augmentation");
        }

        json.WriteString("device", Device);
        json.WriteNumber("threads", Threads);
        WriteAdditions(json);
        json.WriteEndObject();
    }

    // written only where they are used: the names of results from before they existed stay
    private void WriteAdditions(Utf8JsonWriter json)
    {
        if (GradientPenalty != 0)
            json.WriteNumber("gradientPenalty", GradientPenalty);

        if (StepsPerMinibatch != 1)
            json.WriteNumber("stepsPerMinibatch", StepsPerMinibatch);

        if (Stacked)
            json.WriteBoolean("stacked", true);

        if (ModifiedLoss is not { } measured)
            return;

        json.WriteStartObject("modifiedLoss");
        WriteNumber(json, "batchSize", measured.BatchSize);
        json.WriteBoolean("along", measured.Along);
        json.WriteBoolean("exactVariance", measured.ExactVariance);
        json.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
