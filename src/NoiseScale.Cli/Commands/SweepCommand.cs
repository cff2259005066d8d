using System.CommandLine;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Sweeps;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps;
using static NoiseScale.Cli.Planning.Options;

namespace NoiseScale.Cli.Commands;

/// <summary>`noisescale sweep`: runs a grid of training runs, says how far it is, and collects its results into one table.</summary>
public static class SweepCommand
{
    private static readonly string[] FileNotes =
    [
        "A sweep file is a JSON object; every member and its default is described in Sweeps/SCHEMA.md of the sources. A small one:",
        "",
        "{",
        "  \"schema\": \"noisescale/sweep\", \"version\": 1,",
        "  \"data\": {\"synthetic\": {\"train\": 500, \"test\": 500}},",
        "  \"grid\": {",
        "    \"network\": {\"kind\": \"perceptron\", \"hidden\": [50]},",
        "    \"length\": {\"epochs\": 2},",
        "    \"batchSize\": {\"from\": 8, \"count\": 3, \"times\": 2},",
        "    \"learningRate\": [0.03, 0.1],",
        "    \"seed\": {\"from\": 0, \"count\": 2}",
        "  }",
        "}",
    ];

    /// <summary>The command with its three parts.</summary>
    public static Command Create()
    {
        var command = new Command("sweep", "Run a grid of training runs, cell by cell; whatever is stopped or killed goes on where it was.")
        {
            CreateRun(), CreateStatus(), CreateCollect(),
        };
        HelpPage.Describe(command, new CommandHelp
        {
            Notes = [("The file", FileNotes)],
            Examples =
            [
                ("Run a sweep, look at it from another terminal, and collect its results", "noisescale sweep run sweep.json"),
                ("", "noisescale sweep status sweep.json"),
                ("", "noisescale sweep collect sweep.json"),
            ],
        });
        return command;
    }

