using System.Text.Json;
using NoiseScale.Torch;
using NoiseScale.Training.Data;
using NoiseScale.Training.Sweeps.Files;

namespace NoiseScale.Training.Sweeps;

/// <summary>Where a sweep's examples come from.</summary>
public abstract record SweepData
{
    private SweepData()
    {
    }

    /// <summary>Reads or draws them.</summary>
    /// <exception cref="DataFileException">A folder holds no data set.</exception>
    public ImageDataSet Load() => this switch
    {
        Folder(var path) => DataSets.Resolve(path),
        Synthetic(var settings) => SyntheticDigits.Generate(settings),
        _ => DataSets.Resolve(),
    };

    /// <summary>What the machine has: the folder in NOISESCALE_DATA, else the synthetic digits.</summary>
    public sealed record Default : SweepData;

    /// <summary>A folder of MNIST-format idx files or CIFAR-10 binaries.</summary>
    /// <param name="Path">The folder.</param>
    public sealed record Folder(string Path) : SweepData;

    /// <summary>Synthetic digits.</summary>
    /// <param name="Settings">How many, and how distorted.</param>
    public sealed record Synthetic(SyntheticDigitsSettings Settings) : SweepData;
}

/// <summary>A sweep as a file: a grid, the data it is over, and what to do with impossible cells. The format is described in SCHEMA.md.</summary>
/// <param name="Grid">The grid.</param>
/// <param name="Data">Where the examples come from.</param>
/// <param name="LeaveOutImpossible">Whether combinations that are no run are left out; otherwise they are an error.</param>
public sealed record SweepFile(SweepGrid Grid, SweepData Data, bool LeaveOutImpossible)
{
    private const string Schema = "noisescale/sweep";
    private const int Version = 1;

    /// <summary>Reads a file; a relative data folder is relative to it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SweepFileException">It does not read; names the member, line and column.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static SweepFile Read(string path) => Parse(File.ReadAllBytes(path), Path.GetDirectoryName(Path.GetFullPath(path))!);

    /// <summary>Reads the content of a file.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="folder">What a relative data folder is relative to.</param>
    /// <exception cref="SweepFileException">It does not read; names the member, line and column.</exception>
    public static SweepFile Parse(byte[] json, string folder = ".")
    {
        ArgumentNullException.ThrowIfNull(json);
        var places = new JsonPlaces(json);
        using var document = JsonDocument.Parse(json);
        var file = new JsonField(document.RootElement, "", places).Object(
            "schema", "version", "data", "grid", "evaluations", "trainEvaluationSize", "sampling", "stacking", "device", "threads", "impossible");
        if (file["schema"].Text() is var schema && schema != Schema)
            throw file["schema"].Error($"is {schema}; expected {Schema}");

        if (file["version"].Whole(1) is var version && version != Version)
            throw file["version"].Error($"is {version}; this library reads version {Version}");

        var leaveOut = file.Find("impossible")?.OneOf(("refuse", false), ("leave-out", true)) ?? false;
        return new SweepFile(ReadGrid(file), ReadData(file, folder), leaveOut);
    }

    /// <summary>The cells over a data set.</summary>
    /// <param name="data">The data set.</param>
    /// <exception cref="ArgumentException">The grid has impossible combinations, and the file does not say to leave them out; names the first few.</exception>
    public Sweep Over(ImageDataSet data)
    {
        var sweep = Grid.Over(data);
        if (sweep.Impossible.Count == 0 || LeaveOutImpossible)
            return sweep;

        const int Shown = 5;
        var named = string.Concat(sweep.Impossible.Take(Shown).Select(cell => $"\n  {cell.Point}: {cell.Reason}"));
        var more = sweep.Impossible.Count > Shown ? $"\n  and {sweep.Impossible.Count - Shown} more" : "";
        throw new ArgumentException($"{sweep.Impossible.Count} of the grid's combinations are no run:{named}{more}");
    }

