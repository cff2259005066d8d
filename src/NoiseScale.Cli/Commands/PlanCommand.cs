using System.CommandLine;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Plotting;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale plan`: a schedule, transformed under the scaling laws, and every update that will run.</summary>
public static class PlanCommand
{
    private static readonly Argument<string[]> ScheduleArgument = new("schedule")
    {
        HelpName = "schedule",
        Description = "A schedule on one line (in quotes), a file of such text or of JSON, - for the standard input, or paper:NAME.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string> Form = Value(
        "--form",
        "exact|linear",
        "The form of the noise scale that is kept and shown: ε/(1−m)·(N/B−1), or ε/(1−m)·N/B in which the papers' schedules were derived."
            + " Default exact.");

    private static readonly Option<string> Partial = Value(
        "--partial",
        "carry|keep|drop",
        "The examples at the end of an epoch that fill no batch: they join the next epoch's first, make a smaller batch, or are left out."
            + " Default carry.");

    private static readonly Option<string> Rounding = Value(
        "--rounding",
        "leave|exact|linear",
        "Whether the learning rate makes up for rounding a batch to whole examples, and in which form. Default leave.");

    private static readonly Option<string> Against = Value(
        "--against",
        "SCHEDULE",
        "Compare with this schedule instead of the one as given (or the paper's own baseline).");

    private static readonly Option<bool> AllPhases = Flag("--all", "Show every phase, however many there are.");
    private static readonly Option<bool> Json = Flag("--json", "The plan as a table that a training loop in any language can follow.");
    private static readonly Option<bool> ScheduleJson = Flag("--schedule-json", "The schedule in JSON, which this command reads.");
    private static readonly Option<bool> Text = Flag("--text", "The schedule on one line, which this command reads.");
    private static readonly Option<bool> Csv = Flag("--csv", "The phases in CSV.");
    private static readonly Option<bool> UpdatesCsv = Flag("--updates-csv", "Every update in CSV.");

    private static readonly Option<string> Plot = Value(
        "--plot",
        "FILE.html",
        "Write a page with learning rate, batch and noise scale against epochs; it needs no network.");

    private static readonly Option<bool> List = Flag("--list", "List the schedules of the papers.");

    private static readonly Option<bool>[] Documents = [Json, ScheduleJson, Text, Csv, UpdatesCsv];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("plan", "Plan a schedule: transform it under the scaling laws and see every update that will run.");
        command.Add(ScheduleArgument);

        foreach (var option in Help.Groups.SelectMany(group => group.Options))
            command.Add(option);

        command.SetAction(Run);
        HelpPage.Describe(command, Help);
        return command;
    }

    private static CommandHelp Help => new()
    {
        Groups =
        [
            ("Transformations, in the order in which they stand", TransformationOptions.All),
            ("The plan", [Form, Partial, Rounding, Against]),
            ("Output (a table, unless one of these says otherwise)", [AllPhases, .. Documents, Plot, List]),
        ],
        Notes =
        [
            ("Order",
            [
                "Transformations apply in the order in which they stand, and may stand more than once: '--trade-decay --cap 5120 --scale-lr 5' caps "
                    + "the batch and then multiplies it, '--scale-lr 5 --trade-decay --cap 5120' never exceeds the cap. --cap, --until and --rule go with the "
                    + "--trade-decay before them (with the first where none is before), --batch-rule likewise with its --scale-batch, --parameterisation and "
                    + "--keep-batch with their --transfer-width.",
            ]),
            ("Schedules on one line",
            [
                "\tlr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000",
                "\tlr cosine(0.1, 0, 200); batch 256; epochs 200; examples 50000",
                "\tlr 0.01 -> 0.1 @5 -> 0.01 @60; batch 64 *2 @30; epochs 90; examples 1281167; optimizer nesterov",
                "",
                "Fields: lr, batch, momentum (curves); epochs, examples, decay (numbers); optimizer (sgd, heavy-ball, nesterov, adam, adamw); average.",
                "Curves: a number; /FACTOR @EPOCHS and *FACTOR @EPOCHS; -> VALUE @EPOCH; functions such as linear, cosine, exponential, join.",
            ]),
        ],
        Examples =
        [
            ("The paper's trade: the batch grows to 5120, then the learning rate decays",
                "noisescale plan 'lr 0.1 /5 @60,120,160; batch 128; momentum 0.9; epochs 204.8; examples 50000' --trade-decay --cap 5120"),
            ("The same from a higher learning rate and momentum, as in its Figure 5",
                "noisescale plan paper:dont-decay/original --form linear --scale-lr 5 --momentum 0.98 --trade-decay --cap 5120"),
            ("For a network four times as wide: the best batch falls with the width",
                "noisescale plan 'lr 0.02; batch 64; momentum 0.9; epochs 10; examples 60000' --transfer-width 256:1024"),
            ("A page with the curves, and a table for a training loop",
                "noisescale plan schedule.json --trade-decay --plot plan.html --json > plan.json"),
            ("One schedule out of another, through a pipe",
                "noisescale plan paper:dont-decay/original --scale-batch 4 --schedule-json | noisescale plan - --trade-decay"),
        ],
    };

    private static int Run(ParseResult result)
    {
        var arguments = result.GetValue(ScheduleArgument) ?? [];

        if (result.GetValue(List) || arguments is [Papers.Prefix])
        {
            PaperList.Write(Screen.Out);
            return ExitCode.Done;
        }

        var document = Chosen(result);
        var request = PlanRequest.Carry(
            ScheduleSource.Read(Only(arguments, result.CommandResult.Command)),
            TransformationOptions.Read(result),
            result.GetValue(Against) is { } against ? ScheduleSource.Read(against) : null,
            Word(Form, ("exact", NoiseScaleForm.Exact), ("linear", NoiseScaleForm.Linear)),
            Word(Partial, ("carry", PartialBatch.CarryOver), ("keep", PartialBatch.Keep), ("drop", PartialBatch.Drop)),
            Word(
                Rounding,
                ("leave", BatchRounding.Leave),
                ("exact", BatchRounding.CompensateExact),
                ("linear", BatchRounding.CompensateLinear)));

        // the first word is the default
        T Word<T>(Option<string> option, params (string Word, T Meaning)[] words) =>
            Choice.Of(option.Name, result.GetValue(option) ?? words[0].Word, words);

        // the page first: where it cannot be written, nothing else is
        if (result.GetValue(Plot) is { } path)
        {
            PlanPage.Write(path, request);
            Screen.Error.Line(Palette.Quiet, $"wrote {path}");
        }

        if (document is null)
            PlanReport.Write(Screen.Out, request, result.GetValue(AllPhases));
        else
            WriteDocument(document, request.Plan);

        return ExitCode.Done;
    }

    private static void WriteDocument(Option<bool> document, Plan plan)
    {
        if (document == Json)
            Output.Write(plan.ToJson());
        else if (document == ScheduleJson)
            Output.Write(plan.Schedule.ToJson());
        else if (document == Text)
            Output.Write(plan.Schedule.ToString());
        else if (document == Csv)
            Output.Write(plan.WritePhases);
        else
            Output.Write(plan.WriteUpdates);
    }

    private static Option<bool>? Chosen(ParseResult result) => Documents.Where(result.GetValue).ToList() switch
    {
        [] => null,
        [var one] => one,
        [var one, var other, ..] => throw CommandFailure.Usage(
            $"{one.Name} and {other.Name} cannot stand together: both go to the standard output."),
    };

    private static string Only(string[] arguments, Command command) => arguments switch
    {
        // what looks like an option and is none reaches us as a schedule
        _ when arguments.FirstOrDefault(argument => argument.StartsWith('-') && argument != "-") is { } option =>
            throw Failures.UnknownOption(command, option),
        [var one] => one,
        [] => throw CommandFailure.Usage(
            "There is no schedule to plan.",
            "Give one line of text in quotes, a file, - for the standard input, or paper:NAME; 'noisescale plan --list' shows the papers' names."),
        _ => throw CommandFailure.Usage(
            $"There are {arguments.Length} schedules, where one is expected: {string.Join(" ", arguments.Take(2))} …",
            "Put a schedule's text in quotes, as in 'lr 0.1; batch 128; epochs 10; examples 50000'."),
    };

    private static Option<string> Value(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    private static Option<bool> Flag(string name, string description) =>
        new(name) { Description = description, Arity = ArgumentArity.Zero };
}
