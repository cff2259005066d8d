using System.Text.Json;
using System.Text.Json.Serialization;

namespace NoiseScale.Training.Runs;

/// <summary>How a run ended.</summary>
public enum RunStatus
{
    /// <summary>All updates were taken and every loss was finite.</summary>
    Completed,

    /// <summary>A loss ceased to be finite: a result, and what learning rates beyond the largest stable one look like.</summary>
    Diverged,

    /// <summary>An error ended it; run again by the next call.</summary>
    Failed,
}

/// <summary>One run's result: what was asked, what came out, and where the numbers come from.</summary>
public sealed record RunResult
{
    internal const string ExpectedFormat = "noisescale/run";
    internal const int ExpectedVersion = 1;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The name of the file format: <c>noisescale/run</c>.</summary>
    public string Format { get; init; } = ExpectedFormat;

    /// <summary>The version of the file format.</summary>
    public int Version { get; init; } = ExpectedVersion;

    /// <summary>The spec's <see cref="RunSpec.Hash"/>.</summary>
    public required string SpecHash { get; init; }

    /// <summary>How the run ended.</summary>
    public required RunStatus Status { get; init; }

    /// <summary>Why it failed; null for a run that did not.</summary>
    public string? FailureReason { get; init; }

    /// <summary>Where it diverged; null for a run that did not.</summary>
    public Divergence? Divergence { get; init; }

    /// <summary>Updates taken.</summary>
    public required long Updates { get; init; }

    /// <summary>Updates of the plan.</summary>
    public required long PlannedUpdates { get; init; }

    /// <summary>The evaluations, in order.</summary>
    public required IReadOnlyList<TrainingRecord> Records { get; init; }

    /// <summary>What the numbers come from; for a figure's caption.</summary>
    public required RunProvenance Provenance { get; init; }

    /// <summary>The spec in canonical JSON.</summary>
    public required JsonElement Spec { get; init; }

    /// <summary>The last evaluation.</summary>
    /// <exception cref="InvalidOperationException">There is none, because the run failed or diverged before the first.</exception>
    [JsonIgnore]
    public TrainingRecord Final => Records.Count > 0
        ? Records[^1]
        : throw new InvalidOperationException($"run {SpecHash} has no records: {Status} {FailureReason}");

    /// <summary>The best test accuracy at any of the evaluations: P6's measure of a run.</summary>
    /// <exception cref="InvalidOperationException">There is no evaluation, because the run failed or diverged before the first.</exception>
    [JsonIgnore]
    public double BestTestAccuracy => Records.Count > 0 ? Records.Max(record => record.TestAccuracy) : Final.TestAccuracy;

    /// <summary>The result as the content of its file.</summary>
    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads a result file.</summary>
    /// <param name="path">A file that a <see cref="RunStore"/> wrote.</param>
    /// <exception cref="InvalidDataException">It is damaged, or of another format or version; says which.</exception>
    public static RunResult Read(string path)
    {
        RunResult result;
        try
        {
            result = JsonSerializer.Deserialize<RunResult>(File.ReadAllBytes(path), Json) ?? throw new InvalidDataException($"{path} is empty");
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{path} is not a result: {failure.Message}", failure);
        }

        return (result.Format, result.Version) == (ExpectedFormat, ExpectedVersion)
            ? result
            : throw new InvalidDataException(
                $"{path} is of format {result.Format} {result.Version}; this library reads {ExpectedFormat} {ExpectedVersion}");
    }
}
