using System.Globalization;
using System.Text.Json;
using Parquet;
using Parquet.Schema;

namespace NoiseScale.Training.Sweeps.Tables;

/// <summary>One column of a collected table: a name, and how to read its value from a cell.</summary>
internal abstract record SweepColumn(string Name)
{
    /// <summary>The values as texts; empty for none.</summary>
    public abstract IEnumerable<string> Texts(IReadOnlyList<SweepRow> rows);

    /// <summary>The column's description in a Parquet file.</summary>
    public abstract DataField Field { get; }

    /// <summary>Writes the values into a Parquet file.</summary>
    public abstract Task Write(ParquetRowGroupWriter writer, DataField field, IReadOnlyList<SweepRow> rows);

    /// <summary>A column of numbers or truth values.</summary>
    public static SweepColumn Of<T>(string name, Func<SweepRow, T?> value)
        where T : struct, IFormattable => new Values<T>(name, value, one => one.ToString(null, CultureInfo.InvariantCulture));

    /// <summary>A column of truth values.</summary>
    public static SweepColumn Of(string name, Func<SweepRow, bool?> value) => new Values<bool>(name, value, one => one ? "true" : "false");

    /// <summary>A column of texts.</summary>
    public static SweepColumn Of(string name, Func<SweepRow, string?> value) => new Words(name, value);

    private sealed record Values<T>(string Name, Func<SweepRow, T?> Value, Func<T, string> Show) : SweepColumn(Name)
        where T : struct
    {
        public override DataField Field => new DataField<T?>(Name);

        public override IEnumerable<string> Texts(IReadOnlyList<SweepRow> rows) => rows.Select(row => Value(row) is { } one ? Show(one) : "");

        public override Task Write(ParquetRowGroupWriter writer, DataField field, IReadOnlyList<SweepRow> rows) =>
            writer.WriteAsync<T>(field, rows.Select(Value).ToArray().AsMemory());
    }

    private sealed record Words(string Name, Func<SweepRow, string?> Value) : SweepColumn(Name)
    {
        public override DataField Field => new DataField<string>(Name);

        public override IEnumerable<string> Texts(IReadOnlyList<SweepRow> rows) => rows.Select(row => Value(row) ?? "");

        public override Task Write(ParquetRowGroupWriter writer, DataField field, IReadOnlyList<SweepRow> rows) =>
            writer.WriteAsync(field, rows.Select(row => Value(row)!).ToArray());
    }
}
