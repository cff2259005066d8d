using System.CommandLine;
using NoiseScale.Cli.Measuring;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale evidence`: weighs a model of data by its Bayesian evidence.</summary>
public static class EvidenceCommand
{
    private static readonly DataOptions Examples = new(800, []);

    private static readonly Option<string> Prior = Value(
        "--prior", "LIST", "λ, the prior's precision on the summed cost: numbers, or FROM:TO for powers of ten. Default 0.001:1000, for a network 1.");

    private static readonly Option<bool> Maximise = Flag("--maximise", "Search for the λ of most evidence between the least and the largest, too.");
    private static readonly Option<string> Updates = Value("--updates", "NUMBER", "Full-batch updates that train a network. Default 2000.");
    private static readonly Option<string> Rate = Value("--learning-rate", "NUMBER", "Their learning rate, with momentum 0.9. Default 0.1.");
    private static readonly Option<bool> GaussNewton = Flag("--gauss-newton", "Take the Gauss-Newton matrix for the Hessian: it has no negative eigenvalues.");
    private static readonly Option<bool> Drop = Flag("--drop", "Leave out eigenvalues below λ: the paper's rule of thumb away from minima.");
    private static readonly Option<string> Largest = Value(
        "--exact-up-to", "NUMBER", "Parameters up to which all eigenvalues are computed; beyond, ln det is estimated with a standard error. Default 2000.");

    private static readonly Option<bool> Json = Flag("--json", "The models in JSON, eigenvalues included.");

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option[] model = [Prior, Maximise, Updates, Rate];
        Option[] how = [GaussNewton, Drop, Largest];
        var command = new Command("evidence", "Weigh a model by its Bayesian evidence (Laplace's method), over the precision λ of its prior, against the null model.");
        foreach (var option in (Option[])[.. Examples.All, .. model, .. how, Json])
            command.Add(option);

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Groups = [("The examples and the model", Examples.All), ("The prior and the fit", model), ("The evidence", how), ("Output (a table, unless)", [Json])],
            Notes =
            [
                ("What it does",
                [
                    "Regression (without --hidden) is fitted by Newton's method, with a certificate; a perceptron is trained by full-batch gradient descent "
                        + "with momentum, and weighed where that left it. ln P = −[C + ½ Σ ln(λᵢ/λ)], E = −ln P − N ln n. (Smith and Le, ICLR 2018, Eqs. 9, 10)",
                ]),
            ],
            Examples =
            [
                ("Zeros against ones, over λ", "noisescale evidence --classes 0,1 --examples 200 --prior 0.01:10"),
                ("The same with random labels: the null model wins", "noisescale evidence --classes 0,1 --examples 200 --prior 0.01:10 --random-labels"),
                ("A small network", "noisescale evidence --classes 0,1 --examples 100 --hidden 2 --prior 1 --updates 300 --drop"),
            ],
            CannotBeDone = "there is no evidence: the point is no minimum, or the data cannot be read",
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        var hidden = Examples.Hidden(result);
        var network = hidden.Count > 0;
        if (network && result.GetValue(Maximise))
            throw CommandFailure.Usage("--maximise is for regression: a network would be trained anew at every λ.");

        foreach (var option in network ? [] : (Option[])[Updates, Rate])
        {
            if (result.GetResult(option) is { Implicit: false })
                throw CommandFailure.Usage($"{option.Name} has no meaning without --hidden: regression is fitted by Newton's method.");
        }

        var updates = Whole(result, Updates) ?? 2000;
        var rate = result.GetValue(Rate) is { } number ? Choice.Number(Rate.Name, number) : 0.1;
        if (updates < 1)
            throw CommandFailure.Usage($"--updates {updates}: there is at least one.");

        if (!(rate > 0))
            throw CommandFailure.Usage($"--learning-rate {rate}: it is positive.");

        var largest = Whole(result, Largest) ?? 2000;
        if (largest < 0)
            throw CommandFailure.Usage($"--exact-up-to {largest}: it is 0 or more.");

        var run = new EvidenceRun(
            Examples.Data(result), hidden, Priors(result.GetValue(Prior) ?? (network ? "1" : "0.001:1000")), result.GetValue(Maximise), updates, rate,
            new EvidenceOptions
            {
                Curvature = result.GetValue(GaussNewton) ? EvidenceCurvature.GaussNewton : EvidenceCurvature.Hessian,
                DropBelowPrior = result.GetValue(Drop),
                LargestExact = largest,
                Seed = Examples.Seed(result),

                // a trained network is near a minimum, not at one; how near is in the report
                MostPredictedDecrease = network ? double.PositiveInfinity : 0.01,
            });
        var models = run.Run();
        if (result.GetValue(Json))
            Output.Write(run.ToJson(models));
        else
        {
            run.Write(Screen.Out, models);
            run.Data.Tell(Screen.Out);
        }

        return ExitCode.Done;
    }

    private static List<double> Priors(string typed)
    {
        List<double> priors;
        if (typed.Split(':') is [var from, var to])
        {
            var (low, high) = (Choice.Number(Prior.Name, from), Choice.Number(Prior.Name, to));
            if (!(low > 0 && high > low))
                throw CommandFailure.Usage($"--prior {typed}: FROM:TO needs 0 < FROM < TO.");

            var decades = (int)Math.Floor(Math.Log10(high / low) + 1e-9);
            priors = [.. Enumerable.Range(0, decades + 1).Select(i => low * Math.Pow(10, i))];
        }
        else
        {
            priors = [.. typed.Split(',').Select(number => Choice.Number(Prior.Name, number.Trim()))];
        }

        return priors.All(lambda => lambda > 0 && double.IsFinite(lambda)) ? priors : throw CommandFailure.Usage($"--prior {typed}: a precision is positive.");
    }
}
