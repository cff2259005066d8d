using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Tests;

/// <summary>Where the laws stand, as C# asks for it.</summary>
internal static class CitationTests
{
    internal static Test All => Runner.TestList("citations", [
        Runner.TestCase("laws of all three rooms, every one with a known work", () =>
        {
            var rooms = Citations.Laws.Select(law => law.Room).Distinct().Order(StringComparer.Ordinal);
            Check.SequenceEqual(["NoiseScale", "NoiseScale.Schedules", "NoiseScale.Theory"], rooms, "rooms");

            foreach (var law in Citations.Laws)
                Check.True(Citations.Work(law.Key) is { Authors.Count: > 0 }, law.ToString());
        }),
        Runner.TestCase("the source of a method of the façade", () =>
        {
            var law = Citations.Of("Schedule.TradeDecayForBatch").Single();
            Check.Equal(("P1", "§3 and §5"), (law.Key, law.Place), "where it stands");
            Check.Equal(law, Citations.Of("tradedecayforbatch").Single(), "without its type, in either case");
            Check.True(Citations.BibTeX([law]).StartsWith("@inproceedings{Smith2018DontDecay,", StringComparison.Ordinal), "BibTeX");
        }),
        Runner.TestCase("names that mean nothing find nothing", () =>
        {
            Check.Equal(0, Citations.Of("nothing").Count, "laws");
            Check.True(Citations.Work("P7") is null, "a work");
            Check.Throws<ArgumentException>(() => Citations.Of(" "), "an empty name");
        }),
        Runner.TestCase("a work reads as one line, and lacks what is not known", () =>
        {
            Check.Equal(
                "Smith, Le: A Bayesian Perspective on Generalization and Stochastic Gradient Descent. ICLR 2018, arXiv 1710.06451",
                Citations.Work("p2")!.ToString(), "P2");
            Check.Equal("MacKay: Bayesian Interpolation. Neural Computation 1992", Citations.Work("MacKay1992")!.ToString(), "a work without a preprint");
            Check.Equal("Samuel L. Smith, Quoc V. Le", string.Join(", ", Citations.Work("1710.06451")!.Authors), "by its arXiv number");
        }),
    ]);
}
