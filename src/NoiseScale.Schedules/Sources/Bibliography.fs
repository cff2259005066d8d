namespace NoiseScale.Sources

open System

/// Every work that a law of the library names.
[<RequireQualifiedAccess>]
module Bibliography =
    /// All works: the six papers first, then the others by subject and year.
    let all: Reference list = Works.all

    /// <summary>The description of a work.</summary>
    /// <param name="paper">the work</param>
    /// <exception cref="T:System.ArgumentException">The number is that of no work.</exception>
    let find (paper: Paper) : Reference =
        match all |> List.tryFind (fun r -> r.Paper = paper) with
        | Some found -> found
        | None -> invalidArg (nameof paper) $"{int paper}: no work has that number"

    /// <summary>The key by which a work is asked for: P1 to P6, or such as McCandlish2018.</summary>
    /// <param name="paper">the work</param>
    let key (paper: Paper) : string =
        Enum.GetName paper
        |> Option.ofObj
        |> Option.defaultWith (fun () -> invalidArg (nameof paper) $"{int paper}: no work has that number")

    /// <summary>Every name of a work: its key, the key of its BibTeX entry, and its arXiv identifier, with and without "arXiv:".</summary>
    /// <param name="paper">the work</param>
    let names (paper: Paper) : string list =
        let r = find paper

        [ key paper; r.CiteKey; yield! r.ArXiv |> Option.toList |> List.collect (fun id -> [ id; $"arXiv:{id}" ]) ]
        |> List.distinct

    /// <summary>A name as it is read: "Given Family" of "Family, Given", and a team's as it is.</summary>
    /// <param name="author">one of a reference's authors</param>
    let fullName (author: string) : string =
        match author.Split ", " with
        | [| family; given |] -> $"{given} {family}"
        | _ -> author

    let private familyName (author: string) = (author.Split ", ")[0]

    // BibTeX of its own understands TeX's accents everywhere, Unicode only in newer programs
    let private tex (text: string) =
        [ "ü", "{\\\"u}"; "Ś", "{\\'S}"; "ą", "{\\k{a}}"; "R̂", "{$\\hat{R}$}" ]
        |> List.fold (fun (text: string) (letter, written: string) -> text.Replace(letter, written, StringComparison.Ordinal)) text

    /// <summary>The work as a BibTeX entry: @inproceedings, @article or @book by its venue, else @misc; arXiv as eprint. Fields that are not known are left out.</summary>
    /// <param name="paper">the work</param>
    /// <returns>the entry, its last line a closing brace</returns>
    let bibTeX (paper: Paper) : string =
        let r = find paper
        // in braces of its own a team's name is one word
        let author (name: string) = if name.Contains ", " then name else $"{{{name}}}"

        let kind, venue =
            match r.Venue with
            | Some(Venue.Proceedings name) -> "inproceedings", [ "booktitle", name ]
            | Some(Venue.Journal name) -> "article", [ "journal", name ]
            | Some(Venue.Book publisher) -> "book", [ "publisher", publisher ]
            | None -> "misc", []

        let fields =
            [ "author", r.Authors |> List.map author |> String.concat " and "
              "title", $"{{{r.Title}}}"
              yield! venue
              yield! r.Place
              "year", string r.Year
              match r.ArXiv with
              | Some id ->
                  "eprint", id
                  "archivePrefix", "arXiv"
              | None -> () ]
            |> List.map (fun (name, value) -> $"  {name} = {{{tex value}}}")
            |> String.concat ",\n"

        $"@{kind}{{{r.CiteKey},\n{fields}\n}}"

    /// <summary>The work in one line: authors by their family names, title, venue, year, arXiv.</summary>
    /// <param name="paper">the work</param>
    let line (paper: Paper) : string =
        let r = find paper
        let authors = r.Authors |> List.map familyName |> String.concat ", "
        let venue = r.Venue |> Option.map (fun venue -> venue.Name + " ") |> Option.defaultValue ""
        let arXiv = r.ArXiv |> Option.map (fun id -> $", arXiv {id}") |> Option.defaultValue ""
        $"{authors}: {r.Title}. {venue}{r.Year}{arXiv}"
