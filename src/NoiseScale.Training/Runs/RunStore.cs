using System.Text.Json;
using NoiseScale.Training.Data;

namespace NoiseScale.Training.Runs;

/// <summary>Results on the disk, one file a run, named by the hash of its spec: what is there is read, and only what is missing is run.</summary>
/// <remarks>
/// A file is written under a temporary name, flushed and renamed, so it is there whole or not at all. Processes may share a store, also over
/// machines: each claims a run before it begins it, and reads what another has finished. The numbers of a run depend on its spec alone, not on
/// what runs beside it.
/// </remarks>
public sealed class RunStore
{
    private const string CheckpointFolder = "unfinished";
    private const string ClaimEnding = ".claim";

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
        return FileOf(spec.Hash);
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

    /// <summary>How a run stands, without changing anything.</summary>
    /// <param name="spec">What was or will be run.</param>
    public RunSighting Look(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        RunSighting? damaged = null;
        try
        {
            if (Find(spec) is { } result)
                return RunSighting.Of(result);
        }
        catch (Exception failure) when (IsDamage(failure))
        {
            damaged = new RunSighting(RunState.Damaged, null, failure.Message);
        }

        return RunClaim.Holder(ClaimOf(spec.Hash)) is { } holder ? new RunSighting(RunState.Running, null, holder.ToString())
            : damaged ?? new RunSighting(RunState.Missing, null, null);
    }

    /// <summary>The results of specs in their order: read where they are there, run where they are missing.</summary>
    /// <param name="specs">What to run; equal ones are run once.</param>
    /// <param name="data">The data set of all specs.</param>
    /// <param name="options">How to run what is missing; the defaults if null.</param>
    /// <param name="progress">Told several times a second, from any thread, one report at a time.</param>
    /// <param name="cancellation">Ends the running runs between two updates; what has ended stays in the store.</param>
    /// <returns>One result a spec. A run that fails has a result of status <see cref="RunStatus.Failed"/> with its reason.</returns>
    /// <remarks>Runs that another process has claimed are waited for; should that process end without a result, they are run here.</remarks>
    /// <exception cref="ArgumentException">A spec does not fit together or is for other data; nothing has been run.</exception>
    /// <exception cref="StorageException">Results cannot be written; those written before stay.</exception>
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
    /// <exception cref="StorageException">Results cannot be written; those written before stay.</exception>
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

        ClearLeftovers();
        var hashes = Array.ConvertAll(asked, spec => spec.Hash);
        var results = new Dictionary<string, RunResult>();
        var distinct = asked.Zip(hashes, (spec, hash) => new NamedRun(hash, spec)).DistinctBy(run => run.Hash).ToList();
        foreach (var run in distinct)
        {
            if (Usable(run, options, options.Warn) is { } found)
                results.Add(run.Hash, found);
        }

        if (results.Count < distinct.Count)
        {
            var team = new RunTeam(this, RunUnit.Of(distinct), results.Keys.ToHashSet(), spec => DataOf(spec, dataSets), options, progress);
            foreach (var result in team.Run(cancellation))
                results.Add(result.SpecHash, result);
        }

        return Array.ConvertAll(hashes, hash => results[hash]);
    }

    private static readonly JsonSerializerOptions Plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Where an unfinished run keeps its checkpoints.</summary>
    internal string CheckpointsOf(string hash) => Path.Combine(Directory, CheckpointFolder, hash);

    /// <summary>Claims a run and clears away what a killed process left of it; null where another has claimed it.</summary>
    /// <exception cref="StorageException">The directory cannot be written to.</exception>
    internal RunClaim? Claim(NamedRun run) => StorageException.Guard(Directory, () =>
    {
        System.IO.Directory.CreateDirectory(Directory);
        var claim = RunClaim.TryTake(ClaimOf(run.Hash));
        if (claim is not null)
            DurableFile.DeleteLeftovers(FileOf(run.Hash));

        return claim;
    });

    /// <summary>Writes the result of a run that has been claimed, drops its checkpoints unless it failed, and gives the claim back.</summary>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    internal void Finish(NamedRun run, RunResult result, RunClaim claim) => StorageException.Guard(Directory, () =>
    {
        DurableFile.Replace(FileOf(run.Hash), result.ToJson());
        PutAway(run.Hash, result.Status, claim);
    });

    // A process that was killed when it had written a result, and had not yet put away what served to make it. What is left of runs without a
    // result is cleared away, or used, by whoever claims them.
    private void ClearLeftovers()
    {
        if (!System.IO.Directory.Exists(Directory))
            return;

        foreach (var path in System.IO.Directory.EnumerateFiles(Directory, "*" + ClaimEnding))
        {
            var hash = Path.GetFileName(path)[..^ClaimEnding.Length];
            if (!File.Exists(FileOf(hash)))
                continue;

            try
            {
                using var claim = RunClaim.TryTake(path);
                if (claim is not null)
                    PutAway(hash, RunResult.Read(FileOf(hash)).Status, claim);
            }
            catch (Exception failure) when (IsDamage(failure))
            {
                // not ours to put away, or to be made again; it does no harm
            }
        }
    }

    private void PutAway(string hash, RunStatus status, RunClaim claim)
    {
        DurableFile.DeleteLeftovers(FileOf(hash));
        if (status != RunStatus.Failed && System.IO.Directory.Exists(CheckpointsOf(hash)))
            System.IO.Directory.Delete(CheckpointsOf(hash), recursive: true);

        claim.Done();
    }

    /// <summary>The result of a run, if there is one that need not be made again.</summary>
    internal RunResult? Usable(NamedRun run, RunOptions options, Action<string>? warn)
    {
        try
        {
            var found = Find(run.Spec);
            return found is { Status: RunStatus.Failed } && options.RetryFailed ? null : found;
        }
        catch (Exception failure) when (IsDamage(failure))
        {
            warn?.Invoke($"{failure.Message}; it is run again");
            return null;
        }
    }

    private static bool IsDamage(Exception failure) => failure is InvalidDataException or IOException or UnauthorizedAccessException;

    private string FileOf(string hash) => Path.Combine(Directory, hash + ".json");

    private string ClaimOf(string hash) => Path.Combine(Directory, hash + ClaimEnding);

    private static ImageDataSet DataOf(RunSpec spec, IReadOnlyList<ImageDataSet> dataSets) =>
        dataSets.FirstOrDefault(data => data.Hash == spec.Data.Hash)
        ?? throw new ArgumentException(
            $"{spec.Data.Name} with hash {spec.Data.Hash} is not among those given: {string.Join(", ", dataSets.Select(data => $"{data.Name} {data.Hash}"))}",
            nameof(dataSets));
}
