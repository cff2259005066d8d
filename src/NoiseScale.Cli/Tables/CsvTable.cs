using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Tables;

/// <summary>A table in a text file: a line of column names, then a row a line, fields apart by commas, in double quotes where they hold one. (RFC 4180, without line breaks in fields)</summary>
public sealed class CsvTable
{
    private readonly record struct Field(string Text, int Column);

    private readonly record struct Row(int Line, IReadOnlyList<Field> Fields);

    private readonly string _text;
    private readonly List<Row> _rows = [];

    private CsvTable(string path, string text)
    {
        (Path, _text) = (path, text.StartsWith('\ufeff') ? text[1..] : text);
        var lines = _text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            if (!string.IsNullOrWhiteSpace(line))
                _rows.Add(new Row(i + 1, Split(line, i + 1)));
        }

        Columns = Names();
        _rows.RemoveAt(0);
        foreach (var row in _rows)
        {
            if (row.Fields.Count != Columns.Count)
            {
                throw Wrong(
                    row.Line, row.Fields[Math.Min(row.Fields.Count, Columns.Count + 1) - 1].Column,
                    $"it has {row.Fields.Count} field{(row.Fields.Count == 1 ? "" : "s")}, and the header has {Columns.Count}",
                    row.Fields.Count > Columns.Count ? "Decimals take a point, and a field with a comma in it stands in double quotes." : null);
            }
        }
    }

    /// <summary>The file's name as it was typed.</summary>
    public string Path { get; }

    /// <summary>The names of the columns, in their order.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Rows, without the header.</summary>
    public int Rows => _rows.Count;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its name.</param>
    /// <exception cref="CommandFailure">It cannot be opened, or a line does not read: says which line and column.</exception>
    public static CsvTable Read(string path)
    {
        try
        {
            return new CsvTable(path, File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandFailure.Refusal($"Cannot read {path}: {FileProblem.Of(e, path)}.", "A table is a text file of comma-separated values, its first line the names of its columns.", e);
        }
    }

    /// <summary>Whether there is a column of that name; where there is none, a failure that says which there are.</summary>
    /// <param name="name">The name.</param>
    /// <exception cref="CommandFailure">There is no such column.</exception>
    public void Require(string name)
    {
        if (Columns.Contains(name))
            return;

        var guess = Spelling.Nearest(name, Columns) is { } near ? $"Did you mean '{near}'?" : $"It has {string.Join(", ", Columns)}.";
        throw CommandFailure.Refusal($"{Path} has no column '{name}'.", guess);
    }

    /// <summary>The numbers of a column, row after row.</summary>
    /// <param name="name">The column.</param>
    /// <exception cref="CommandFailure">There is no such column, or a field of it is no finite number: says in which line and column of the file.</exception>
    public double[] Numbers(string name)
    {
        Require(name);
        var column = Columns.ToList().IndexOf(name);
        return [.. _rows.Select(row => Number(row, row.Fields[column], name))];
    }

    private double Number(Row row, Field field, string name)
    {
        var text = field.Text.Trim();
        if (Terminal.Numbers.TryParse(text, out var value))
            return value;

        throw Wrong(
            row.Line, field.Column, text.Length == 0 ? $"there is no number in the column '{name}'" : $"'{text}' in the column '{name}' is no finite number",
            "Rows with missing values are to be left out, and columns that are no numbers: --inputs names those that are used.");
    }

    private List<string> Names()
    {
        if (_rows.Count == 0)
            throw CommandFailure.Usage($"{Path}: it is empty, where a table is expected.", "Its first line is the names of its columns, such as 'x,y'.");

        var header = _rows[0];
        List<string> names = [.. header.Fields.Select(field => field.Text.Trim())];
        if (names.All(name => Terminal.Numbers.TryParse(name, out _)))
            throw Wrong(header.Line, 1, "it holds numbers where the names of the columns are expected", "Put a line of names, such as 'x,y', above it.");

        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length == 0)
                throw Wrong(header.Line, header.Fields[i].Column, "a column has no name");

            if (names.IndexOf(names[i]) < i)
                throw Wrong(header.Line, header.Fields[i].Column, $"two columns are named '{names[i]}'");
        }

        if (names.Count < 2)
        {
            var other = names[0].Contains(';') ? "';'" : names[0].Contains('\t') ? "tabs" : null;
            throw Wrong(
                header.Line, 1, "there is one column, and regression needs an input and a target",
                other is null ? null : $"Fields are set apart by commas, not by {other}.");
        }

        return names;
    }

    private List<Field> Split(string line, int number)
    {
        List<Field> fields = [];
        var at = 0;
        while (true)
        {
            var begin = at;
            var blanks = at;
            while (blanks < line.Length && line[blanks] == ' ')
                blanks++;

            if (blanks < line.Length && line[blanks] == '"')
            {
                var (text, after) = Quoted(line, blanks, number);
                fields.Add(new Field(text, begin + 1));
                at = after;
            }
            else
            {
                at = line.IndexOf(',', at) is >= 0 and var comma ? comma : line.Length;
                fields.Add(new Field(line[begin..at], begin + 1));
            }

            if (at >= line.Length)
                return fields;

            at++; // the comma
        }
    }

    private (string Text, int After) Quoted(string line, int open, int number)
    {
        var text = new System.Text.StringBuilder();
        for (var i = open + 1; i < line.Length; i++)
        {
            if (line[i] != '"')
            {
                text.Append(line[i]);
            }
            else if (i + 1 < line.Length && line[i + 1] == '"')
            {
                text.Append('"'); // a doubled quote is one
                i++;
            }
            else
            {
                var after = i + 1;
                while (after < line.Length && line[after] == ' ')
                    after++;

                return after == line.Length || line[after] == ','
                    ? (text.ToString(), after)
                    : throw Wrong(number, after + 1, "a comma is expected after the closing quote");
            }
        }

        throw Wrong(number, open + 1, "a quote is opened and not closed on its line");
    }

    private CommandFailure Wrong(int line, int column, string what, string? advice = null) =>
        new($"{Path}, line {line}, column {column}: {what}.", advice, ExitCode.WrongUsage) { Excerpt = Excerpt.At(_text, line, column) };
}
