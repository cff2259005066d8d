namespace NoiseScale.Schedules

open System
open System.Text
open System.Text.Json

/// JSON values that remember where they stand in the text, so that a mistake in meaning has a line and a column too.
type internal JsonText =
    | JsonNumber of value: float * at: int64
    | JsonString of value: string * at: int64
    | JsonArray of items: JsonText list * at: int64
    | JsonObject of members: (string * JsonText) list * at: int64
    | JsonOther of at: int64

module internal JsonText =
    /// Thrown inside the reader, turned into a result at its edge.
    exception Mistake of ScheduleError

    let at node =
        match node with
        | JsonNumber(_, at)
        | JsonString(_, at)
        | JsonArray(_, at)
        | JsonObject(_, at)
        | JsonOther at -> at

    /// Line and column, from 1, of a byte offset.
    let position (utf8: byte[]) (offset: int64) =
        let before = Encoding.UTF8.GetString(utf8, 0, int (min offset (int64 utf8.Length)))
        let line = before |> Seq.filter ((=) '\n') |> Seq.length
        struct (line + 1, before.Length - (before.LastIndexOf '\n' + 1) + 1)

    let mistake utf8 offset expected =
        let struct (line, column) = position utf8 offset
        Mistake(ScheduleError.MalformedText(line, column, expected))

    let rec private read (utf8: byte[]) (reader: byref<Utf8JsonReader>) : JsonText =
        let at = reader.TokenStartIndex

        match reader.TokenType with
        | JsonTokenType.Number -> JsonNumber(reader.GetDouble(), at)
        | JsonTokenType.String -> JsonString(reader.GetString() |> nonNull, at)
        | JsonTokenType.StartArray ->
            let items = ResizeArray()

            while reader.Read() && reader.TokenType <> JsonTokenType.EndArray do
                items.Add(read utf8 &reader)

            JsonArray(List.ofSeq items, at)
        | JsonTokenType.StartObject ->
            let members = ResizeArray()

            while reader.Read() && reader.TokenType <> JsonTokenType.EndObject do
                let name = reader.GetString() |> nonNull

                if members.Exists(fun (other, _) -> other = name) then
                    raise (mistake utf8 reader.TokenStartIndex $"\"{name}\" stands twice in one object")

                reader.Read() |> ignore
                members.Add((name, read utf8 &reader))

            JsonObject(List.ofSeq members, at)
        | _ -> JsonOther at

    /// Parses text, and hands the tree to a reader of its meaning; every mistake becomes MalformedText with line and column.
    let parse (text: string) (meaning: byte[] -> JsonText -> 'T) : Result<'T, ScheduleError> =
        let utf8 = Encoding.UTF8.GetBytes text

        try
            let mutable reader =
                Utf8JsonReader(ReadOnlySpan utf8, JsonReaderOptions(CommentHandling = JsonCommentHandling.Skip))

            reader.Read() |> ignore
            let tree = read utf8 &reader
            reader.Read() |> ignore // anything after the value is an error
            Ok(meaning utf8 tree)
        with
        | Mistake error -> Error error
        | :? JsonException as e ->
            let line = 1 + (e.LineNumber |> Option.ofNullable |> Option.map int |> Option.defaultValue 0)
            let column = 1 + (e.BytePositionInLine |> Option.ofNullable |> Option.map int |> Option.defaultValue 0)
            let cause = e.Message.Split(" LineNumber:")[0]
            Error(ScheduleError.MalformedText(line, column, cause.TrimEnd('.')))

    /// An object's members, every one of which must be known.
    let members utf8 known node =
        match node with
        | JsonObject(members, start) ->
            let list = String.concat ", " known

            for name, value in members do
                if not (List.contains name known) then
                    raise (mistake utf8 (at value) $"unknown member \"{name}\"; known here: {list}")

            Map.ofList members, start
        | other -> raise (mistake utf8 (at other) "expected an object")

    let required utf8 at name (members: Map<string, JsonText>) =
        match members.TryFind name with
        | Some value -> value
        | None -> raise (mistake utf8 at $"missing member \"{name}\"")

    let number utf8 node =
        match node with
        | JsonNumber(value, _) -> value
        | other -> raise (mistake utf8 (at other) "expected a number")

    let text utf8 node =
        match node with
        | JsonString(value, _) -> value
        | other -> raise (mistake utf8 (at other) "expected a string")
