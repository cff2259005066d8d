namespace NoiseScale.Cli.Ledger;

/// <summary>How sure we are of what a paper claims.</summary>
public enum Certainty
{
    /// <summary>Read in the paper, or in a reliable note of it.</summary>
    Read,

    /// <summary>Read off a figure by eye, to one tick.</summary>
    ByEye,

    /// <summary>Worked out by us from what the paper says.</summary>
    Derived,

    /// <summary>Remembered only: no number of it is given.</summary>
    Uncertain,

    /// <summary>We could not establish it: no number of it is given.</summary>
    NotFound,
}

/// <summary>A claim of a paper, and what tests it.</summary>
/// <param name="Id">Such as "P1.9": the paper's key and a number.</param>
/// <param name="Statement">The claim.</param>
/// <param name="Certainty">How sure we are of it.</param>
/// <param name="Value">Its value as printed, read off or derived; "" where it has none, and wherever we are uncertain or found none.</param>
/// <param name="Place">Where it stands in the paper; "" where it is derived, or was not found.</param>
/// <param name="Tests">What tests it; at least one, or a reason why nothing does.</param>
public sealed record PaperClaim(string Id, string Statement, Certainty Certainty, string Value, string Place, IReadOnlyList<ClaimTest> Tests)
{
    /// <summary>The paper's key, P1 to P6.</summary>
    public string Paper => Id.Split('.')[0];
}

/// <summary>What tests a claim, or why nothing does.</summary>
public abstract record ClaimTest
{
    private ClaimTest()
    {
    }

    /// <summary>A claim of a figure of the same paper.</summary>
    /// <param name="Figure">The figure, such as fig2.</param>
    /// <param name="Claim">How the figure's claim begins.</param>
    /// <param name="Refutes">Whether it is the opposite of the paper's: where it holds, the paper's fails.</param>
    public sealed record OfFigure(string Figure, string Claim, bool Refutes = false) : ClaimTest;

    /// <summary>A test of the law itself, run with all other tests.</summary>
    /// <param name="File">Its file below tests.</param>
    /// <param name="Name">How its name begins.</param>
    /// <param name="Refutes">Whether it shows the opposite of the paper's claim.</param>
    public sealed record OfLaw(string File, string Name, bool Refutes = false) : ClaimTest;

    /// <summary>Figures of the paper that have still to be run and mapped.</summary>
    /// <param name="What">What they will show.</param>
    public sealed record Awaited(string What) : ClaimTest;

    /// <summary>Nothing tests it here.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record None(string Reason) : ClaimTest;
}
