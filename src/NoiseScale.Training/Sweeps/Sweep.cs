using NoiseScale.Training.Data;
using NoiseScale.Training.Runs;

namespace NoiseScale.Training.Sweeps;

/// <summary>The cells of a grid over a data set, in their order.</summary>
/// <param name="Cells">The runs, in the order of the grid.</param>
/// <param name="Impossible">Combinations that are no run, each with the rule it breaks.</param>
/// <param name="Duplicates">Combinations left out because another comes to the same run.</param>
public sealed record Sweep(IReadOnlyList<SweepCell> Cells, IReadOnlyList<ImpossibleCell> Impossible, int Duplicates)
{
    /// <summary>
    /// Part k of n: the cells k, k + n, k + 2n, … of the grid, counted from 1, so that every part has its share of long and of short ones. With
    /// as many parts as cells a part is one cell.
    /// </summary>
    /// <param name="k">Which part, from 1 to <paramref name="n"/>.</param>
    /// <param name="n">How many parts, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number breaks its rule.</exception>
    public Sweep Part(int k, int n)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(n, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, n);
        return this with { Cells = [.. Cells.Where(cell => cell.Index % n == k - 1)] };
    }

    /// <summary>Runs the cells that have no result yet; see <see cref="RunStore"/>.</summary>
    /// <param name="store">Where the results are.</param>
    /// <param name="data">The data set the sweep was made over.</param>
    /// <param name="options">How to run; the defaults if null.</param>
    /// <param name="progress">Told several times a second, from any thread.</param>
    /// <param name="cancellation">Ends the running cells between two updates.</param>
    /// <returns>One result a cell, in the order of the cells.</returns>
    /// <exception cref="StorageException">Results cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what has ended stays.</exception>
    public IReadOnlyList<RunResult> Run(
        RunStore store, ImageDataSet data, RunOptions? options = null, IProgress<RunStoreProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.GetOrRun(Cells.Select(cell => cell.Spec), data, options, progress, cancellation);
    }

    /// <summary>How every cell stands, in the order of the cells; changes nothing.</summary>
    /// <param name="store">Where the results are.</param>
    public IReadOnlyList<RunSighting> Look(RunStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return [.. Cells.Select(cell => store.Look(cell.Spec))];
    }
}
