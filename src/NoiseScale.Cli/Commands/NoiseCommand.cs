using System.CommandLine;
using NoiseScale.Cli.Measuring;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale noise`: measures how noisy the gradient is, and which batch size that makes critical.</summary>
public static class NoiseCommand
{
    private static readonly DataOptions Examples = new(2000, [100]);

    private static readonly Option<string> Along = Value(
        "--along", "SCHEDULE", "Train along a schedule, as `noisescale plan` reads it, without its examples. Default 'lr 0.1; batch 32; epochs 3'.");

    private static readonly Option<string> Points = Value(
        "--points", "NUMBER", "How many times to measure, the start and the end among them; 1: the start alone. Default 7.");

    private static readonly Option<string> Batches = Value("--batches", "NUMBER", "Batches of a measurement. Default 16.");
    private static readonly Option<string> MicroBatches = Value("--micro-batches", "NUMBER", "Micro-batches of a batch. Default 4.");
    private static readonly Option<string> Size = Value("--micro-batch-size", "NUMBER", "Examples of a micro-batch. Default 16.");
    private static readonly Option<bool> Weighted = Flag("--hessian", "Measure the Hessian-weighted noise scale and the learning rates it implies, too.");

    private static readonly Option<bool> Json = Flag("--json", "The measurements in JSON.");

    /// <summary>The command.</summary>
    public static Command Create()
    {
        Option[] how = [Along, Points, Batches, MicroBatches, Size, Weighted];
        var command = new Command("noise", "Measure the gradient noise scale of a model with its interval, at the start and along training.");
        foreach (var option in (Option[])[.. Examples.All, .. how, Json])
            command.Add(option);

        command.SetAction(Run);
        HelpPage.Describe(command, new CommandHelp
        {
            Groups = [("The examples and the network", Examples.All), ("The measurement", how), ("Output (a table, unless)", [Json])],
            Notes =
            [
                ("Your own model",
                [
                    "In C#, GradientNoiseMonitor watches a TorchSharp training loop; NoiseScale.Theory.GradientNoise measures any loss over tensors.",
                    "(McCandlish et al. 2018, arXiv 1812.06162; intervals by Fieller's theorem)",
                ]),
            ],
            Examples =
            [
                ("Along three epochs", "noisescale noise --examples 500 --along 'lr 0.1; batch 32; epochs 2' --points 3"),
                ("At the start, weighted by the Hessian", "noisescale noise --examples 300 --hidden 20 --points 1 --hessian"),
            ],
            CannotBeDone = "the data cannot be read, or training diverged",
        });
        return command;
    }

    private static int Run(ParseResult result)
    {
        var data = Examples.Data(result);
        var points = Whole(result, Points, 7, 1);
        var settings = new NoiseScaleSettings
        {
            Batches = Whole(result, Batches, 16, 2),
            MicroBatches = Whole(result, MicroBatches, 4, 2),
            MicroBatchSize = Whole(result, Size, 16, 1),
            Weighted = result.GetValue(Weighted),
        };
        if ((long)settings.MicroBatches * settings.MicroBatchSize > data.Examples)
            throw CommandFailure.Usage($"{settings.MicroBatches} micro-batches of {settings.MicroBatchSize} are more than the {data.Examples} examples.", "Fewer of them, or more --examples.");

        var typed = result.GetValue(Along) ?? "lr 0.1; batch 32; epochs 3";
        var text = typed.Contains("examples", StringComparison.OrdinalIgnoreCase) ? typed : $"{typed}; examples {data.Examples}";
        var schedule = ScheduleSource.Read(text).Schedule;
        var run = new NoiseRun(data with { Examples = schedule.TrainingSetSize }, Examples.Hidden(result), schedule, points, settings);
        IReadOnlyList<NoiseRun.Point> measured;
        try
        {
            measured = run.Run();
        }
        catch (InvalidOperationException e)
        {
            throw CommandFailure.Refusal($"The noise could not be measured: {e.Message}.", "A smaller learning rate may help, if training diverged.", e);
        }

        if (result.GetValue(Json))
            Output.Write(NoiseRun.ToJson(measured));
        else
        {
            run.Write(Screen.Out, measured);
            run.Data.Tell(Screen.Out);
        }

        return ExitCode.Done;
    }
}
