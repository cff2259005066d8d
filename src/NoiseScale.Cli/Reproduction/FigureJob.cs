using NoiseScale.Cli.Gallery;

namespace NoiseScale.Cli.Reproduction;

/// <summary>A figure to be made: where, and by which stamp one sees later that it is fresh.</summary>
/// <param name="Figure">The figure.</param>
/// <param name="Name">Its name for the reader, with its paper where there are several.</param>
/// <param name="Folder">The paper's folder of pages.</param>
/// <param name="Stamp">What its page is made from.</param>
/// <param name="Cost">What it costs beside the others (<see cref="FigureCosts"/>).</param>
public sealed record FigureJob(Figure Figure, string Name, string Folder, string Stamp, double Cost)
{
    /// <summary>Whether its page lies there, made from the same scripts, profile, data and library version.</summary>
    public bool IsFresh => FigureSummary.Read(Folder, Figure.Name)?.Stamp == Stamp;
}
