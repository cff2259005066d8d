using System.CommandLine;
using NoiseScale.Cli.Measuring;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Widths;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale width`: what changes as a network grows, by theory and measured.</summary>
public static class WidthCommand
{
    /// <summary>The command with its three parts.</summary>
    public static Command Create()
    {
        var command = new Command("width", "What changes as a network grows wider: exponents of the width, checked by coordinates and by the largest stable learning rate.")
        {
            CreateExponents(), CreateCoordinates(), CreateStability(),
        };
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("Parameterisations",
                [
                    "standard  W ~ N(0, σ²/n_in), one learning rate",
                    "ntk       W = σ/√n_in·θ, θ ~ N(0, 1), one learning rate",
                    "mup       the maximal update: every layer learns at a rate that does not depend on the width",
                    "(Park, Sohl-Dickstein, Le, Smith, ICML 2019; Yang and Hu 2021; Yang et al. 2022)",
                ]),
            ],
            Examples =
            [
                ("The theory, without a network", "noisescale width exponents"),
                ("Whether layers behave as it says", "noisescale width coordinates --widths 64:512"),
                ("Up to which learning rate training is stable", "noisescale width stability --widths 64:256 --examples 300 --updates 50"),
                ("A schedule for a network four times as wide", "noisescale plan 'lr 0.02; batch 64; momentum 0.9; epochs 10; examples 60000' --transfer-width 256:1024"),
            ],
        });
        return command;
    }

    private static Command CreateExponents()
    {
        var json = Flag("--json", "The exponents in JSON.");
        var command = new Command("exponents", "The exponents of the width, of every parameterisation and layer, and what they mean for a schedule.") { json };
        command.SetAction(result =>
        {
            if (result.GetValue(json))
                Output.Write(WidthTheory.ToJson());
            else
                WidthTheory.Write(Screen.Out);

            return ExitCode.Done;
        });
        HelpPage.Describe(command, new CommandHelp
        {
            Groups = [("Output (tables, unless)", [json])],
            Examples = [("The exponents", "noisescale width exponents")],
        });
        return command;
    }

    private static Command CreateCoordinates()
    {
        var examples = new DataOptions(1000, [], network: false);
        var widths = new WidthOptions("64:512", 4);
        var layers = Value("--hidden-layers", "NUMBER", "Hidden layers of the perceptrons. Default 2.");
        var optimizer = Value("--optimizer", "sgd|adam", "Of the one update. Default sgd.");
        var rate = Value("--learning-rate", "NUMBER", "Of the one update; so small that outputs change in proportion to it. Default 0.001.");
        var batch = Value("--batch", "NUMBER", "Examples of the update. Default 16.");
        var json = Flag("--json", "The exponents, and what they were fitted to, in JSON.");
        Option[] networks = [layers, .. widths.All];
        Option[] update = [optimizer, rate, batch];
        var command = new Command("coordinates", "Check a parameterisation by its coordinates: how outputs of layers, and their first changes, grow with the width.");
        foreach (var option in (Option[])[.. networks, .. update, .. examples.All, json])
            command.Add(option);

        command.SetAction(result =>
        {
            var data = examples.Data(result);
            var run = new CoordinateRun(
                data, widths.Pooling(result), Whole(result, layers, 2, 1), widths.Widths(result, 3), widths.Seeds(result, data.Seed), widths.Parameterisations(result),
                Choice.Of(optimizer.Name, result.GetValue(optimizer) ?? "sgd", ("sgd", RateFamily.Sgd), ("adam", RateFamily.Adam)),
                Positive(result, rate, 1e-3), Whole(result, batch, 16, 1));
            var found = run.Run();
            if (result.GetValue(json))
                Output.Write(CoordinateRun.ToJson(found));
            else
            {
                run.Write(Screen.Out, found);
                run.Data.Tell(Screen.Out);
            }

            return ExitCode.Done;
        });
        HelpPage.Describe(command, new CommandHelp
        {
            Groups = [("The networks", networks), ("The update", update), ("The examples", examples.All), ("Output (a table, unless)", [json])],
            Examples =
            [
                ("All parameterisations under SGD", "noisescale width coordinates"),
                ("The maximal update under Adam, three hidden layers", "noisescale width coordinates --parameterisation mup --optimizer adam --hidden-layers 3 --learning-rate 1e-4"),
            ],
            CannotBeDone = "the data cannot be read",
        });
        return command;
    }

    private static Command CreateStability()
    {
        var examples = new DataOptions(1000, [], network: false);
        var widths = new WidthOptions("64:512", 3);
        var network = Value(
            "--network", "KIND", "perceptron:LAYERS; convolutional; convolutional:IMAGES, with batch normalisation over so many; resnet:DEPTH, with SkipInit. Default perceptron:1.");
        var batch = Value("--batch", "NUMBER", "B. Default 32.");
        var momentum = Value("--momentum", "NUMBER", "m. Default 0.9.");
        var updates = Value("--updates", "NUMBER", "Length of a run. Default 100.");
        var least = Value("--least", "NUMBER", "The smallest learning rate that is tried. Default 0.001.");
        var most = Value("--most", "NUMBER", "The largest. Default 100.");
        var rounds = Value("--rounds", "NUMBER", "Bisections. Default 7: the edge to 10 % for these two.");
        var json = Flag("--json", "The edges of all seeds in JSON.");
        Option[] networks = [network, .. widths.All];
        Option[] search = [batch, momentum, updates, least, most, rounds];
        var command = new Command("stability", "Measure ε_max, the largest learning rate at which training is stable, against the width.");
        foreach (var option in (Option[])[.. networks, .. search, .. examples.All, json])
            command.Add(option);

        command.SetAction(result =>
        {
            var data = examples.Data(result);
            var m = NotNegative(result, momentum, 0.9);
            if (m >= 1)
                throw CommandFailure.Usage($"--momentum {m}: it is below 1.");

            var (from, to) = (Positive(result, least, 1e-3), Positive(result, most, 100));
            if (from >= to)
                throw CommandFailure.Usage($"--least {from} --most {to}: the search goes from the smaller to the larger.");

            var run = new StabilityRun(
                data, widths.Pooling(result), FamilyOf(result.GetValue(network) ?? "perceptron:1"), widths.Widths(result, 2), widths.Seeds(result, data.Seed),
                widths.Parameterisations(result), Whole(result, batch, 32, 1), m, Whole(result, updates, 100, 1), from, to, Whole(result, rounds, 7, 1));
            var found = run.Run();
            if (result.GetValue(json))
                Output.Write(StabilityRun.ToJson(found));
            else
            {
                run.Write(Screen.Out, found);
                run.Data.Tell(Screen.Out);
            }

            return ExitCode.Done;
        });
        HelpPage.Describe(command, new CommandHelp
        {
            Groups = [("The networks", networks), ("The search", search), ("The examples", examples.All), ("Output (a table, unless)", [json])],
            Examples =
            [
                ("Perceptrons of three widths", "noisescale width stability --widths 64:256 --examples 300 --updates 50"),
                ("Convolutional networks with 4, 8 and 16 channels", "noisescale width stability --network convolutional --widths 4:16 --parameterisation standard --examples 200 --updates 20 --seeds 2"),
            ],
            CannotBeDone = "the data cannot be read",
        });
        return command;

        WidthFamily FamilyOf(string typed)
        {
            var parts = typed.Split(':', 2);
            int Number(int otherwise) => parts.Length == 1 ? otherwise
                : Numbers.TryParse(parts[1], out var number) && number == (int)number && number is >= 1 and <= 10_000 ? (int)number
                : throw CommandFailure.Usage($"--network {typed}: the number is whole, from 1 to 10 000.");
            return Choice.Of<Func<WidthFamily>>(
                network.Name, parts[0],
                ("perceptron", () => new WidthFamily.Perceptron(Number(1))),
                ("convolutional", () => new WidthFamily.Convolutional(parts.Length == 1 ? null : Number(1))),
                ("resnet", () => Number(16) is var depth && depth % 6 == 4 && depth >= 10
                    ? new WidthFamily.Residual(depth, new ResidualNormalisation.SkipInit())
                    : throw CommandFailure.Usage($"--network {typed}: the depth is 6n + 4: 10, 16, 22, …")))();
        }
    }
}
