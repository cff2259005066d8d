using System.CommandLine;
using NoiseScale.Cli.Measuring;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale temper`: the test error of a Bayesian classifier, or of a regression of a table, against the temperature of its posterior.</summary>
public static class TemperCommand
{
    private static readonly DataOptions Examples = new(60, [], network: false);

    private static readonly Option<string> Test = Value("--test-examples", "NUMBER", "How many test examples. Default 500, of a table a fifth.");
    private static readonly Option<string> Noise = Value("--label-noise", "NUMBER", "The part of the training labels that is flipped, from 0 to below 1. Default 0.");
    private static readonly Option<string> Depth = Value("--depth", "NUMBER", "Hidden layers of the infinitely wide network that is the prior. Default 2.");
    private static readonly Option<string> WeightVariance = Value("--weight-variance", "NUMBER", "σ_w² of its weights. Default 2.");
    private static readonly Option<string> BiasVariance = Value("--bias-variance", "NUMBER", "σ_b² of its biases. Default 0.1.");
    private static readonly Option<string> Likelihood = Value(
        "--likelihood", "NAME", "softmax; flipped:RATE; agreement:LABELLERS (given that they agree); dirichlet:CONCENTRATION. Default softmax.");

    private static readonly Option<string> Temperatures = Value("--temperatures", "LIST", "T: numbers, or FROM:TO for powers of two. Default 0.125:4.");
    private static readonly Option<bool> LikelihoodOnly = Flag("--likelihood-only", "Temper the likelihood and leave the prior as it is.");
    private static readonly Option<string> Chains = Value("--chains", "NUMBER", "Chains side by side. Default 16.");
    private static readonly Option<string> Draws = Value("--draws", "NUMBER", "How many are kept of each chain. Default 50.");
    private static readonly Option<bool> Json = Flag("--json", "The curve in JSON.");

    private static readonly RegressionOptions Regression = new(Depth, WeightVariance, BiasVariance);

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option[] data = [.. Examples.All, Test, Noise];
        Option[] model = [Depth, WeightVariance, BiasVariance, Likelihood];
        Option[] how = [Temperatures, LikelihoodOnly, Chains, Draws];
        var command = new Command(
            "temper", "Temper the posterior of a Bayesian classifier, a Gaussian process of an infinitely wide network, or of a regression of a table, and see which temperature predicts best.");
        foreach (var option in (Option[])[.. data, .. model, .. Regression.Table, .. Regression.Model, .. how, Json])
            command.Add(option);

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Groups =
            [
                ("The examples", data), ("The model", model), ("A table, for regression", Regression.Table), ("Its model: numbers that are given stay, the others are of most evidence", Regression.Model),
                ("The temperatures and the chains", how), ("Output (a table, unless)", [Json]),
            ],
            Notes =
            [
                ("What it does",
                [
                    "At every T it samples [p(y|f)·p(f)]^(1/T) (with --likelihood-only p(y|f)^(1/T)·p(f)) by Hamiltonian Monte Carlo and scores the mean prediction on test "
                        + "examples. A posterior that is best below T = 1 has a prior or likelihood that expects more chance in labels than there is. (Adlam, Snoek, Smith 2020)",
                    "Of a table (--table) nothing is sampled: the tempered posterior is that of the kernel TK and the noise Tσ² (with --likelihood-only of K and Tσ²), exactly, and T* is the "
                        + "temperature of most evidence. With hyper-parameters that the evidence chose T* is 1: tuning T is tuning them.",
                ]),
            ],
            Examples =
            [
                ("Three digits", "noisescale temper --classes 0,1,2"),
                ("The same with a fifth of the labels flipped, and a likelihood that says so", "noisescale temper --classes 0,1,2 --label-noise 0.2 --likelihood flipped:0.2"),
                ("Regression of a table's last column, hyper-parameters of most evidence", "noisescale temper --table FILE --standardise"),
                ("The same with a prior that is given", "noisescale temper --table FILE --standardise --variance 1 --length-scale 1 --noise 0.1"),
            ],
            CannotBeDone = "the covariance has no Cholesky factor, the chains stopped, or the data cannot be read",
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        var temperings = TemperingsOf(result.GetValue(Temperatures) ?? "0.125:4", result.GetValue(LikelihoodOnly));
        if (Regression.AreMeant(result))
            return Regress(result, temperings);

        Regression.RequireAbsence(result);
        var noise = NotNegative(result, Noise, 0);
        if (noise >= 1)
            throw CommandFailure.Usage($"--label-noise {noise}: it is below 1.");

        var run = new TemperRun(
            Examples.Data(result), Whole(result, Test, 500, 1),
            ProcessKernel.WideNetwork(Whole(result, Depth, 2, 1), Positive(result, WeightVariance, 2), NotNegative(result, BiasVariance, 0.1)),
            LikelihoodOf(result.GetValue(Likelihood) ?? "softmax"), noise, temperings,
            Whole(result, Chains, 16, 2), Whole(result, Draws, 50, 1));
        var found = run.Run();
        if (result.GetValue(Json))
            Output.Write(TemperRun.ToJson(found));
        else
        {
            run.Write(Screen.Out, found);
            run.Data.Tell(Screen.Out);
        }

        return ExitCode.Done;
    }

    private static int Regress(ParseResult result, IReadOnlyList<Tempering> temperings)
    {
        foreach (var option in (Option[])[.. Examples.OfImages, Noise, Likelihood, Chains, Draws])
        {
            if (result.GetResult(option) is { Implicit: false })
                throw CommandFailure.Usage($"{option.Name} has no meaning with --table: it is of classification.");
        }

        int? Count(int? count, string name) => count is null or >= 1 ? count : throw CommandFailure.Usage($"{name} {count}: it is 1 or more.");
        var run = Regression.Run(result, Count(Whole(result, Test), Test.Name), Count(Examples.Examples(result), "--examples"), Examples.Seed(result), temperings);
        var found = run.Run();
        if (result.GetValue(Json))
            Output.Write(RegressionRun.ToJson(found));
        else
            RegressionRun.Write(Screen.Out, found);

        return ExitCode.Done;
    }

    private static LabelModel LikelihoodOf(string typed)
    {
        var parts = typed.Split(':', 2);
        double Number() => parts.Length == 2
            ? Choice.Number(Likelihood.Name, parts[1])
            : throw CommandFailure.Usage($"--likelihood {typed}: it needs a number, such as {parts[0]}:{(parts[0] == "agreement" ? "3" : "0.1")}.");
        return Choice.Of<Func<LabelModel>>(
            Likelihood.Name, parts[0], ("softmax", () => LabelModel.Softmax), ("flipped", () => LabelModel.Flipped(Number())),
            ("agreement", () => LabelModel.GivenAgreement(
                Number() is var labellers && labellers == (int)labellers ? (int)labellers : throw CommandFailure.Usage($"--likelihood {typed}: there is a whole number of labellers."))),
            ("dirichlet", () => LabelModel.NoisyDirichlet(Number())))();
    }

    private static List<Tempering> TemperingsOf(string typed, bool likelihoodOnly)
    {
        List<double> numbers;
        if (typed.Split(':') is [var from, var to])
        {
            var (low, high) = (Choice.Number(Temperatures.Name, from), Choice.Number(Temperatures.Name, to));
            if (!(low > 0 && high > low))
                throw CommandFailure.Usage($"--temperatures {typed}: FROM:TO needs 0 < FROM < TO.");

            numbers = [.. Enumerable.Range(0, (int)Math.Floor(Math.Log2(high / low) + 1e-9) + 1).Select(i => low * Math.Pow(2, i))];
        }
        else
        {
            numbers = [.. typed.Split(',').Select(number => Choice.Number(Temperatures.Name, number.Trim()))];
        }

        return numbers.All(t => t > 0 && double.IsFinite(t))
            ? [.. numbers.Select(t => likelihoodOnly ? Tempering.Of(new LikelihoodTemperature(t)) : Tempering.Of(new PosteriorTemperature(t)))]
            : throw CommandFailure.Usage($"--temperatures {typed}: a temperature is positive.");
    }
}
