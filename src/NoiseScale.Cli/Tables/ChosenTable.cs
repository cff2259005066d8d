using NoiseScale.Cli.Terminal;
using TorchSharp;

namespace NoiseScale.Cli.Tables;

/// <summary>The rows and columns of a table that a regression is to look at.</summary>
/// <param name="File">The table.</param>
/// <param name="Target">The column that is predicted; null for the last.</param>
/// <param name="Inputs">The columns it is predicted from; null for all others.</param>
/// <param name="TestFile">A table of held-out rows; null to hold rows of the first one out.</param>
/// <param name="TestRows">How many rows are held out; null for a fifth.</param>
/// <param name="TrainingRows">How many of the others are trained on; null for all.</param>
/// <param name="Standardise">Whether columns are centred and scaled by the training rows.</param>
/// <param name="Seed">Draws the rows.</param>
public sealed record ChosenTable(
    string File, string? Target, IReadOnlyList<string>? Inputs, string? TestFile, int? TestRows, int? TrainingRows, bool Standardise, long Seed)
{
    /// <summary>The least number of rows that a process is fitted to.</summary>
    private const int Least = 3;

    // K, its factor and what the evidence's gradient needs: about six matrices of n × n numbers
    private const int Most = 12_000;

    /// <summary>Reads the table.</summary>
    /// <exception cref="CommandFailure">A file or a column is not there, a field does not read, or there are too few rows: says which, and what to change.</exception>
    public RegressionData Load()
    {
        var table = CsvTable.Read(File);
        var target = Target ?? table.Columns[^1];
        table.Require(target);
        var inputs = Inputs ?? [.. table.Columns.Where(column => column != target)];
        if (inputs.Contains(target))
            throw CommandFailure.Usage($"--inputs {string.Join(',', inputs)}: '{target}' is the target.", "--target names another column.");

        var rows = Rows(table, inputs, target);
        var (train, test) = TestFile is { } file ? (Drawn(rows, TrainingRows), Rows(CsvTable.Read(file), inputs, target)) : Split(rows);
        if (train.Length < Least)
            throw CommandFailure.Refusal($"{File} has {table.Rows} rows and leaves {train.Length} to train on: there are at least {Least}.", "More rows, or a smaller --test-examples, would do.");

        if (test.Length == 0)
            throw CommandFailure.Refusal($"{TestFile ?? File} has no row to be held out.", "--test names a table of held-out rows.");

        if (train.Length > Most)
            throw CommandFailure.Refusal($"{Numbers.Whole(train.Length)} training rows need a covariance of as many rows and columns; {Numbers.Whole(Most)} are the most.", "--examples draws fewer.");

        return new RegressionData(target, inputs, train, test, Standardise ? Scales(train, [.. inputs, target]) : [.. inputs.Append(target).Select(_ => (0.0, 1.0))]);
    }

    // inputs and target of every row, the target last
    private static double[][] Rows(CsvTable table, IReadOnlyList<string> inputs, string target)
    {
        double[][] columns = [.. inputs.Append(target).Select(table.Numbers)];
        return [.. Enumerable.Range(0, table.Rows).Select(row => columns.Select(column => column[row]).ToArray())];
    }

    private (double[][] Train, double[][] Test) Split(double[][] rows)
    {
        var held = TestRows ?? (rows.Length + 4) / 5;
        if (held >= rows.Length)
            throw CommandFailure.Refusal($"{File} has {rows.Length} rows, of which {held} held-out ones leave none to train on.", "More rows, or a smaller --test-examples, would do.");

        var shuffled = Shuffled(rows);
        return (Some(shuffled[held..], TrainingRows), shuffled[..held]);
    }

    private double[][] Drawn(double[][] rows, int? count) => count is null ? rows : Some(Shuffled(rows), count);

    private double[][] Some(double[][] rows, int? count) => count switch
    {
        null => rows,
        { } wanted when wanted <= rows.Length => rows[..wanted],
        { } wanted => throw CommandFailure.Refusal($"{File} has {rows.Length} rows to train on; --examples asks for {wanted}."),
    };

    private double[][] Shuffled(double[][] rows)
    {
        using var generator = new torch.Generator((ulong)Seed);
        using var order = torch.randperm(rows.Length, generator: generator);
        return [.. order.data<long>().ToArray().Select(i => rows[i])];
    }

    private (double Centre, double Scale)[] Scales(double[][] rows, IReadOnlyList<string> names) =>
    [
        .. names.Select((name, i) =>
        {
            var mean = rows.Average(row => row[i]);
            var deviation = Math.Sqrt(rows.Average(row => (row[i] - mean) * (row[i] - mean)));
            return deviation > 0
                ? (mean, deviation)
                : throw CommandFailure.Refusal($"The column '{name}' of {File} is {Numbers.Real(mean)} in every training row: it cannot be scaled.", "--inputs can leave it out.");
        }),
    ];
}
