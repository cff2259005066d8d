using System.Text.Json;

namespace NoiseScale.Training.Sweeps.Files;

/// <summary>A value of a sweep file with its path, which refuses what it is not, by name.</summary>
internal readonly struct JsonField(JsonElement value, string path, JsonPlaces places)
{
    // a progression of so many values is a slip of the pen
    private const int MostValues = 100_000;

    public JsonValueKind Kind => value.ValueKind;

    public string Path => path;

    public SweepFileException Error(string message, Exception? inner = null) => places.Error(path, message, inner);

    /// <summary>A member of this object.</summary>
    public JsonField this[string name] => Find(name) ?? throw places.Error(Below(name), "is missing");

    /// <summary>A member of this object, or null where there is none.</summary>
    public JsonField? Find(string name) =>
        value.TryGetProperty(name, out var member) ? new JsonField(member, Below(name), places) : null;

    /// <summary>Refuses anything but an object of these members.</summary>
    public JsonField Object(params ReadOnlySpan<string> members)
    {
        if (Kind != JsonValueKind.Object)
            throw Error($"is {Shown}; expected an object");

        foreach (var member in value.EnumerateObject())
        {
            if (!members.Contains(member.Name))
                throw places.Error(Below(member.Name), $"there is no such member; there are {string.Join(", ", members!)}");
        }

        return this;
    }

    public string Text() => Kind == JsonValueKind.String ? value.GetString()! : throw Error($"is {Shown}; expected a text");

    public bool Truth() => Kind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Error($"is {Shown}; expected true or false");

    /// <summary>One of these words.</summary>
    public T OneOf<T>(params ReadOnlySpan<(string Word, T Meaning)> words)
    {
        var text = Text();
        var names = new List<string>();
        foreach (var (word, meaning) in words)
        {
            if (word == text)
                return meaning;

            names.Add(word);
        }

        throw Error($"is {text}; expected one of {string.Join(", ", names)}");
    }

    /// <summary>A finite number that keeps a rule.</summary>
    public double Number(string rule, Func<double, bool> holds) =>
        Kind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) && holds(number)
            ? number
            : throw Error($"is {Shown}; expected {rule}");

    public long Whole(long least, string what = "a whole number") =>
        Kind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least
            ? number
            : throw Error($"is {Shown}; expected {what}{(least > long.MinValue ? $", at least {least}" : "")}");

    public int Size(string what) =>
        Whole(1, what) is <= int.MaxValue and var size ? (int)size : throw Error($"is {Shown}; it is too large");

    /// <summary>The elements of a list, at least one.</summary>
    public IReadOnlyList<JsonField> Elements()
    {
        if (Kind != JsonValueKind.Array)
            throw Error($"is {Shown}; expected a list");

        var (places1, path1) = (places, path);
        return [.. value.EnumerateArray().Select((element, i) => new JsonField(element, $"{path1}[{i}]", places1))];
    }

    /// <summary>An axis: one value, a list of at least one, or a progression {from, count, plus or times}.</summary>
    /// <param name="read">Reads and checks a value.</param>
    /// <param name="ofNumber">Checks and converts a number of a progression; null where there can be none.</param>
    public IReadOnlyList<T> Axis<T>(Func<JsonField, T> read, Func<double, JsonField, T>? ofNumber = null)
    {
        if (Kind == JsonValueKind.Array)
            return Elements() is { Count: > 0 } elements ? [.. elements.Select(read)] : throw Error("is empty; an axis has at least one value");

        if (Kind != JsonValueKind.Object || ofNumber is null || Find("from") is null)
            return [read(this)];

        var progression = Object("from", "count", "plus", "times");
        var (plus, times) = (progression.Find("plus"), progression.Find("times"));
        if (plus is not null && times is not null)
            throw Error("has both plus and times; a progression is one or the other");

        var count = progression["count"].Whole(1);
        if (count > MostValues)
            throw progression["count"].Error($"is {count}; that is more than anyone will run");

        var (step, factor) = (plus?.Number("a number", _ => true) ?? (times is null ? 1 : 0), times?.Number("a number", _ => true) ?? 1);
        var at = progression["from"].Number("a number", _ => true);
        var numbers = new List<T>();
        for (var i = 0; i < count; i++)
        {
            // twelve digits: 0.1·2·2 and 0.4 are to be the same run
            numbers.Add(ofNumber(double.Parse(at.ToString("G12", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture), this));
            at = (at * factor) + step;
        }

        return numbers;
    }

    private string Below(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private string Shown => value.GetRawText() is { Length: <= 60 } text ? text : $"{value.GetRawText()[..57]}…";
}
