using System.Text.Json;
using NoiseScale.Training.Data;

namespace NoiseScale.Training.Runs;

/// <summary>Results on the disk, one file a run, named by the hash of its spec: what is there is read, and only what is missing is run.</summary>
/// <remarks>
/// A file is written under a temporary name, flushed and renamed, so it is there whole or not at all; processes may share a store. The numbers
/// of a run depend on its spec alone, not on what runs beside it.
/// </remarks>
public sealed class RunStore
{
    private const string CheckpointFolder = "unfinished";

    /// <summary>Opens a store.</summary>
    /// <param name="directory">Its directory; made when the first result is written.</param>
    public RunStore(string directory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        Directory = Path.GetFullPath(directory);
    }

    /// <summary>Where the results are.</summary>
    public string Directory { get; }

    /// <summary>The file of a spec's result, whether it is there or not.</summary>
    /// <param name="spec">What was or will be run.</param>
    public string PathOf(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Path.Combine(Directory, spec.Hash + ".json");
    }

    /// <summary>The result of a spec, if it is there.</summary>
    /// <param name="spec">What was run.</param>
    /// <returns>The result; null where there is no file.</returns>
    /// <exception cref="InvalidDataException">The file is damaged or belongs to another spec; says which.</exception>
    public RunResult? Find(RunSpec spec)
    {
        var path = PathOf(spec);
        if (!File.Exists(path))
            return null;

        var result = RunResult.Read(path);
        return JsonSerializer.Serialize(result.Spec, Plain) == spec.ToCanonicalJson() && result.SpecHash == spec.Hash
            ? result
            : throw new InvalidDataException($"{path} holds the result of another spec than its name says");
    }

    /// <summary>The results of specs in their order: read where they are there, run where they are missing.</summary>
    /// <param name="specs">What to run; equal ones are run once.</param>
    /// <param name="data">The data set of all specs.</param>
    /// <param name="options">How to run what is missing; the defaults if null.</param>
    /// <param name="progress">Told several times a second, from any thread, one report at a time.</param>
    /// <param name="cancellation">Ends the running runs between two updates; what has ended stays in the store.</param>
    /// <returns>One result a spec. A run that fails has a result of status <see cref="RunStatus.Failed"/> with its reason.</returns>
    /// <exception cref="ArgumentException">A spec does not fit together or is for other data; nothing has been run.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<RunResult> GetOrRun(
        IEnumerable<RunSpec> specs, ImageDataSet data, RunOptions? options = null,
        IProgress<RunStoreProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return GetOrRun(specs, [data], options, progress, cancellation);
    }

    /// <summary>As the other overload, for specs of several data sets.</summary>
    /// <param name="specs">What to run; equal ones are run once.</param>
    /// <param name="dataSets">The whole data sets of the specs; a spec finds its own by name and hash.</param>
    /// <param name="options">How to run what is missing; the defaults if null.</param>
    /// <param name="progress">Told several times a second, from any thread, one report at a time.</param>
    /// <param name="cancellation">Ends the running runs between two updates; what has ended stays in the store.</param>
    /// <returns>One result a spec.</returns>
    /// <exception cref="ArgumentException">A spec does not fit together, or none of the data sets is its own; nothing has been run.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<RunResult> GetOrRun(
        IEnumerable<RunSpec> specs, IReadOnlyList<ImageDataSet> dataSets, RunOptions? options = null,
        IProgress<RunStoreProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(specs);
        ArgumentNullException.ThrowIfNull(dataSets);
        options ??= new RunOptions();
        if (options.Workers < 1)
            throw new ArgumentOutOfRangeException(nameof(options), options.Workers, $"{nameof(RunOptions.Workers)} must be at least 1");

        RunSpec[] asked = [.. specs];
        foreach (var spec in asked)
        {
            spec.Validate();
            DataOf(spec, dataSets);
        }

        var hashes = Array.ConvertAll(asked, spec => spec.Hash);
        var results = new Dictionary<string, RunResult>();
        var missing = new List<RunSpec>();
        foreach (var (spec, hash) in asked.Zip(hashes).DistinctBy(pair => pair.Second))
        {
            if (Usable(spec, options) is { } found)
                results.Add(hash, found);
            else
                missing.Add(spec);
        }

        if (missing.Count > 0)
        {
            var sweep = new Sweep(this, missing, spec => DataOf(spec, dataSets), options, results.Count, progress);
            foreach (var result in sweep.Run(cancellation))
                results.Add(result.SpecHash, result);
        }

        return Array.ConvertAll(hashes, hash => results[hash]);
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Where an unfinished run keeps its checkpoints.</summary>
    internal string CheckpointsOf(RunSpec spec) => Path.Combine(Directory, CheckpointFolder, spec.Hash);

    internal void Write(RunSpec spec, RunResult result)
    {
        System.IO.Directory.CreateDirectory(Directory);
        DurableFile.Replace(PathOf(spec), result.ToJson());
    }

    private RunResult? Usable(RunSpec spec, RunOptions options)
    {
        try
        {
            var found = Find(spec);
            return found is { Status: RunStatus.Failed } && options.RetryFailed ? null : found;
        }
        catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            options.Warn?.Invoke($"{failure.Message}; it is run again");
            return null;
        }
    }

    private static ImageDataSet DataOf(RunSpec spec, IReadOnlyList<ImageDataSet> dataSets) =>
        dataSets.FirstOrDefault(data => data.Hash == spec.Data.Hash)
        ?? throw new ArgumentException(
            $"{spec.Data.Name} with hash {spec.Data.Hash} is not among those given: {string.Join(", ", dataSets.Select(data => $"{data.Name} {data.Hash}"))}",
            nameof(dataSets));
}
