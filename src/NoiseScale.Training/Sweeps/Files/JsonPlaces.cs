using System.Text;
using System.Text.Json;

namespace NoiseScale.Training.Sweeps.Files;

/// <summary>Where the values of a JSON text stand, by their paths; System.Text.Json forgets it once a text has been read.</summary>
internal sealed class JsonPlaces
{
    private readonly byte[] _text;
    private readonly Dictionary<string, long> _starts = [];

    /// <summary>Reads through a text.</summary>
    /// <exception cref="SweepFileException">It is not JSON, or a member stands twice.</exception>
    public JsonPlaces(byte[] text)
    {
        _text = text;
        var reader = new Utf8JsonReader(text);
        try
        {
            reader.Read();
            Walk(ref reader, "");
            if (reader.Read())
                throw Error("", "there is something behind the end of the object");
        }
        catch (JsonException failure)
        {
            throw new SweepFileException(
                $"it is not JSON: {failure.Message.Split(" LineNumber")[0].Split(" Path:")[0]}", "", (int)(failure.LineNumber ?? 0) + 1, (int)(failure.BytePositionInLine ?? 0) + 1, failure);
        }
    }

    /// <summary>A refusal of the value at a path.</summary>
    public SweepFileException Error(string path, string message, Exception? inner = null)
    {
        // a missing member is refused where its object begins
        var start = _starts.GetValueOrDefault(path, _starts.GetValueOrDefault(path.Contains('.') ? path[..path.LastIndexOf('.')] : "", 0));
        var before = Encoding.UTF8.GetString(_text, 0, (int)start);
        var line = before.Count(letter => letter == '\n') + 1;
        return new SweepFileException(path.Length > 0 ? $"{path}: {message}" : message, path, line, before.Length - before.LastIndexOf('\n'), inner);
    }

    private void Walk(ref Utf8JsonReader reader, string path)
    {
        _starts[path] = reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                var member = path.Length == 0 ? reader.GetString()! : $"{path}.{reader.GetString()}";
                if (_starts.ContainsKey(member))
                {
                    _starts[member] = reader.TokenStartIndex;
                    throw Error(member, "stands twice");
                }

                reader.Read();
                Walk(ref reader, member);
            }
        }
        else if (reader.TokenType == JsonTokenType.StartArray)
        {
            for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
                Walk(ref reader, $"{path}[{i}]");
        }
    }
}
