using System.Text.Json;

namespace NoiseScale.Training.Runs;

/// <summary>What becomes of a run, as the content of its file.</summary>
internal static class Results
{
    /// <summary>Of a run that came to its end, or whose loss ceased to be finite; frees the outcome's tensors.</summary>
    public static RunResult Of(RunSpec spec, TrainingOutcome outcome, RunProvenance provenance)
    {
        using (outcome)
        {
            return new RunResult
            {
                SpecHash = spec.Hash,
                Status = outcome.Divergence is null ? RunStatus.Completed : RunStatus.Diverged,
                Divergence = outcome.Divergence,
                Updates = outcome.Updates,
                PlannedUpdates = spec.Plan().Updates,
                Records = outcome.Records,
                Provenance = provenance with
                {
                    WallSeconds = outcome.Elapsed.TotalSeconds,
                    ResumedAt = outcome.ResumedAt,
                    RefusedCheckpoints = outcome.RefusedCheckpoints,
                },
                Spec = Json(spec),
            };
        }
    }

    /// <summary>Of a run that an error ended.</summary>
    public static RunResult Of(RunSpec spec, Exception failure, RunProvenance provenance) => new()
    {
        SpecHash = spec.Hash,
        Status = RunStatus.Failed,
        FailureReason = $"{failure.GetType().Name}: {failure.Message}",
        Updates = 0,
        PlannedUpdates = spec.Plan().Updates,
        Records = [],
        Provenance = provenance,
        Spec = Json(spec),
    };

    private static JsonElement Json(RunSpec spec) => JsonSerializer.Deserialize<JsonElement>(spec.ToCanonicalJson());
}
