namespace NoiseScale.Schedules

open System
open System.Globalization

/// A cursor over one line or more of text; every failure names its line and column.
type internal Scanner(text: string) =
    let mutable position = 0

    let skip () =
        while position < text.Length && Char.IsWhiteSpace text[position] do
            position <- position + 1

    let isWord c = Char.IsLetter c || c = '-'

    /// Thrown by `Fail`, turned into a result where parsing began.
    member _.Error(expected, offset) =
        let before = text.Substring(0, min offset text.Length)
        let line = 1 + (before |> Seq.filter ((=) '\n') |> Seq.length)
        ScheduleError.MalformedText(line, before.Length - (before.LastIndexOf '\n' + 1) + 1, expected)

    member s.Fail(expected: string) : 'T =
        skip ()

        let found = if position >= text.Length then "the text ends" else $"found '{text[position]}'"

        raise (JsonText.Mistake(s.Error($"expected {expected}, {found}", position)))

    member _.Position =
        skip ()
        position

    member _.AtEnd =
        skip ()
        position >= text.Length

    member _.Next =
        skip ()
        if position < text.Length then text[position] else '\000'

    /// Consumes a symbol if it is next.
    member _.Accept(symbol: string) =
        skip ()

        if String.CompareOrdinal(text, position, symbol, 0, symbol.Length) = 0 then
            position <- position + symbol.Length
            true
        else
            false

    member s.Expect(symbol: string, meaning: string) =
        if not (s.Accept symbol) then
            s.Fail $"'{symbol}' {meaning}"

    /// A word of letters and hyphens, if one is next.
    member _.Word() =
        skip ()
        let start = position

        if position < text.Length && Char.IsLetter text[position] then
            while position < text.Length && isWord text[position] do
                position <- position + 1

        text.Substring(start, position - start)

    /// A number such as 128, 0.1, 1e-3 or 50_000.
    member s.Number(meaning: string) =
        skip ()
        let start = position

        let accept condition =
            if position < text.Length && condition text[position] then
                position <- position + 1

        let digits () =
            while position < text.Length && (Char.IsAsciiDigit text[position] || text[position] = '_') do
                position <- position + 1

        accept (fun c -> c = '-' || c = '+')
        digits ()
        accept ((=) '.')
        digits ()

        if position > start && position < text.Length && (text[position] = 'e' || text[position] = 'E') then
            position <- position + 1
            accept (fun c -> c = '-' || c = '+')
            digits ()

        let written = text.Substring(start, position - start).Replace("_", "")

        match Double.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture) with
        | true, value -> value
        | _ ->
            position <- start
            s.Fail meaning
