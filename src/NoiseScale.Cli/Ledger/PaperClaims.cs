namespace NoiseScale.Cli.Ledger;

/// <summary>Every claim of the six papers that we know of.</summary>
public static partial class PaperClaims
{
    private const string Schedules = "NoiseScale.Schedules.Tests";
    private const string Theory = "NoiseScale.Theory.Tests";

    /// <summary>The claims, paper by paper.</summary>
    public static IReadOnlyList<PaperClaim> All { get; } = [.. OfP1(), .. OfP2(), .. OfP3(), .. OfP4(), .. OfP5(), .. OfP6()];

    private static PaperClaim Read(string id, string statement, string value, string place, params ClaimTest[] tests) =>
        new(id, statement, Certainty.Read, value, place, tests);

    private static PaperClaim ByEye(string id, string statement, string value, string place, params ClaimTest[] tests) =>
        new(id, statement, Certainty.ByEye, value, place, tests);

    private static PaperClaim Derived(string id, string statement, string value, params ClaimTest[] tests) => new(id, statement, Certainty.Derived, value, "", tests);

    private static PaperClaim Uncertain(string id, string statement, string place, params ClaimTest[] tests) => new(id, statement, Certainty.Uncertain, "", place, tests);

    private static PaperClaim NotFound(string id, string statement, params ClaimTest[] tests) => new(id, statement, Certainty.NotFound, "", "", tests);

    private static ClaimTest Figure(string figure, string claim) => new ClaimTest.OfFigure(figure, claim);

    private static ClaimTest Against(string figure, string claim) => new ClaimTest.OfFigure(figure, claim, Refutes: true);

    private static ClaimTest Law(string file, string name) => new ClaimTest.OfLaw(file, name);

    private static ClaimTest LawAgainst(string file, string name) => new ClaimTest.OfLaw(file, name, Refutes: true);

    private static ClaimTest Awaited(string what) => new ClaimTest.Awaited(what);

    private static ClaimTest None(string reason) => new ClaimTest.None(reason);
}
