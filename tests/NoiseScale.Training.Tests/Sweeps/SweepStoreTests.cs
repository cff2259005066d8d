using System.Diagnostics;
using NoiseScale.Training.Networks;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps;
using NoiseScale.Training.Tests.Running;
using Parquet;

namespace NoiseScale.Training.Tests.Sweeping;

internal static class SweepStoreTests
{
    public static Test All => TestList("sweep store",
    [
        TestCase("how cells stand, in each of their states", States),
        TestCase("the table has a row a cell, and the same bytes again", Tables),
        TestCase("Parquet reads back what was written", ParquetReadsBack),
        TestCase("a claimed cell is left to its claimant and waited for", WaitsForOthers),
        TestCase("a claim whose holder is gone is taken over, and what it left is cleared away", TakesOver),
        TestCase("a directory that cannot be written is an error of its own, and nothing is lost", Unwritable),
        TestCase("checkpoints that cannot be written end the sweep and not the cell", UnwritableCheckpoints),
        TestCase("a cell that fails among stacked replicas is named, the others have their results", OneFails),
    ]);

    private static Sweep Sweep(params IReadOnlyList<double> rates) => new SweepGrid
    {
        Networks = [new NetworkChoice.Perceptron(6)],
        Lengths = [new TrainingLength.OfUpdates(20)],
        BatchSizes = [8, 16],
        LearningRates = rates,
        Seeds = [0, 1],
        Evaluations = 2,
    }.Over(Small.Data);

    private static void States()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(Path.Combine(folder.Path, "results"));
        var sweep = Sweep(0.1, 1e9);
        Check.True(sweep.Look(store).All(sighting => sighting.State == RunState.Missing), "nothing is there");
        Check.True(!Directory.Exists(store.Directory), "looking changes nothing");
        var results = sweep.Run(store, Small.Data);
        Check.Sequence(["Completed", "Completed", "Diverged", "Diverged"], sweep.Look(store).Take(4).Select(sighting => sighting.State.ToString()));
        Check.True(sweep.Look(store)[2].Remark!.Contains("update", StringComparison.Ordinal), "it says where it diverged");
        Check.Sequence(results.Select(result => result.SpecHash), sweep.Cells.Select(cell => cell.Hash));

        File.WriteAllText(store.PathOf(sweep.Cells[0].Spec), "{");
        File.Delete(store.PathOf(sweep.Cells[1].Spec));
        using (new FileStream(Path.Combine(store.Directory, sweep.Cells[1].Hash + ".claim"), FileMode.Create, FileAccess.ReadWrite, FileShare.None))
            Check.Sequence([RunState.Damaged, RunState.Running], sweep.Look(store).Take(2).Select(sighting => sighting.State));