    private static SweepGrid ReadGrid(JsonField file)
    {
        var grid = file["grid"].Object(
            "trainingSetSize", "subsetSeed", "network", "length", "batchSize", "momentum", "weightDecay", "learningRate", "seed");
        return new SweepGrid
        {
            TrainingSetSizes = grid.Find("trainingSetSize")?.Axis<int?>(
                field => field.Kind == JsonValueKind.String ? field.OneOf<int?>(("all", null)) : field.Size("a number of examples, or \"all\""),
                (number, field) => WholeSize(number, field)) ?? [null],
            SubsetSeeds = grid.Find("subsetSeed")?.Axis(field => field.Whole(long.MinValue), WholeNumber) ?? [0],
            Networks = grid["network"].Axis(ReadNetwork),
            Lengths = grid["length"].Axis(ReadLength),
            BatchSizes = grid["batchSize"].Axis(field => field.Size("a number of examples"), WholeSize),
            Momenta = Reals(grid.Find("momentum"), "a number from 0 to below 1", m => m is >= 0 and < 1) ?? [0],
            WeightDecays = Reals(grid.Find("weightDecay"), "a number, at least 0", decay => decay >= 0) ?? [0],
            LearningRates = Reals(grid["learningRate"], "a number above 0", rate => rate > 0)!,
            Seeds = grid.Find("seed")?.Axis(field => field.Whole(long.MinValue), WholeNumber) ?? [0],
            Evaluations = file.Find("evaluations")?.Size("a number of evaluations") ?? 1,
            TrainEvaluationSize = file.Find("trainEvaluationSize")?.Size("a number of examples"),
            Sampling = file.Find("sampling")?.OneOf(
                ("reshuffled-epochs", Sampling.ReshuffledEpochs), ("independent", Sampling.IndependentWithoutReplacement),
                ("with-replacement", Sampling.WithReplacement)) ?? Sampling.ReshuffledEpochs,
            Stacking = file.Find("stacking")?.OneOf(
                ("where-faster", Stacking.WhereFaster), ("where-possible", Stacking.WherePossible), ("never", Stacking.Never)) ?? Stacking.WhereFaster,
            Device = file.Find("device")?.OneOf(("cpu", "cpu"), ("cuda", "cuda")) ?? "cpu",
            Threads = file.Find("threads")?.Size("a number of threads") ?? 1,
        };
    }

    private static IReadOnlyList<double>? Reals(JsonField? axis, string rule, Func<double, bool> holds) => axis?.Axis(
        field => field.Number(rule, holds), (number, field) => holds(number) ? number : throw field.Error($"comes to {number:R}; expected {rule}"));

    private static long WholeNumber(double number, JsonField field) => number == Math.Floor(number) && Math.Abs(number) < 1L << 53
        ? (long)number
        : throw field.Error($"comes to {number:R}; expected whole numbers");

    private static int WholeSize(double number, JsonField field) => WholeNumber(number, field) is >= 1 and <= int.MaxValue and var size
        ? (int)size
        : throw field.Error($"comes to {number:R}; expected whole numbers, at least 1");

    private static NetworkChoice ReadNetwork(JsonField field)
    {
        var network = field.Object("kind", "hidden", "channels");
        return network["kind"].OneOf(("perceptron", true), ("convolutional", false))
            ? network.Find("channels") is { } channels
                ? throw channels.Error("a perceptron has hidden layers, and no channels")
                : new NetworkChoice.Perceptron([.. network["hidden"].Elements().Select(width => width.Size("a number of units"))])
            : network.Find("hidden") is { } hidden
                ? throw hidden.Error("a convolutional network has channels, and no hidden layers")
                : network.Find("channels") is not { } given ? new NetworkChoice.Convolutional()
                : given.Elements() is [var first, var second] ? new NetworkChoice.Convolutional(first.Size("a number of channels"), second.Size("a number of channels"))
                : throw given.Error("has not two numbers, one for each convolution");
    }

    private static TrainingLength ReadLength(JsonField field)
    {
        var length = field.Object("epochs", "updates", "updatesTimesLearningRate");
        (JsonField? Epochs, JsonField? Updates, JsonField? Product) given =
            (length.Find("epochs"), length.Find("updates"), length.Find("updatesTimesLearningRate"));
        return given switch
        {
            ({ } epochs, null, null) => new TrainingLength.OfEpochs(epochs.Number("a number above 0", value => value > 0)),
            (null, { } updates, null) => new TrainingLength.OfUpdates(updates.Whole(1)),
            (null, null, { } product) => new TrainingLength.OfUpdatesTimesLearningRate(product.Number("a number above 0", value => value > 0)),
            _ => throw field.Error("needs one of epochs, updates and updatesTimesLearningRate"),
        };
    }

    private static SweepData ReadData(JsonField file, string folder)
    {
        if (file.Find("data") is not { } given)
            return new SweepData.Default();

        var data = given.Object("folder", "synthetic");
        if (data.Find("folder") is { } path && data.Find("synthetic") is null)
            return new SweepData.Folder(Path.Combine(folder, path.Text()));

        if (data.Find("folder") is not null || data.Find("synthetic") is null)
            throw given.Error("needs either folder or synthetic");

        var synthetic = data["synthetic"].Object("train", "test", "seed");
        var defaults = new SyntheticDigitsSettings();
        return new SweepData.Synthetic(defaults with
        {
            TrainCount = synthetic.Find("train")?.Size("a number of images") ?? defaults.TrainCount,
            TestCount = synthetic.Find("test")?.Size("a number of images") ?? defaults.TestCount,
            Seed = synthetic.Find("seed")?.Whole(long.MinValue) ?? defaults.Seed,
        });
    }
}
