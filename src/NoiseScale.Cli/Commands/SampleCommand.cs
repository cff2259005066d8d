using System.CommandLine;
using NoiseScale.Cli.Measuring;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale sample`: samples a model's posterior, by the noise of its own minibatches or by injected noise.</summary>
public static class SampleCommand
{
    private enum Rule
    {
        Langevin,
        NaturalLangevin,
        NaturalGradient,
        StochasticNaturalGradient,
        Hamiltonian,
    }

    private static readonly DataOptions Examples = new(1000, []);

    private static readonly Option<string> Features = Value(
        "--features", "NUMBER", "How many random projections of the pixels the model sees; 0 for the pixels themselves. Default 10, as the paper's.");

    private static readonly Option<string> Prior = Value("--prior", "NUMBER", "λ, the prior's precision on the summed cost. Default 1.");

    private static readonly Option<string> By = Value(
        "--sampler", "NAME", "ngd, sngd, langevin, natural-langevin or sghmc. Default ngd: natural gradient descent on minibatches.");

    private static readonly Option<string> Rate = Value("--learning-rate", "NUMBER", "ε of the mean cost. Default 0.1.");
    private static readonly Option<string> Temperature = Value("--temperature", "NUMBER", "T; 1 is the posterior. Default 1. For ngd and sngd it chooses the batch, B = N/(2T/ε + 1).");
    private static readonly Option<string> Batch = Value("--batch", "NUMBER", "B, examples of a gradient. For ngd and sngd it is the temperature, T = (ε/2)(N/B − 1); for others all by default.");
    private static readonly Option<string> Fisher = Value("--fisher", "KIND", "model (exact), monte-carlo (one drawn label an example), empirical or covariance. Default model.");
    private static readonly Option<string> Damping = Value("--damping", "NUMBER", "δ of the metric F + δ. Default 0.001.");
    private static readonly Option<string> FisherExamples = Value("--fisher-examples", "NUMBER", "Examples that F is of, drawn anew for every update. Default all.");
    private static readonly Option<string> Average = Value("--average", "NUMBER", "α of a moving average of F over updates, from 0 to below 1. Default none.");
    private static readonly Option<string> Measure = Value("--measure", "NAME", "For natural-langevin and sngd: uniform, jeffreys or uncorrected. Default uniform; for sngd jeffreys.");
    private static readonly Option<string> Probes = Value(
        "--probes", "NUMBER", "Random directions that the derivative of F is taken along: for networks, where all directions are slow. Default all.");

    private static readonly Option<string> Friction = Value("--friction", "NUMBER", "γ = 1 − m of sghmc, above 0 to 1. Default 0.1.");

    private static readonly Option<string> Chains = Value("--chains", "NUMBER", "Chains side by side. Default 4.");
    private static readonly Option<string> BurnIn = Value("--burn-in", "NUMBER", "Updates before the first that is kept. Default 500.");
    private static readonly Option<string> Samples = Value("--samples", "NUMBER", "How many are kept of each chain. Default 500.");
    private static readonly Option<string> Thin = Value("--thin", "NUMBER", "Every how-manyth update is kept. Default 1.");
    private static readonly Option<string> Save = Value("--save", "FILE", "Keeps the chains in a file (JSON), saved on the way: the same command goes on from there.");
    private static readonly Option<bool> Json = Flag("--json", "The result in JSON.");

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option[] model = [Features, Prior];
        Option[] rule = [By, Rate, Temperature, Batch, Fisher, Damping, FisherExamples, Average, Measure, Probes, Friction];
        Option[] chains = [Chains, BurnIn, Samples, Thin, Save];
        var command = new Command("sample", "Sample a model's posterior at a temperature, by the noise of its own minibatches or by injected noise, and predict with all samples.");
        foreach (var option in (Option[])[.. Examples.All, .. model, .. rule, .. chains, Json])
            command.Add(option);

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Groups =
            [
                ("The examples and the model", [.. Examples.All, .. model]), ("The sampler", rule), ("The chains", chains), ("Output (a table, unless)", [Json]),
            ],
            Notes =
            [
                ("What it does",
                [
                    "The density is e^(−C/T), C = Σ −ln p(y|x,w) + (λ/2)‖w‖². Natural gradient descent, Δw = −εF⁻¹∇Ĉ/N, samples it by the noise of its minibatches alone, "
                        + "at T = (εN/2B)(1 − B/N); sngd adds the derivatives of F, so that it is right away from minima too. (Smith et al. 2018, Thms 4 and 5, with the "
                        + "signs of its Eq. 2 put right)",
                ]),
            ],
            Examples =
            [
                ("Zeros against ones at T = 1, by minibatch noise", "noisescale sample --classes 0,1 --examples 400"),
                ("The same by injected noise, over the uniform measure", "noisescale sample --classes 0,1 --examples 400 --sampler natural-langevin"),
                ("A small network as in the paper's Fig 4", "noisescale sample --examples 1024 --hidden 40 --learning-rate 0.125 --batch 64 --damping 0.1 --chains 1 --samples 100"),
            ],
            CannotBeDone = "a chain diverged, its metric has no inverse, or a file cannot be read",
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        var rule = Choice.Of(
            By.Name, result.GetValue(By) ?? "ngd", ("ngd", Rule.NaturalGradient), ("sngd", Rule.StochasticNaturalGradient), ("langevin", Rule.Langevin),
            ("natural-langevin", Rule.NaturalLangevin), ("sghmc", Rule.Hamiltonian));
        RequireMeaning(result, rule);
        var features = Whole(result, Features, 10, 0);
        var prior = Positive(result, Prior, 1);
        if (result.GetValue(Save) is "")
            throw CommandFailure.Usage("--save needs a value: FILE.");

        var run = new SampleRun(
            Examples.Data(result), features == 0 ? null : features, Examples.Hidden(result), prior, SamplerOf(result, rule),
            new ChainOptions
            {
                Chains = Whole(result, Chains, 4, 1),
                BurnIn = Whole(result, BurnIn, 500, 0),
                Samples = Whole(result, Samples, 500, 1),
                Thinning = Whole(result, Thin, 1, 1),
                Seed = Examples.Seed(result),

                // a million deviations of the prior: a chain that is there, finite as it may be, has diverged
                LargestParameter = 1e6 / Math.Sqrt(prior),
            },
            result.GetValue(Save));
        var found = run.Run();
        if (result.GetValue(Json))
            Output.Write(SampleRun.ToJson(found));
        else
        {
            SampleRun.Write(Screen.Out, found);
            run.Data.Tell(Screen.Out);
        }

        return ExitCode.Done;
    }

    // a batch is the temperature of one kind of sampler, and a detail of the other
    private static Func<int, Sampler> SamplerOf(ParseResult result, Rule rule)
    {
        var rate = Positive(result, Rate, 0.1);
        var temperature = new PosteriorTemperature(NotNegative(result, Temperature, 1));
        var batch = result.GetResult(Batch) is { Implicit: false } ? Whole(result, Batch, 1, 1) : (int?)null;
        var friction = Positive(result, Friction, 0.1);
        var fisher = new FisherInformation
        {
            Kind = Choice.Of(
                Fisher.Name, result.GetValue(Fisher) ?? "model", ("model", FisherKind.Model), ("monte-carlo", FisherKind.MonteCarlo), ("empirical", FisherKind.Empirical),
                ("covariance", FisherKind.Covariance)),
            Damping = NotNegative(result, Damping, 0.001),
            Examples = result.GetValue(FisherExamples) is null ? null : Whole(result, FisherExamples, 1, 1),
            Average = result.GetValue(Average) is { } typed ? Choice.Number(Average.Name, typed) : null,
        };
        if (fisher.Average is < 0 or >= 1)
            throw CommandFailure.Usage($"--average {fisher.Average}: it is from 0 to below 1.");

        var measure = Choice.Of(
            Measure.Name, result.GetValue(Measure) ?? (rule == Rule.StochasticNaturalGradient ? "jeffreys" : "uniform"), ("uniform", SampledMeasure.Uniform), ("jeffreys", SampledMeasure.Jeffreys),
            ("uncorrected", SampledMeasure.Uncorrected));
        var probes = result.GetResult(Probes) is { Implicit: false } ? Whole(result, Probes, 1, 1) : (int?)null;
        int Sized(int examples)
        {
            if (fisher.Examples > examples)
                throw CommandFailure.Refusal($"--fisher-examples {fisher.Examples}: there are {examples} training examples.");

            if (batch is { } given)
                return given;

            var (size, gives) = temperature.ToBatchSize(rate, examples);
            return gives.Value > 0 || temperature.Value == 0
                ? size
                : throw CommandFailure.Refusal(
                    $"At --learning-rate {rate} no batch of {examples} examples gives T = {temperature.Value}: all of them give 0, and one fewer {Numbers.Real(rate / 2 / (examples - 1), 3)}.",
                    "A smaller learning rate gives a smaller batch.");
        }

        return rule switch
        {
            Rule.NaturalGradient => n => Samplers.NaturalGradient(rate, Sized(n), fisher),
            Rule.StochasticNaturalGradient => n => Samplers.StochasticNaturalGradient(rate, Sized(n), fisher, measure, probes),
            Rule.Langevin => _ => Samplers.Langevin(rate, temperature, batch),
            Rule.NaturalLangevin => _ => Samplers.NaturalLangevin(rate, temperature, fisher, measure, batch, probes),
            _ => _ => Samplers.Hamiltonian(rate, friction, temperature, batch),
        };
    }

    private static void RequireMeaning(ParseResult result, Rule rule)
    {
        bool Given(Option option) => result.GetResult(option) is { Implicit: false };
        void Refuse(bool allowed, string why, params Option[] options)
        {
            foreach (var option in allowed ? [] : options.Where(Given))
                throw CommandFailure.Usage($"{option.Name} has no meaning here: {why}.");
        }

        var noiseIsTheBatch = rule is Rule.NaturalGradient or Rule.StochasticNaturalGradient;
        Refuse(rule is not (Rule.Langevin or Rule.Hamiltonian), "the sampler has no metric", Fisher, Damping, FisherExamples, Average);
        Refuse(rule is Rule.NaturalLangevin or Rule.StochasticNaturalGradient, "only natural-langevin and sngd correct for the metric's derivatives", Measure, Probes);
        Refuse(rule == Rule.Hamiltonian, "only sghmc has friction", Friction);
        if (noiseIsTheBatch && Given(Batch) && Given(Temperature))
            throw CommandFailure.Usage("--batch and --temperature say the same of this sampler, T = (ε/2)(N/B − 1): give one of them.");
    }
}
