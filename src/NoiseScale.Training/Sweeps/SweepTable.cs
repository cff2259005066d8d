using System.Text.Json;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps.Tables;
using Parquet;
using Parquet.Schema;

namespace NoiseScale.Training.Sweeps;

/// <summary>A cell and what the store knows of it: one row of the collected table.</summary>
/// <param name="Cell">The cell.</param>
/// <param name="Sighting">How it stands, and its result where there is one.</param>
public sealed record SweepRow(SweepCell Cell, RunSighting Sighting)
{
    internal TrainingRecord? Last => Sighting.Result?.Records is { Count: > 0 } records ? records[^1] : null;
}

/// <summary>
/// A sweep's cells as a table, one row a cell in the order of the grid. Every column but the last three is a function of the sweep, the data and
/// the library, so its bytes are the same again whatever happened on the way. The columns are described in SCHEMA.md.
/// </summary>
public sealed class SweepTable
{
    private static readonly SweepColumn[] Numbers =
    [
        SweepColumn.Of("cell", row => (long?)row.Cell.Index),
        SweepColumn.Of("hash", row => row.Cell.Hash),
        SweepColumn.Of("status", row => JsonNamingPolicy.CamelCase.ConvertName(row.Sighting.State.ToString())),
        SweepColumn.Of("remark", row => row.Sighting.State is RunState.Failed or RunState.Diverged ? row.Sighting.Remark : null),
        SweepColumn.Of("trainingSetSize", row => (long?)row.Cell.Point.TrainingSetSize),
        SweepColumn.Of("subsetSeed", row => row.Cell.Point.SubsetSeed),
        SweepColumn.Of("network", row => row.Cell.Point.Network.ToString()),
        SweepColumn.Of("length", row => row.Cell.Point.Length.ToString()),
        SweepColumn.Of("batchSize", row => (long?)row.Cell.Point.BatchSize),
        SweepColumn.Of("momentum", row => (double?)row.Cell.Point.Momentum),
        SweepColumn.Of("weightDecay", row => (double?)row.Cell.Point.WeightDecay),
        SweepColumn.Of("learningRate", row => (double?)row.Cell.Point.LearningRate),
        SweepColumn.Of("seed", row => (long?)row.Cell.Point.Seed),
        SweepColumn.Of("epochs", row => (double?)row.Cell.Spec.Schedule.Epochs.Value),
        SweepColumn.Of("plannedUpdates", row => (long?)row.Cell.Spec.Plan().Updates),
        SweepColumn.Of("updates", row => row.Sighting.Result?.Updates),
        SweepColumn.Of("noiseScale", row => (double?)row.Cell.Spec.Schedule.NoiseScaleAt(0).Value),
        SweepColumn.Of("stacked", row => (bool?)row.Cell.Spec.Stacked),
        SweepColumn.Of("trainLoss", row => row.Last?.TrainLoss),
        SweepColumn.Of("trainAccuracy", row => row.Last?.TrainAccuracy),
        SweepColumn.Of("testLoss", row => row.Last?.TestLoss),
        SweepColumn.Of("testAccuracy", row => row.Last?.TestAccuracy),
        SweepColumn.Of("bestTestAccuracy", row => row.Last is null ? null : (double?)row.Sighting.Result!.BestTestAccuracy),
    ];

    private static readonly SweepColumn[] Times =
    [
        SweepColumn.Of("seconds", row => row.Sighting.Result?.Provenance.WallSeconds),
        SweepColumn.Of("together", row => (long?)row.Sighting.Result?.Provenance.Together),
        SweepColumn.Of("started", row => row.Sighting.Result?.Provenance.Started.ToString("O")),
    ];

    private readonly SweepColumn[] _columns;

    private SweepTable(IReadOnlyList<SweepRow> rows, bool times) => (Rows, _columns) = (rows, times ? [.. Numbers, .. Times] : Numbers);

    /// <summary>The rows.</summary>
    public IReadOnlyList<SweepRow> Rows { get; }

    /// <summary>Collects what a store holds of a sweep.</summary>
    /// <param name="sweep">The sweep.</param>
    /// <param name="store">Where its results are.</param>
    /// <param name="times">Whether to have the columns that differ from run to run: how long each cell took, with how many others, and when.</param>
    public static SweepTable Collect(Sweep sweep, RunStore store, bool times = true)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        return new SweepTable([.. sweep.Cells.Zip(sweep.Look(store), (cell, sighting) => new SweepRow(cell, sighting))], times);
    }

    /// <summary>The table in CSV (RFC 4180), its numbers in the shortest form that reads back to the same bits.</summary>
    /// <param name="writer">Where to.</param>
    public void WriteCsv(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var columns = _columns.Select(column => column.Texts(Rows).ToArray()).ToArray();
        writer.Write(string.Join(',', _columns.Select(column => column.Name)));
        writer.Write('\n');
        for (var row = 0; row < Rows.Count; row++)
        {
            for (var column = 0; column < columns.Length; column++)
            {
                if (column > 0)
                    writer.Write(',');

                writer.Write(Quoted(columns[column][row]));
            }

            writer.Write('\n');
        }
    }

    /// <summary>The table as a Parquet file of one row group.</summary>
    /// <param name="stream">Where to; must be able to seek.</param>
    public async Task WriteParquet(Stream stream)
    {
        var schema = new ParquetSchema([.. _columns.Select(column => column.Field)]);
        await using var writer = await ParquetWriter.CreateAsync(schema, stream).ConfigureAwait(false);
        using var group = writer.CreateRowGroup();
        foreach (var (column, field) in _columns.Zip(schema.DataFields))
            await column.Write(group, field, Rows).ConfigureAwait(false);

        group.CompleteValidate();
    }

    private static string Quoted(string text) =>
        text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
