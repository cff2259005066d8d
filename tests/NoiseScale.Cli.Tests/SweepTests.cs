using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Expecto;
using Expecto.CSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>`noisescale sweep`: run, status, collect; killed, stopped, shared between processes, without room on the disk.</summary>
internal static class SweepTests
{
    // each starts a process twice; the nightly run kills more often
    private static readonly int Kills = Environment.GetEnvironmentVariable("NOISESCALE_NIGHTLY") == "1" ? 60 : 12;

    public static Test All { get; } = Runner.TestList("sweep",
    [
        Runner.TestCase("runs, says how it stands, and collects", RunsAndCollects),
        Runner.TestCase($"killed {Kills} times at random moments, the table is bit for bit that of an undisturbed run", SurvivesKills),
        Runner.TestCase("two processes share a sweep, every cell once", TwoAtOnce),
        Runner.TestCase("Ctrl-C saves the running cells, and says how to go on", StopsAndGoesOn),
        Runner.TestCase("the parts of an array job make up the whole", Parts),
        Runner.TestCase("what is wrong with a file or an option is said", Refusals),
        Runner.TestCase("a folder that cannot be written", Unwritable),
        Needs.Program("bash", "a full disk ends the sweep, loses nothing, and is no cell's failure", FullDisk),
        Needs.Program("bash", "every example of the help runs", Examples),
    ]);

    private static string File(int updates = 120, int seeds = 3, string stacking = "where-faster") => $$$"""
        {
          "schema": "noisescale/sweep", "version": 1, "stacking": "{{{stacking}}}", "evaluations": 3,
          "data": {"synthetic": {"train": 120, "test": 60}},
          "grid": {
            "network": [{"kind": "perceptron", "hidden": [16]}, {"kind": "convolutional", "channels": [2, 3]}],
            "length": {"updates": {{{updates}}} },
            "batchSize": [8, 16],
            "momentum": [0, 0.9],
            "learningRate": [0.02, 1e30],
            "seed": {"from": 0, "count": {{{seeds}}} }
          }
        }
        """;

    private static string Table(string file, string folder) => CommandLine.Run("sweep", "collect", file, "--out", folder, "--csv", "-", "--no-times").Output;

    private static Process Begin(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [CommandLine.Assembly, "sweep", "run", .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { [CommandLine.Threads.Name] = CommandLine.Threads.Value },
    })!;

    private static void RunsAndCollects()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("small.json", File(20));
        var before = CommandLine.Run("sweep", "status", file).Output;
        Check.True(Regex.IsMatch(before, @"missing +48") && !Directory.Exists(scratch["small.results"]), $"status runs nothing: {before}");
        var run = CommandLine.Ends(0, "sweep", "run", file);
        Check.Has("24 completed, 24 diverged, 0 failed, 48 of them run now", run.Output, "the outcome");
        Check.True(Regex.IsMatch(run.Error, @"\[0:\d\d\] \d+ of 48 cells, .+ left"), $"progress in lines: {run.Error}");
        Check.True(run.Error.Split('\n').Length <= 12, "a line every tenth");
        var status = CommandLine.Run("sweep", "status", file).Output;
        Check.True(Regex.IsMatch(status, @"completed +24\n +diverged +24"), status);
        Check.Has("the loss was NaN at update", status, "where cells diverged");
        Check.Has("and 4 more", status, "not all of them");

        CommandLine.Run("sweep", "collect", file);
        var csv = System.IO.File.ReadAllLines(scratch["small.results/cells.csv"]);
        Check.Equal(49, csv.Length, "rows");
        Check.True(csv[0].EndsWith("seconds,together,started", StringComparison.Ordinal), csv[0]);
        Check.True(System.IO.File.ReadAllBytes(scratch["small.results/cells.parquet"]).AsSpan().StartsWith("PAR1"u8), "Parquet");

