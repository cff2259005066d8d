using System.Diagnostics;
using System.Globalization;

namespace NoiseScale.Training;

/// <summary>Saves the checkpoints of one run when they are due and finds the latest good one; keeps the newest two.</summary>
internal sealed class CheckpointKeeper
{
    private const string Prefix = "checkpoint-";
    private const string Unfinished = ".tmp";
    private const int Kept = 2; // should the newest turn out damaged, there is the one before

    private readonly CheckpointSettings _settings;
    private readonly string _identity;
    private readonly List<string> _refused = [];
    private long _lastUpdates;
    private long _lastTime = Stopwatch.GetTimestamp();

    public CheckpointKeeper(CheckpointSettings settings, string identity)
    {
        (_settings, _identity) = (settings, identity);
        StorageException.Guard(settings.Directory, () =>
        {
            Directory.CreateDirectory(settings.Directory);

            // what a process left that was killed while it wrote
            foreach (var unfinished in Directory.GetDirectories(settings.Directory, $"{Prefix}*{Unfinished}"))
                Directory.Delete(unfinished, recursive: true);
        });
    }

    /// <summary>Checkpoints that were found and not used, each with the reason.</summary>
    public IReadOnlyList<string> Refused => _refused;

    /// <summary>Whether the settings ask for a checkpoint after so many updates, now.</summary>
    public bool IsDue(long updates) =>
        updates - _lastUpdates >= (_settings.EveryUpdates ?? long.MaxValue)
        || (_settings.Interval is { } interval && Stopwatch.GetElapsedTime(_lastTime) >= interval);

    /// <summary>Saves a state.</summary>
    /// <exception cref="StorageException">It cannot be written; those before are still there.</exception>
    public void Save(CheckpointState state, IReadOnlyList<(string Name, Tensor Tensor)> tensors) => StorageException.Guard(_settings.Directory, () =>
    {
        Checkpoint.Write(Path.Combine(_settings.Directory, Prefix + state.Updates.ToString("D12", CultureInfo.InvariantCulture)), _identity, state, tensors);
        (_lastUpdates, _lastTime) = (state.Updates, Stopwatch.GetTimestamp());
        foreach (var old in Newest().Skip(Kept))
            Directory.Delete(old, recursive: true);
    });

    /// <summary>The newest checkpoint that is whole and of this run; null if there is none. Says of every other why not.</summary>
    public SavedCheckpoint? Latest(IReadOnlyList<(string Name, Tensor Tensor)> like)
    {
        foreach (var folder in Newest())
        {
            try
            {
                var saved = Checkpoint.Read(folder, _identity, like);
                _lastUpdates = saved.State.Updates;
                return saved;
            }
            catch (Exception failure) when (failure is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                _refused.Add($"{folder}: {failure.Message}");
            }
        }

        return null;
    }

    // numbers are padded, so the order of names is the order of updates; folders still being written have another ending
    private IEnumerable<string> Newest() =>
        Directory.EnumerateDirectories(_settings.Directory, Prefix + "*")
            .Where(folder => !folder.EndsWith(Unfinished, StringComparison.Ordinal))
            .OrderByDescending(Path.GetFileName, StringComparer.Ordinal);
}
