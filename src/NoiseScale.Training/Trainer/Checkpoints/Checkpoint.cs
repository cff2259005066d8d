using System.Text.Json;
using System.Text.Json.Serialization;
using NoiseScale.Training.Sweeps.Replicas;

namespace NoiseScale.Training;

/// <summary>What a checkpoint holds beside tensors.</summary>
/// <param name="Updates">Updates taken: the index of the next one.</param>
/// <param name="BatchLossSum">Sum of batch loss × batch size since the last record.</param>
/// <param name="BatchLossExamples">Examples in that sum.</param>
/// <param name="Elapsed">Time spent so far.</param>
/// <param name="Records">The evaluations so far.</param>
internal sealed record CheckpointState(
    long Updates, double BatchLossSum, long BatchLossExamples, TimeSpan Elapsed, IReadOnlyList<TrainingRecord> Records)
{
    /// <summary>The replicas of a group that trains together, in whose place the sums and records of a single run stand empty; null for such a run.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReplicaState>? Replicas { get; init; }
}

/// <summary>A checkpoint read back; owns the dispose scope of its tensors.</summary>
internal sealed record SavedCheckpoint(CheckpointState State, IReadOnlyList<(string Name, Tensor Tensor)> Tensors, IDisposable Scope) : IDisposable
{
    public void Dispose() => Scope.Dispose();
}

/// <summary>One checkpoint: a folder with tensors.bin, manifest.json that describes it and holds its SHA-256, and the SHA-256 of the manifest.</summary>
internal static class Checkpoint
{
    private const string Format = "noisescale/checkpoint";
    private const int Version = 1;
    private const string TensorsFile = "tensors.bin";
    private const string ManifestFile = "manifest.json";
    private const string HashFile = "manifest.sha256";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private sealed record Manifest(
        string Format, int Version, string Identity, CheckpointState State, IReadOnlyList<TensorEntry> Tensors, string TensorsSha256);

    /// <summary>Writes a checkpoint under a temporary name, flushes it, and gives it its name: it is there whole, or not at all.</summary>
    public static void Write(string folder, string identity, CheckpointState state, IReadOnlyList<(string Name, Tensor Tensor)> tensors)
    {
        var temporary = $"{folder}.{Guid.NewGuid():N}.tmp";
        Directory.CreateDirectory(temporary);
        try
        {
            var (entries, sha256) = TensorFile.Write(Path.Combine(temporary, TensorsFile), tensors);
            var manifest = JsonSerializer.SerializeToUtf8Bytes(new Manifest(Format, Version, identity, state, entries, sha256), Json);
            DurableFile.Write(Path.Combine(temporary, ManifestFile), manifest);
            DurableFile.Write(Path.Combine(temporary, HashFile), System.Text.Encoding.ASCII.GetBytes(DurableFile.Sha256(manifest)));
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);

            Directory.Move(temporary, folder);
            DurableFile.FlushDirectory(Path.GetDirectoryName(folder)!);
        }
        catch
        {
            if (Directory.Exists(temporary))
                Directory.Delete(temporary, recursive: true);

            throw;
        }
    }

    /// <summary>Reads a checkpoint of the run that <paramref name="identity"/> names and <paramref name="like"/> describes.</summary>
    /// <exception cref="InvalidDataException">It is damaged, of another version or of another run; says which.</exception>
    public static SavedCheckpoint Read(string folder, string identity, IReadOnlyList<(string Name, Tensor Tensor)> like)
    {
        foreach (var name in new[] { ManifestFile, HashFile, TensorsFile })
        {
            if (!File.Exists(Path.Combine(folder, name)))
                throw new InvalidDataException($"{name} is missing");
        }

        var bytes = File.ReadAllBytes(Path.Combine(folder, ManifestFile));
        if (DurableFile.Sha256(bytes) != File.ReadAllText(Path.Combine(folder, HashFile)))
            throw new InvalidDataException($"{ManifestFile} is damaged: its SHA-256 is not the one in {HashFile}");

        var manifest = Parse(bytes);
        if (manifest.Format != Format || manifest.Version != Version)
            throw new InvalidDataException($"{ManifestFile} is of format {manifest.Format} {manifest.Version}; this library reads {Format} {Version}");

        if (manifest.Identity != identity)
            throw new InvalidDataException("it belongs to another run: plan, network, data or settings differ");

        var scope = torch.NewDisposeScope();
        try
        {
            return new SavedCheckpoint(
                manifest.State, TensorFile.Read(Path.Combine(folder, TensorsFile), manifest.Tensors, manifest.TensorsSha256, like), scope);
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }

    private static Manifest Parse(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Manifest>(bytes, Json) ?? throw new InvalidDataException($"{ManifestFile} is empty");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{ManifestFile} is not a manifest: {failure.Message}", failure);
        }
    }
}
