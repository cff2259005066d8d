namespace NoiseScale.Cli.Measuring;

/// <summary>Progress that is told at once, on the thread that reports it; <see cref="Progress{T}"/> would answer on another, and late.</summary>
/// <param name="told">Whom to tell.</param>
public sealed class Told<T>(Action<T> told) : IProgress<T>
{
    /// <inheritdoc/>
    public void Report(T value) => told(value);
}