    private static Command CreateRun()
    {
        var common = new Common();
        var workers = Value("--workers", "NUMBER", "Cells to run side by side. Default: as many as there are processors (one on a GPU).");
        var checkpoints = Value("--checkpoints", "SECONDS", "How often a running cell saves its state. Default 60.");
        var retry = new Option<bool>("--retry-failed") { Description = "Run again the cells that failed.", Arity = ArgumentArity.Zero };
        var command = common.AddTo(new Command("run", "Run the cells that have no result yet."));
        command.Add(workers);
        command.Add(checkpoints);
        command.Add(retry);
        command.SetAction(result =>
        {
            using var chosen = common.Read(result);
            var options = new RunOptions
            {
                Workers = result.GetValue(workers) is { } typed ? Positive(workers, typed) : null,
                CheckpointInterval = TimeSpan.FromSeconds(result.GetValue(checkpoints) is { } seconds ? NotNegative(checkpoints, seconds) : 60),
                RetryFailed = result.GetValue(retry),
            };
            return Run(chosen, options);
        });
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("Stopping and going on",
                [
                    "A finished cell is a file of its own, there whole or not at all. Ctrl-C (or SIGTERM) ends running cells between two updates and saves "
                        + "their state; after a crash or a kill they go on from their last checkpoint. Several processes, on several machines that share the "
                        + "folder, may run one sweep: each claims its cells. A cell that fails is recorded with its reason and does not stop the others.",
                ]),
                ("Array jobs",
                [
                    "--cell k/n runs the cells k, k + n, k + 2n, … With n the number of cells, a task is one cell. In a batch script of SLURM:",
                    "\t#SBATCH --array=1-10",
                    "\tnoisescale sweep run sweep.json --cell $SLURM_ARRAY_TASK_ID/10",
                ]),
            ],
            Examples =
            [
                ("Run a sweep", "noisescale sweep run sweep.json"),
                ("The second of four parts, one cell at a time", "noisescale sweep run sweep.json --cell 2/4 --workers 1"),
            ],
            CannotBeDone = "cells failed, it was stopped, or the file or the folder cannot be used",
        });
        return command;
    }

    private static Command CreateStatus()
    {
        var common = new Common();
        var command = common.AddTo(new Command("status", "Say how many cells are done, diverged, failed, running and missing, and why cells failed."));
        command.SetAction(result =>
        {
            using var chosen = common.Read(result);
            SweepReport.Write(Screen.Out, chosen);
            return ExitCode.Done;
        });
        HelpPage.Describe(command, new CommandHelp { Examples = [("How far it is", "noisescale sweep status sweep.json")] });
        return command;
    }

    private static Command CreateCollect()
    {
        var common = new Common();
        var csv = Value("--csv", "PATH", "Write CSV there; - for the standard output. Default: cells.csv in the folder of the results.");
        var parquet = Value("--parquet", "PATH", "Write Parquet there. Default: cells.parquet in the folder of the results.");
        var noTimes = new Option<bool>("--no-times")
        {
            Description = "Leave out the columns that differ from run to run: seconds, together, started.",
            Arity = ArgumentArity.Zero,
        };
        var command = common.AddTo(new Command("collect", "Write the results into one table, one row a cell, as CSV and as Parquet."));
        command.Add(csv);
        command.Add(parquet);
        command.Add(noTimes);
        command.SetAction(result =>
        {
            using var chosen = common.Read(result);
            return Collect(chosen, result.GetValue(csv), result.GetValue(parquet), times: !result.GetValue(noTimes));
        });
        HelpPage.Describe(command, new CommandHelp
        {
            Notes =
            [
                ("The table",
                [
                    "Rows stand in the order of the grid; a cell without a result has its axes and its status. Without --csv and --parquet both are written, "
                        + "with one of them only that. All columns but the last three have the same bytes again, however often the sweep was stopped.",
                ]),
            ],
            Examples =
            [
                ("Both tables", "noisescale sweep collect sweep.json"),
                ("CSV for another program", "noisescale sweep collect sweep.json --csv - | head -3"),
            ],
        });
        return command;
    }

    private static int Run(ChosenSweep chosen, RunOptions options)
    {
        using var interruption = new Interruption();
        IReadOnlyList<RunResult> results;
        int run;
        try
        {
            (results, run) = SweepProgress.Follow((progress, warn) =>
            {
                var last = new RunStoreProgress();
                var watch = new SweepProgress.Now(report => progress.Report(last = report));
                return (chosen.Sweep.Run(chosen.Store, chosen.Data, options with { Warn = warn }, watch, interruption.Token), last.Done - last.Found);
            });
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            var done = chosen.Sweep.Look(chosen.Store).Count(sighting => sighting.Result is not null);
            throw CommandFailure.Refusal(
                $"Stopped: {Numbers.Whole(done)} of {Numbers.Whole(chosen.Sweep.Cells.Count)} cells are done, the running ones have saved their state.",
                "The same command goes on from here.");
        }
        catch (StorageException e)
        {
            throw CommandFailure.Refusal($"Cannot write to {e.Directory}: {e.Reason}.", "Finished cells are kept; the same command goes on.", e);
        }

        int Count(RunStatus status) => results.Count(result => result.Status == status);
        Screen.Out.Line($"{Numbers.Whole(Count(RunStatus.Completed))} completed, {Numbers.Whole(Count(RunStatus.Diverged))} diverged, {Numbers.Whole(Count(RunStatus.Failed))} failed, {Numbers.Whole(run)} of them run now: {chosen.Store.Directory}");
        return Count(RunStatus.Failed) == 0
            ? ExitCode.Done
            : throw CommandFailure.Refusal(
                $"{Numbers.Whole(Count(RunStatus.Failed))} of {Numbers.Whole(results.Count)} cells failed: {results.First(result => result.Status == RunStatus.Failed).FailureReason}",
                "'sweep status' names them all; --retry-failed runs them again.");
    }

    private static int Collect(ChosenSweep chosen, string? csv, string? parquet, bool times)
    {
        if (csv is null && parquet is null)
        {
            (csv, parquet) = (Path.Combine(chosen.Store.Directory, "cells.csv"), Path.Combine(chosen.Store.Directory, "cells.parquet"));
            if (!Directory.Exists(chosen.Store.Directory))
                throw CommandFailure.Refusal($"There are no results in {chosen.Store.Directory}.", "'sweep run' makes them.");
        }

        var table = SweepTable.Collect(chosen.Sweep, chosen.Store, times);
        if (csv == "-")
            Output.Write(table.WriteCsv);
        else if (csv is not null)
            Output.WriteFile(csv, table.WriteCsv);

        if (parquet is not null)
        {
            using var content = new MemoryStream();
            table.WriteParquet(content).GetAwaiter().GetResult();
            Output.WriteFile(parquet, content.ToArray());
        }

        if (csv != "-")
        {
            var without = table.Rows.Count(row => row.Sighting.Result is null);
            Screen.Out.Line($"{Numbers.Whole(table.Rows.Count)} cells{(without > 0 ? $", {Numbers.Whole(without)} of them without a result" : "")}: {string.Join(", ", new[] { csv, parquet }.OfType<string>())}");
        }

        return ExitCode.Done;
    }

    private static int Positive(Option<string> option, string typed) => Choice.Whole(option.Name, typed) is >= 1 and <= 10_000 and var number
        ? (int)number
        : throw CommandFailure.Usage($"{option.Name} {typed}: it is a whole number from 1 to 10 000.");

    private static double NotNegative(Option<string> option, string typed) => Choice.Number(option.Name, typed) is >= 0 and <= 1e6 and var number
        ? number
        : throw CommandFailure.Usage($"{option.Name} {typed}: it is a number of seconds, 0 or more.");

    // the argument and the options that all three have; objects of their own for each, since an option belongs to its command
    private sealed class Common
    {
        private readonly Argument<string> _file = new("file") { Description = "The sweep file.", HelpName = "FILE" };
        private readonly Option<string> _out = Value("--out", "DIR", "Folder of the results. Default: FILE's name with .results in the place of .json, beside it.");
        private readonly Option<string> _data = Value("--data", "DIR", "Folder of MNIST-format idx files or CIFAR-10 binaries, in the place of the file's own data.");
        private readonly Option<string> _cell = Value("--cell", "K/N", "Only the cells K, K + N, K + 2N, … of the grid, counted from 1. Default: all.");

        public Command AddTo(Command command)
        {
            command.Add(_file);
            command.Add(_out);
            command.Add(_data);
            command.Add(_cell);
            return command;
        }

        public ChosenSweep Read(ParseResult result) =>
            ChosenSweep.Read(result.GetValue(_file)!, result.GetValue(_data), result.GetValue(_out), result.GetValue(_cell));
    }
}