        // a damaged result is reported and made again, to the same bits
        var table = Table(file, scratch["small.results"]);
        var hash = csv[1].Split(',')[1];
        System.IO.File.WriteAllText(scratch[$"small.results/{hash}.json"], "{\"format\"");
        Check.True(Regex.IsMatch(CommandLine.Run("sweep", "status", file).Output, "damaged +1"), "status");
        var again = CommandLine.Ends(0, "sweep", "run", file);
        Check.Has($"{hash}.json is not a result", again.Error, "it is reported");
        Check.Equal(table, Table(file, scratch["small.results"]), "the table");
    }

    // most kills fall while cells are running, which the first line of progress tells; some anywhere from the start of the runtime on. Checkpoints
    // are saved so often that many kills fall into that
    private static void SurvivesKills()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("sweep.json", File(updates: 250));
        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["whole"]);
        var expected = Table(file, scratch["whole"]);
        var random = new Random(20);
        var (midway, ends) = (0, 0);
        for (var kills = 0; kills < Kills;)
        {
            using var process = Begin(file, "--out", scratch["killed"], "--checkpoints", "0.01");
            var running = kills % 6 > 0 && process.StandardError.ReadLine() is not null;
            if (!process.WaitForExit(random.Next(running ? 250 : 1000)))
            {
                process.Kill();
                process.WaitForExit();
                kills++;
                midway += running ? 1 : 0;
                continue;
            }

            // it has come to its end: once more, from half of it
            Check.Equal(0, process.ExitCode, "the exit code");
            Check.Equal(expected, Table(file, scratch["killed"]), "the table after kills");
            ends++;
            foreach (var result in Directory.GetFiles(scratch["killed"], "*.json").Where(_ => random.Next(2) == 0))
                System.IO.File.Delete(result);
        }

        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["killed"]);
        Check.Equal(expected, Table(file, scratch["killed"]), "the table");
        Check.True(midway >= Kills / 2, $"of {Kills} kills, {midway} hit running cells, and {ends} runs ended before they were killed");
        Check.Equal(0, Directory.GetFileSystemEntries(scratch["killed"]).Count(path => !path.EndsWith(".json") && Path.GetFileName(path) != "unfinished"), "nothing is left lying");
        Check.Equal(0, Directory.GetFileSystemEntries(scratch["killed/unfinished"]).Length, "no checkpoint is left");
    }

    private static void TwoAtOnce()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("sweep.json", File(updates: 100, stacking: "never"));
        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["alone"]);
        Process[] processes = [Begin(file, "--out", scratch["shared"]), Begin(file, "--out", scratch["shared"])];
        var errors = processes.Select(process => process.StandardError.ReadToEndAsync()).ToList();
        var outputs = processes.Select(process => process.StandardOutput.ReadToEndAsync()).ToList();
        foreach (var process in processes)
        {
            process.WaitForExit();
            Check.Equal(0, process.ExitCode, "the exit code");
        }

        Task.WaitAll(errors);
        Check.Equal(Table(file, scratch["alone"]), Table(file, scratch["shared"]), "the table");
        Check.Equal(48, Directory.GetFiles(scratch["shared"]).Length, "a file a cell, and no other");
        var run = outputs.ConvertAll(output => int.Parse(Regex.Match(output.Result, @"(\d+) of them run now").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        Check.Equal(48, run.Sum(), $"cells run by the two: {string.Join(" and ", run)}");
        Check.True(run.Min() > 0, "both have worked");
        foreach (var process in processes)
            process.Dispose();
    }

    private static void StopsAndGoesOn()
    {
        if (OperatingSystem.IsWindows())
            return;

        using var scratch = new Scratch();
        var file = scratch.Write("sweep.json", File(updates: 1000, seeds: 1));
        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["whole"]);
        using var process = Begin(file, "--out", scratch["stopped"]);
        var error = process.StandardError.ReadToEndAsync();
        SpinWait.SpinUntil(() => Directory.Exists(scratch["stopped"]) && Directory.GetFiles(scratch["stopped"], "*.claim").Length > 0, TimeSpan.FromSeconds(20));
        // by the system call: starting a program to do it takes as long as some sweeps on a busy machine
        Check.Equal(0, SendSignal(process.Id, 2), "Ctrl-C");
        process.WaitForExit();

        Check.Equal(1, process.ExitCode, "the exit code");
        Check.Has("of 16 cells are done", error.Result, "how far it was");
        Check.Has("The same command goes on", error.Result, "how to go on");
        Check.True(Directory.GetDirectories(scratch["stopped/unfinished"]).Length > 0, "running cells have saved their state");
        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["stopped"]);
        Check.Equal(Table(file, scratch["whole"]), Table(file, scratch["stopped"]), "the table");
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);

    private static void Parts()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("sweep.json", File(20, seeds: 1));
        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["whole"]);
        for (var k = 1; k <= 3; k++)
        {
            CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["parts"], "--cell", $"{k}/3");
            Check.True(Regex.IsMatch(CommandLine.Run("sweep", "status", file, "--out", scratch["parts"], "--cell", $"{k}/3").Output, "missing +0"), "the part is done");
        }

        Check.Equal(Table(file, scratch["whole"]), Table(file, scratch["parts"]), "the table");
        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["one"], "--cell", "16/16");
        Check.Equal(1, Directory.GetFiles(scratch["one"]).Length, "with as many parts as cells, a part is a cell");
    }

    private static void Refusals()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("sweep.json", File(20));
        string Says(int exitCode, params string[] arguments) => CommandLine.Ends(exitCode, ["sweep", .. arguments]).Error;
        Check.Has("no such file", Says(1, "run", scratch["none.json"]), "a missing file");
        Check.Has("k runs from 1 to n", Says(2, "run", file, "--cell", "0/3"), "--cell");
        Check.Has("it is k/n", Says(2, "run", file, "--cell", "3"), "--cell");
        Check.Has("--workers 0", Says(2, "run", file, "--workers", "0"), "--workers");
        Check.Has("noisescale sweep run --help", Says(2, "run"), "no file");
        Check.Has("sweep run has no option --worker", Says(2, "run", file, "--worker", "2"), "an unknown option");
        Check.Has("no such directory", Says(1, "run", file, "--data", scratch["nowhere"]), "--data");
        Check.Has("There are no results", Says(1, "collect", file), "nothing to collect");

        var wrong = scratch.Write("wrong.json", File(20).Replace("[8, 16]", "[8, 0.5]", StringComparison.Ordinal));
        var error = Says(2, "run", wrong);
        Check.Has("line 7: grid.batchSize[1]: is 0.5", error, "the member");
        Check.Has("\"batchSize\": [8, 0.5],\n  ", error, "the line");
        var impossible = scratch.Write("impossible.json", File(20).Replace("[8, 16]", "[8, 200]", StringComparison.Ordinal));
        error = Says(1, "run", impossible);
        Check.Has("24 of the grid's combinations are no run", error, "impossible cells");
        Check.Has("B 200", error, "by name");
        Check.True(!Directory.Exists(scratch["impossible.results"]), "nothing has been run");
        var leaving = scratch.Write("leaving.json", File(20, 1).Replace("[8, 16]", "[8, 200]", StringComparison.Ordinal).Replace("\"version\": 1,", "\"version\": 1, \"impossible\": \"leave-out\",", StringComparison.Ordinal));
        Check.Has("4 completed, 4 diverged", CommandLine.Ends(0, "sweep", "run", leaving).Output, "or left out");
        Check.Has("8 combinations are left out", CommandLine.Run("sweep", "status", leaving).Output, "and counted");
    }

    private static void Unwritable()
    {
        using var scratch = new Scratch();
        var file = scratch.Write("sweep.json", File(20, 1));
        var error = CommandLine.Ends(1, "sweep", "run", file, "--out", Path.Combine(file, "results")).Error;
        Check.Has($"Cannot write to {file}", error, "where");
        Check.Has("Finished cells are kept", error, "what of the rest");
    }

    // RLIMIT_FSIZE in the place of a small disk: a file beyond the limit is refused, as one without room is
    private static void FullDisk()
    {
        if (OperatingSystem.IsWindows())
            return;

        using var scratch = new Scratch();
        var file = scratch.Write("sweep.json", File(20, 1));
        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["whole"]);
        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["full"], "--cell", "1/4");
        var finished = Directory.GetFiles(scratch["full"]).Length;
        Check.Equal(4, finished, "the first part");

        var limited = $"trap '' XFSZ; ulimit -f 1; exec dotnet '{CommandLine.Assembly}' sweep run '{file}' --out '{scratch["full"]}'";
        var outcome = CommandLine.Program("bash", ["-c", limited], environment: ("DOTNET_EnableWriteXorExecute", "0"));
        Check.Equal(1, outcome.ExitCode, $"{outcome}: the exit code");
        Check.Has($"Cannot write to {scratch["full"]}", outcome.Error, "where");
        Check.Has("Finished cells are kept", outcome.Error, "what of the rest");
        var status = CommandLine.Run("sweep", "status", file, "--out", scratch["full"]).Output;
        Check.True(Regex.IsMatch(status, @"failed +0\n +damaged +0\n +running +0\n +missing +12"), status);
        Check.Equal(0, Directory.GetFiles(scratch["full"], "*.tmp").Length, "no part of a file is left");

        CommandLine.Ends(0, "sweep", "run", file, "--out", scratch["full"]);
        Check.Equal(Table(file, scratch["whole"]), Table(file, scratch["full"]), "the table, once there is room");
    }

    private static void Examples()
    {
        using var scratch = new Scratch();
        var note = CommandLine.Run("sweep", "--help").Output;
        scratch.Write("sweep.json", note[note.IndexOf("  {\n", StringComparison.Ordinal)..(note.IndexOf("\n  }\n", StringComparison.Ordinal) + 5)]);
        string[] examples =
        [
            .. ((string[][])[["--help"], ["run", "--help"], ["status", "--help"], ["collect", "--help"]])
                .SelectMany(part => CommandLine.Run(["sweep", .. part]).Lines.SkipWhile(line => line != "Examples"))
                .Where(line => line.StartsWith("  noisescale ", StringComparison.Ordinal)),
        ];
        Check.True(examples.Length >= 7, "there are some");
        foreach (var example in examples)
        {
            var here = example.Trim().Replace("noisescale ", $"dotnet '{CommandLine.Assembly}' ");
            var outcome = CommandLine.Program("bash", ["-c", here], folder: Path.GetDirectoryName(scratch["sweep.json"])!);
            Check.Equal(0, outcome.ExitCode, $"{outcome}: the exit code");
        }
    }
}
