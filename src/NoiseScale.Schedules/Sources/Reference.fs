namespace NoiseScale.Sources

/// Where a work appeared.
[<RequireQualifiedAccess>]
type Venue =
    /// in the proceedings of a conference or workshop
    | Proceedings of name: string
    /// in a journal
    | Journal of name: string
    /// as a book
    | Book of publisher: string

    /// Conference, workshop, journal or publisher.
    member venue.Name =
        match venue with
        | Venue.Proceedings name
        | Venue.Journal name
        | Venue.Book name -> name

/// What is known of a work. Nothing is guessed: what we could not establish is empty, and the BibTeX entry lacks that field.
type Reference =
    {
        /// the work
        Paper: Paper
        /// key of the BibTeX entry, such as "Smith2018DontDecay"
        CiteKey: string
        /// all of them in the paper's order, as "Family, Given"; a team by its name
        Authors: string list
        /// as printed
        Title: string
        /// of publication, or of the preprint
        Year: int
        /// None where we know of a preprint only
        Venue: Venue option
        /// where in the venue: names and values of BibTeX fields, such as volume and pages
        Place: (string * string) list
        /// identifier, such as "1711.00489"
        ArXiv: string option
    }
