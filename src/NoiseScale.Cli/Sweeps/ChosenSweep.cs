using DiffSharp;
using NoiseScale.Cli.Planning;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training;
using NoiseScale.Training.Data;
using NoiseScale.Training.Runs;
using NoiseScale.Training.Sweeps;

namespace NoiseScale.Cli.Sweeps;

/// <summary>What the arguments of a sweep command come to: cells over data that have been loaded, and the folder of their results.</summary>
public sealed class ChosenSweep : IDisposable
{
    private ChosenSweep(Sweep sweep, Sweep whole, ImageDataSet data, RunStore store) =>
        (Sweep, Whole, Data, Store) = (sweep, whole, data, store);

    /// <summary>The cells chosen.</summary>
    public Sweep Sweep { get; }

    /// <summary>All cells of the file.</summary>
    public Sweep Whole { get; }

    /// <summary>The data they are over.</summary>
    public ImageDataSet Data { get; }

    /// <summary>Where their results are.</summary>
    public RunStore Store { get; }

    /// <summary>Reads the file and loads the data.</summary>
    /// <param name="path">The sweep file.</param>
    /// <param name="data">The folder of the data, in the place of the file's own; null for that.</param>
    /// <param name="folder">Where results are; null for beside the file.</param>
    /// <param name="part">The part of the cells, k/n; null for all.</param>
    public static ChosenSweep Read(string path, string? data, string? folder, string? part)
    {
        var (k, n) = part is null ? (1, 1) : PartOf(part);
        var file = ReadFile(path);
        TorchRuntime.EnableProcessSwitches();
        TorchRuntime.Ensure();
        var examples = Load(data is null ? file.Data : new SweepData.Folder(data));
        try
        {
            var whole = file.Over(examples);
            if (whole.Cells.Count == 0)
                throw CommandFailure.Refusal($"{path} has no cell that could be run: {whole.Impossible.Count} combinations are left out as impossible.");

            var store = new RunStore(folder ?? Path.Combine(
                Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileNameWithoutExtension(path) + ".results"));
            return new ChosenSweep(whole.Part(k, n), whole, examples, store);
        }
        catch (ArgumentException e)
        {
            examples.Dispose();
            throw CommandFailure.Refusal($"{path}: {e.Message}", "\"impossible\": \"leave-out\" in the file leaves such combinations out.", e);
        }
    }

    /// <summary>Frees the data.</summary>
    public void Dispose() => Data.Dispose();

    private static (int K, int N) PartOf(string typed)
    {
        if (typed.Split('/') is not [var first, var second])
            throw CommandFailure.Usage($"--cell {typed}: it is k/n, such as 3/10.");

        var (k, n) = (Choice.Whole("--cell", first), Choice.Whole("--cell", second));
        return n is >= 1 and <= int.MaxValue && k >= 1 && k <= n
            ? ((int)k, (int)n)
            : throw CommandFailure.Usage($"--cell {typed}: k runs from 1 to n.", "With SLURM, --array=1-10 and --cell $SLURM_ARRAY_TASK_ID/10.");
    }

    private static SweepFile ReadFile(string path)
    {
        byte[] text;
        try
        {
            text = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandFailure.Refusal($"Cannot read {path}: {FileProblem.Of(e, path)}.", null, e);
        }

        try
        {
            return SweepFile.Parse(text, Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (SweepFileException e)
        {
            throw new CommandFailure(
                $"{path}, line {e.Line}: {e.Message}.", $"See '{HelpPage.CommandName} sweep --help' for the members of a sweep file.", ExitCode.WrongUsage, e)
            {
                Excerpt = Excerpt.At(System.Text.Encoding.UTF8.GetString(text), e.Line, e.Column),
            };
        }
    }

    private static ImageDataSet Load(SweepData data)
    {
        try
        {
            return data.Load();
        }
        catch (DataFileException e)
        {
            throw CommandFailure.Refusal(e.Message, "--data names a folder of MNIST-format idx files or of CIFAR-10 binaries.", e);
        }
    }
}