        Check.Equal(RunState.Missing, sweep.Look(store)[1].State);
        var warnings = new List<string>();
        var again = sweep.Run(store, Small.Data, new RunOptions { Warn = warnings.Add });
        Check.Equal(1, warnings.Count);
        foreach (var (first, second) in results.Zip(again))
            Check.Sequence(first.Records, second.Records);
    }

    private static string Csv(SweepTable table)
    {
        using var writer = new StringWriter();
        table.WriteCsv(writer);
        return writer.ToString();
    }

    private static void Tables()
    {
        using var folder = new TemporaryFolder();
        var sweep = Sweep(0.1, 1e9);
        string Of(string name, RunOptions? options, bool times = false)
        {
            var store = new RunStore(Path.Combine(folder.Path, name));
            sweep.Run(store, Small.Data, options);
            return Csv(SweepTable.Collect(sweep, store, times));
        }

        var one = Of("one", new RunOptions { Workers = 1 });
        Check.Equal(one, Of("two", new RunOptions { Workers = 2 }));
        var lines = one.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Check.Equal(1 + sweep.Cells.Count, lines.Length);
        Check.True(lines.All(line => line.Split(',').Length == 23), "as many fields as columns");
        Check.Equal(26, Of("one", null, times: true).Split('\n')[0].Split(',').Length);
        Check.True(lines[3].Contains("diverged,the loss was", StringComparison.Ordinal), lines[3]);

        // cells without results have rows too
        var empty = Csv(SweepTable.Collect(sweep, new RunStore(Path.Combine(folder.Path, "none")), times: false)).Split('\n');
        Check.True(empty[1].Contains("missing", StringComparison.Ordinal) && empty[1].EndsWith(",,,,,", StringComparison.Ordinal), empty[1]);
    }

    private static void ParquetReadsBack()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(folder.Path);
        var sweep = Sweep(0.1, 1e9);
        var results = sweep.Run(store, Small.Data);
        byte[] Write()
        {
            using var stream = new MemoryStream();
            SweepTable.Collect(sweep, store, times: false).WriteParquet(stream).GetAwaiter().GetResult();
            return stream.ToArray();
        }

        var content = Write();
        Check.Sequence(content, Write());
        ReadBack().GetAwaiter().GetResult();

        async Task ReadBack()
        {
            using var stream = new MemoryStream(content);
            await using var reader = await ParquetReader.CreateAsync(stream);
            using var group = reader.OpenRowGroupReader(0);
            Check.Equal((long)sweep.Cells.Count, group.RowCount);
            var hashes = new string?[sweep.Cells.Count];
            await group.ReadAsync(reader.Schema.FindDataField("hash"), hashes.AsMemory());
            Check.Sequence(sweep.Cells.Select(cell => (string?)cell.Hash), hashes);
            var losses = new double?[sweep.Cells.Count];
            await group.ReadAsync<double>(reader.Schema.FindDataField("testLoss"), losses.AsMemory());
            Check.Sequence(results.Select(result => result.Records.Count > 0 ? result.Final.TestLoss : (double?)null), losses);
            Check.True(losses.Any(loss => loss is null) && losses.Any(loss => loss is not null), "some have none");
        }
    }

    private static void WaitsForOthers()
    {
        using var folder = new TemporaryFolder();
        var elsewhere = new RunStore(Path.Combine(folder.Path, "elsewhere"));
        var store = new RunStore(Path.Combine(folder.Path, "here"));
        var sweep = Sweep(0.1);
        var expected = sweep.Run(elsewhere, Small.Data);

        // another process has claimed the first cell, and finishes it after a while; a second dies with its claim
        Directory.CreateDirectory(store.Directory);
        FileStream Claim(int i) => new(Path.Combine(store.Directory, sweep.Cells[i].Hash + ".claim"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        var (finishing, dying) = (Claim(0), Claim(1));
        var others = Task.Run(() =>
        {
            SpinWait.SpinUntil(() => File.Exists(store.PathOf(sweep.Cells[2].Spec)) && File.Exists(store.PathOf(sweep.Cells[3].Spec)), TimeSpan.FromSeconds(30));
            File.Copy(elsewhere.PathOf(sweep.Cells[0].Spec), store.PathOf(sweep.Cells[0].Spec));
            finishing.Dispose();
            dying.Dispose();
        });
        var reports = new List<RunStoreProgress>();
        var results = sweep.Run(store, Small.Data, progress: new Tell<RunStoreProgress>(reports.Add));
        others.Wait();
        Check.Equal(expected[0].Provenance.Started, results[0].Provenance.Started, "the first was made elsewhere");
        Check.True(results[1].Provenance.Started > expected[^1].Provenance.Started, "the second was taken over");
        foreach (var (first, second) in expected.Zip(results))
            Check.Sequence(first.Records, second.Records);

        Check.Equal((4, 4, 1), (reports[^1].Done, reports[^1].Total, reports[^1].Found));
    }

    private static void TakesOver()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(folder.Path);
        var sweep = Sweep(0.1);
        var hash = sweep.Cells[0].Hash;

        // as a process leaves it that is killed while it writes: the operating system has given back its lock, the text still says whose it was
        folder.Write($"{hash}.claim", "{\"Process\":1,\"Host\":\"gone\",\"Started\":\"2020-01-01T00:00:00+00:00\"}"u8.ToArray());
        folder.Write($"{hash}.json.0123456789abcdef.tmp", "{\"format\": \"noise"u8.ToArray());
        Check.Equal(RunState.Missing, sweep.Look(store)[0].State);
        sweep.Run(store, Small.Data);
        Check.Sequence(sweep.Cells.Select(cell => cell.Hash + ".json").Order(), Directory.GetFileSystemEntries(folder.Path).Select(path => Path.GetFileName(path)!).Order());
    }

    private static void Unwritable()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("file", [1]);
        var store = new RunStore(Path.Combine(file, "results"));
        var clock = Stopwatch.StartNew();
        Check.Throws<StorageException>(() => Sweep(0.1).Run(store, Small.Data), file, "cannot write", "is kept");
        Check.True(clock.Elapsed < TimeSpan.FromSeconds(20), "at once");
        Check.True(File.ReadAllBytes(file) is [1], "nothing was touched");

        // a folder in the place of one result: the others are there
        var results = new RunStore(Path.Combine(folder.Path, "results"));
        var sweep = Sweep(0.1);
        var last = sweep.Cells[1]; // of the smaller batch: they are run last
        Directory.CreateDirectory(results.PathOf(last.Spec));
        File.WriteAllText(Path.Combine(results.PathOf(last.Spec), "in the way"), "");
        Check.Throws<StorageException>(() => sweep.Run(results, Small.Data, new RunOptions { Workers = 1 }), "results");
        Check.True(sweep.Look(results).Count(sighting => sighting.State == RunState.Completed) >= 2, "what was finished before is kept");
        Directory.Delete(results.PathOf(last.Spec), recursive: true);
        Check.True(sweep.Run(results, Small.Data).All(result => result.Status == RunStatus.Completed), "and the rest comes when there is room");
    }

    private static void UnwritableCheckpoints()
    {
        using var folder = new TemporaryFolder();
        folder.Write("unfinished", [1]);
        var sweep = Sweep(0.1);
        var store = new RunStore(folder.Path);
        Check.Throws<StorageException>(() => sweep.Run(store, Small.Data, new RunOptions { CheckpointInterval = TimeSpan.Zero }), "unfinished");
        Check.True(sweep.Look(store).All(sighting => sighting.State == RunState.Missing), "no cell is to blame");
    }

    private static void OneFails()
    {
        using var folder = new TemporaryFolder();
        var store = new RunStore(folder.Path);

        // it is for images of another size, which the trainer finds out
        var good = Sweep(0.1).Cells.Select(cell => cell.Spec).ToList();
        var bad = good[0] with { Seed = 77, Network = new MultilayerPerceptron(new NoiseScale.Training.Data.ImageShape(1, 5, 5), 10, 6) };
        var results = store.GetOrRun([.. good, bad], Small.Data, new RunOptions { RetryFailed = false });
        Check.True(results.SkipLast(1).All(result => result.Status == RunStatus.Completed), "the others have results");
        Check.Equal(RunStatus.Failed, results[^1].Status);
        Check.True(results[^1].FailureReason!.Contains("takes images of", StringComparison.Ordinal), results[^1].FailureReason!);
        Check.Equal(RunState.Failed, store.Look(bad).State);
    }
}
