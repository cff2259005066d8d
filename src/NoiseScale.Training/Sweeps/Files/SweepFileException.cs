namespace NoiseScale.Training.Sweeps;

/// <summary>A sweep file that does not read; the message names the member and the rule it breaks.</summary>
public sealed class SweepFileException : Exception
{
    internal SweepFileException(string message, string member, int line, int column, Exception? inner = null)
        : base(message, inner) => (Member, Line, Column) = (member, line, column);

    /// <summary>The member, such as <c>grid.batchSize[2]</c>; empty for the file as a whole.</summary>
    public string Member { get; }

    /// <summary>Where it stands, from 1.</summary>
    public int Line { get; }

    /// <summary>Where in the line, from 1.</summary>
    public int Column { get; }
}
