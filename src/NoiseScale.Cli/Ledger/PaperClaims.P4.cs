namespace NoiseScale.Cli.Ledger;

public static partial class PaperClaims
{
    private static PaperClaim[] OfP4() =>
    [
        Read("P4.1", "the normalised noise scale is ḡ = ε/(B(1 − m)) · 1/σ²_init", "", "",
            Law($"{Schedules}/WidthLaws.fs", "ḡ is ε/(B(1−m)σ²), and converts both ways")),
        Read("P4.2", "without batch norm its optimum is proportional to the width", "slope 1", "",
            Figure("fig2", "standard, ε = 0.5·ε_max: ḡ_opt ∝ w"), Figure("fig2", "NTK, ε = 0.5·ε_max: ḡ_opt ∝ w"),
            Figure("fig4", "convolutional, standard: ḡ_opt ∝ w"), Figure("fig4", "convolutional, NTK: ḡ_opt ∝ w")),
        Read("P4.3", "residual networks with batch norm show a similar trend", "", "", Awaited("ḡ_opt against width, residual networks with batch norm")),
        Read("P4.4", "convolutional networks with batch norm do not", "", "",
            Figure("fig4", "convolutional, batch norm over 32, standard: ḡ_opt is not"), Figure("fig4", "convolutional, batch norm over 32, NTK: ḡ_opt is not")),
        Read("P4.5", "B_opt ≤ const/w, as the largest stable learning rate is bounded", "slope −1", "",
            Figure("fig3", "standard, ε/B of the sweep"), Figure("fig3", "NTK, ε/B of the sweep"),
            Figure("fig3", "standard: the largest stable learning rate"), Figure("fig3", "NTK: the largest stable learning rate")),
        Read("P4.6", "wider networks reach higher accuracy, at higher noise", "", "",
            Figure("fig1", "standard, ε = 0.5·ε_max: a wider"), Figure("fig1", "NTK, ε = 0.5·ε_max: a wider")),
        Uncertain("P4.7", "the Standard and the NTK parametrisation are one network, written in other parameters", "",
            Law("NoiseScale.Training.Tests/Widths/WidthTests.cs", "one step at ε on θ is one at s²ε on W = s·θ")),
        Derived("P4.8", "one step of ε on w is one of ε/σ² on θ, w = σθ: where 1/σ² comes from", "",
            Law($"{Schedules}/WidthLaws.fs", "Standard and NTK are one law: converting ε/σ² and moving the width commute")),
        Derived("P4.9", "(ε/B)_opt does not depend on the width in the Standard parametrisation, and grows with it in the NTK one", "exponents 0 and 1",
            Law($"{Schedules}/WidthLaws.fs", "ḡ ∝ w is p = 1 + the exponent of σ², in every way of writing it"),
            Figure("fig2", "standard, ε = 0.5·ε_max: ḡ_opt ∝ w"), Figure("fig2", "NTK, ε = 0.5·ε_max: ḡ_opt ∝ w")),
        NotFound("P4.10", "widths, grids, seeds, epochs and tables of numbers", None("no number to compare with: slopes are tested, and no paper number is printed")),
    ];
}
