namespace NoiseScale;

/// <summary>One update of a plan, with everything that an optimizer and a data loader need.</summary>
/// <param name="Index">k = 0, 1, …</param>
/// <param name="Epoch">Epochs of data seen before this update.</param>
/// <param name="FirstExample">Stream position of its first example: epoch·N + offset in that epoch's order.</param>
/// <param name="BatchSize">Examples in its batch.</param>
/// <param name="LearningRate">ε of this update, for a mean over the batch.</param>
/// <param name="Momentum">m of this update, in [0, 1); 0 where the optimizer has none.</param>
public readonly record struct PlannedUpdate(
    long Index, Epochs Epoch, long FirstExample, int BatchSize, double LearningRate, double Momentum)
{
    /// <summary>The stream position after its last example.</summary>
    public long EndExample => FirstExample + BatchSize;

    internal Core.PlannedUpdate ToCore() => new(Index, Epoch.Value, FirstExample, BatchSize, LearningRate, Momentum);

    internal static PlannedUpdate From(in Core.PlannedUpdate update) =>
        new(update.Index, update.Epoch, update.FirstExample, update.BatchSize, update.LearningRate, update.Momentum);
}
