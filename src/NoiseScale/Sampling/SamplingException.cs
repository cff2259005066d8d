namespace NoiseScale;

/// <summary>A chain cannot go on: it diverged, or its metric has no inverse. The message says what was found, when, and what to change.</summary>
public sealed class SamplingException : InvalidOperationException
{
    internal SamplingException(string message, int chain, long update)
        : base(message) => (Chain, Update) = (chain, update);

    /// <summary>Which chain, from 0.</summary>
    public int Chain { get; }

    /// <summary>How many updates had been made.</summary>
    public long Update { get; }
}
