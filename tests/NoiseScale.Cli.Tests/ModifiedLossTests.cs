using System.Text.Json;
using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>`noisescale modified-loss`: derivations on the command line.</summary>
internal static class ModifiedLossTests
{
    public static Test All { get; } = Runner.TestList("modified-loss",
    [
        Runner.TestCase("gradient descent to order 3 ends where its modified loss does", () =>
        {
            var text = CommandLine.Run("modified-loss", "--order", "3").Output;

            foreach (var line in (ReadOnlySpan<string>)[
                "− 1/2 ε f′f          [∙]", "+ 1/12 ε² f″(f, f)   [∙∙]", "modified loss: C̃ = C + 1/4 ε ‖∇C‖²", "The terms of order 3 are no gradient"])
                Check.Has(line, text, "the derivation");
        }),
        Runner.TestCase("every optimizer of the help derives, with symbols or numbers", () =>
        {
            foreach (var (arguments, found) in new (string[], string)[]
            {
                (["gradient-descent"], "C̃ = C + 1/4 ε ‖∇C‖²"),
                (["heavy-ball"], "C̃ = 1/(1 − β) C + (1 + β)/(4(1 − β)³) ε ‖∇C‖²"),
                (["heavy-ball", "--momentum", "0.9"], "C̃ = 10 C + 475 ε ‖∇C‖²"),
                (["nesterov"], "(1 − β + 2β²)/(4(1 − β)³) ε ‖∇C‖²"),
                (["sgd"], "C̃ = C + 1/4 ε ⟨‖∇Ĉ_i‖²⟩"),
                (["sgd-replacement", "--minibatches", "7"], "C̃ = C + 1/4 ε ‖∇C‖²"),
                (["sgd-in-order", "--in-order", "0,1,1,0"], "1/8 ε ‖∇Ĉ₀‖² + 1/8 ε ‖∇Ĉ₁‖²"),
                (["sgd-steps", "--steps", "4", "--minibatches", "10"], "C̃ = C + 1/4 ε ⟨‖∇Ĉ_i‖²⟩"),
                (["sgd-heavy-ball", "--minibatches", "2"], "ε ⟨‖∇Ĉ_i‖²⟩"),
                (["sgd-nesterov", "--minibatches", "2", "--momentum", "0"], "C̃ = C + 1/4 ε ⟨‖∇Ĉ_i‖²⟩"),
                (["adam"], "− h (β₁/(1 − β₁) − β₂/(1 − β₂) + (β₂/(1 − β₂) + 1/2) ε/D) ∇∇C(g/D)/D"),
                (["adam", "--latex"], @"\dot w = -\frac{g}{D} - h \left( \frac{\beta_1}{1 - \beta_1}"),
            })
                Check.Has(found, CommandLine.Run(["modified-loss", "--optimizer", .. arguments]).Output, arguments[0]);
        }),
        Runner.TestCase("LaTeX", () =>
        {
            var latex = CommandLine.Run("modified-loss", "--optimizer", "heavy-ball", "--latex").Output;
            Check.Has(@"\frac{1 + \beta}{2(1 - \beta)^{3}} \varepsilon f' f && [\bullet]", latex, "a term and its tree");
            Check.HasNot("β", latex, "no letter that LaTeX lacks");
        }),
        Runner.TestCase("help has the optimizers, and its examples run", () =>
        {
            foreach (var example in CommandLine.Examples("modified-loss"))
            {
                string[] words = [.. Regex.Matches(example.Split('>')[0], "'([^']*)'|(\\S+)").Select(match => match.Groups[1].Success ? match.Groups[1].Value : match.Value)];
                CommandLine.Run(words[1..]);
            }

            var help = CommandLine.Run("modified-loss", "--help").Output;

            foreach (var word in (ReadOnlySpan<string>)["--optimizer", "--latex", "sgd-in-order", "Exit codes", "noisescale modified-loss --order 3"])
                Check.Has(word, help, "help");
        }),
        Runner.TestCase("along a run: C, ‖∇C‖², C_reg, Γ and C̃ in a table and in JSON", () =>
        {
            string[] run = ["modified-loss", "--along", "lr 0.05; batch 20; epochs 2; examples 200", "--hidden", "12", "--points", "3", "--exact-variance"];
            var table = CommandLine.Run(run);
            Check.True(table.Lines[0].Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is ["epoch", "ε", "C", "‖∇C‖²", "C_reg", "Γ", "C̃", "test accuracy"], table.Output);
            Check.True(table.Lines[2..5].All(line => line.Contains('%')), "three rows");

            var points = JsonDocument.Parse(CommandLine.Run([.. run, "--json"]).Output).RootElement;
            Check.Equal(3, points.GetArrayLength(), "points");

            foreach (var point in points.EnumerateArray())
            {
                double Of(string name) => point.GetProperty(name).GetDouble();
                // over the choice of minibatches C_reg is (‖∇C‖² + (N−B)/(N−1)·Γ/B)/4, and C̃ = C + ε·C_reg; ten minibatches of one epoch come near it
                var expected = (Of("squaredGradientNorm") + (180.0 / 199 * Of("gradientVariance") / 20)) / 4;
                Check.True(Math.Abs(Of("modifiedLoss") - Of("loss") - (0.05 * expected)) < 1e-6 * Of("modifiedLoss"), $"C̃ at {point}");
                Check.True(Math.Abs((Of("regulariser") / expected) - 1) < 0.5, $"C_reg {Of("regulariser")} beside {expected}");
            }
        }),
        Runner.TestCase("what cannot be measured is refused by name", () =>
        {
            foreach (var (exitCode, arguments, sentence) in new (int, string[], string)[]
            {
                (2, ["--order", "3"], "--order has no meaning with --along"),
                (2, ["--latex"], "--latex has no meaning with --along"),
                (2, ["--points", "1"], "the start and the end are two"),
                (2, ["--hidden", "0"], "a width is 1 or more"),
                (2, ["--penalty", "-1"], "--penalty -1"),
                (1, ["--data", "no-such-folder"], "no-such-folder"),
            })
                Check.Has(sentence, CommandLine.Ends(exitCode, ["modified-loss", "--along", "lr 0.05; batch 20; epochs 1; examples 100", .. arguments]).Error, arguments[0]);

            Check.Has("has no meaning without --along", CommandLine.Ends(2, "modified-loss", "--json").Error, "--json alone");
            Check.Has("100 000 examples", CommandLine.Ends(1, "modified-loss", "--along", "lr 0.05; batch 20; epochs 1; examples 100000").Error, "too many examples");
            Check.Has("Training diverged", CommandLine.Ends(1, "modified-loss", "--along", "lr 1e6; batch 20; epochs 1; examples 100").Error, "diverged");
        }),
        Runner.TestCase("what cannot be derived is refused by name", () =>
        {
            foreach (var (exitCode, arguments, sentence) in new (int, string[], string)[]
            {
                (2, ["--optimizer", "heavyball"], "Did you mean 'heavy-ball'?"),
                (2, ["--optimizer", "sgd", "--momentum", "0.5"], "--momentum has no meaning for sgd"),
                (2, ["--optimizer", "nesterov", "--momentum", "1"], "momentum lies in [0, 1)"),
                (2, ["--optimizer", "sgd-heavy-ball"], "needs --minibatches"),
                (2, ["--optimizer", "sgd-heavy-ball", "--minibatches", "1"], "sgd-heavy-ball: "),
                (2, ["--optimizer", "sgd-in-order"], "needs --in-order"),
                (2, ["--optimizer", "sgd-in-order", "--in-order", "0,x"], "--in-order x"),
                (2, ["--order", "0"], "an order is 1 or more"),
                (2, ["--order", "2.5"], "whole number"),
                (2, ["--optimizer", "sgd-in-order", "--in-order", "0,99999999999"], "too large"),
                (2, ["--optimizer", "lion"], "sgd-nesterov, adam"),
                (1, ["--optimizer", "adam", "--order", "3"], "derived to order 2"),
                (2, ["--optimizer", "adam", "--momentum", "0.9"], "β₁, β₂ and ε"),
                (1, ["--optimizer", "sgd-in-order", "--in-order", "0,1,2,3,4,5,6,7,8,9", "--order", "5"], "too many terms"),
                (1, ["--order", "50"], "derived to order 10"),
                (1, ["--optimizer", "sgd-nesterov", "--minibatches", "4", "--order", "3"], "derived to order 2"),
            })
                Check.Has(sentence, CommandLine.Ends(exitCode, ["modified-loss", .. arguments]).Error, string.Join(' ', arguments));
        }),
    ]);
}
