using Microsoft.FSharp.Collections;

namespace NoiseScale;

/// <summary>Where the laws of the library stand: every one names its paper and the place in it.</summary>
public static class Citations
{
    private static readonly Lazy<FSharpList<Sources.CitedLaw>> All = new(() => ListModule.OfSeq(
        new[] { typeof(Core.Schedule), typeof(Posterior.Target), typeof(Schedule) }.SelectMany(type => Sources.Citations.ofAssembly(type.Assembly))));

    /// <summary>The works that the library rests on: the six papers, P1 to P6, then the others by subject and year.</summary>
    public static IReadOnlyList<Reference> Works { get; } = [.. Sources.Bibliography.all.Select(Reference.Of)];

    /// <summary>Every law with its source, room by room and sorted by name; a law with two sources twice.</summary>
    public static IReadOnlyList<CitedLaw> Laws => Given(All.Value);

    /// <summary>Every name that <see cref="Of"/> understands.</summary>
    public static IReadOnlyList<string> Names => [.. Sources.Citations.names(All.Value)];

    /// <summary>The laws that a name means: of a work by any of its names, of a module or type with all its members, or of one member.</summary>
    /// <param name="name">In either case, with or without the module: "P3", "1806.09597", "Laplace", "NoiseScale.at", "TradeDecayForBatch".</param>
    /// <returns>None where the name means nothing.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static IReadOnlyList<CitedLaw> Of(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return Given(Sources.Citations.about(name, All.Value));
    }

    /// <summary>The work of a name.</summary>
    /// <param name="name">Its key, the key of its BibTeX entry, or its arXiv identifier: "P1", "Smith2018DontDecay", "1711.00489", in either case.</param>
    /// <returns>What is known of it; null where no work has that name.</returns>
    public static Reference? Work(string name) => Works.FirstOrDefault(work =>
        Sources.Bibliography.names(Enum.Parse<Paper>(work.Key)).Contains(name, StringComparer.OrdinalIgnoreCase));

    /// <summary>The BibTeX of all works that laws name, each once.</summary>
    /// <param name="laws">Such as <see cref="Laws"/>, or what <see cref="Of"/> found.</param>
    /// <returns>Entries in the order of <see cref="Works"/>, an empty line between them; "" for no laws.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="laws"/> is null.</exception>
    public static string BibTeX(IEnumerable<CitedLaw> laws)
    {
        ArgumentNullException.ThrowIfNull(laws);
        var used = laws.Select(law => law.Key).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return string.Join("\n\n", Works.Where(work => used.Contains(work.Key)).Select(work => work.BibTeX));
    }

    private static CitedLaw[] Given(IEnumerable<Sources.CitedLaw> laws) =>
        [.. laws.Select(law => new CitedLaw(law.Law, law.Room, Sources.Bibliography.key(law.Paper), law.Place))];
}
