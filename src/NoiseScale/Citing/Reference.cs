namespace NoiseScale;

/// <summary>What is known of a work that the library rests on. Nothing is guessed: what could not be established is empty, and the BibTeX entry lacks that field.</summary>
/// <param name="Key">By which one asks for it: P1 to P6 for the six papers, else such as "McCandlish2018".</param>
/// <param name="CiteKey">Of the BibTeX entry, such as "Smith2018DontDecay".</param>
/// <param name="Authors">Full names in the paper's order; a team by its own.</param>
/// <param name="Title">As printed.</param>
/// <param name="Year">Of publication, or of the preprint.</param>
/// <param name="Venue">Conference, workshop, journal or publisher; "" where we know of a preprint only.</param>
/// <param name="ArXiv">Identifier, such as "1711.00489"; "" where there is none.</param>
/// <param name="BibTeX">The work as a BibTeX entry.</param>
public sealed record Reference(string Key, string CiteKey, IReadOnlyList<string> Authors, string Title, int Year, string Venue, string ArXiv, string BibTeX)
{
    /// <summary>The work in one line, as far as it is known.</summary>
    /// <returns>Authors, title, venue, year, arXiv.</returns>
    public override string ToString() => Sources.Bibliography.line(Enum.Parse<Paper>(Key));

    internal static Reference Of(Sources.Reference work) => new(
        Sources.Bibliography.key(work.Paper),
        work.CiteKey,
        [.. work.Authors.Select(Sources.Bibliography.fullName)],
        work.Title,
        work.Year,
        work.Venue?.Value.Name ?? "",
        work.ArXiv?.Value ?? "",
        Sources.Bibliography.bibTeX(work.Paper));
}
