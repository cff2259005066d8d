using DiffSharp;
using NoiseScale.Cli.Terminal;
using NoiseScale.Training.Data;
using Spectre.Console;

namespace NoiseScale.Cli.Measuring;

/// <summary>The examples that a command is to look at.</summary>
/// <param name="Folder">The folder of real images; null for NOISESCALE_DATA, else synthetic digits.</param>
/// <param name="Classes">Only these, relabelled 0, 1, …; null for all.</param>
/// <param name="Examples">How many training examples; null for all.</param>
/// <param name="RandomLabels">Whether labels are drawn at random, for training and test.</param>
/// <param name="Seed">Draws examples and labels.</param>
public sealed record ChosenData(string? Folder, IReadOnlyList<int>? Classes, long? Examples, bool RandomLabels, long Seed)
{
    // the folder that --data or NOISESCALE_DATA names; null for synthetic digits
    private string? Source => Folder ?? (Environment.GetEnvironmentVariable(DataSets.EnvironmentVariable) is { Length: > 0 } named ? named : null);

    /// <summary>Says on what the numbers above were measured.</summary>
    /// <param name="console">Where to.</param>
    public void Tell(IAnsiConsole console) =>
        console.Prose(Palette.Quiet, Source is { } folder ? $"Measured on the images of {folder}." : "Measured on synthetic digits: --data names a folder of real images.");

    /// <summary>Loads libtorch and the examples.</summary>
    /// <returns>The caller's to dispose of; inputs are grey levels from 0 to 1.</returns>
    public ImageDataSet Load()
    {
        TorchRuntime.EnableProcessSwitches();
        TorchRuntime.Ensure();
        using var standardised = Load(Folder);
        var data = standardised.InUnitRange();
        if (Classes is not null)
            data = Next(data, all => all.OfClasses(Classes), $"--classes {string.Join(',', Classes)}");

        if (Examples is { } wanted && wanted < data.Train.Count)
            data = Next(data, all => all.Take((int)wanted, Seed), $"--examples {wanted}");
        else if (Examples > data.Train.Count)
            throw CommandFailure.Refusal($"{data.Name} has {Numbers.Whole(data.Train.Count)} training examples; --examples asks for {Numbers.Whole(Examples.Value)}.");

        return RandomLabels ? Next(data, all => all.WithRandomLabels(Seed), "--random-labels") : data;
    }

    /// <summary>Loads libtorch and the examples, images averaged over squares of pixels and standardised.</summary>
    /// <param name="side">Of a square, in pixels.</param>
    /// <returns>The caller's to dispose of; inputs have mean 0 and variance 1.</returns>
    public ImageDataSet Pooled(int side)
    {
        using var all = Load();
        var (height, width) = (all.Train.Shape.Height, all.Train.Shape.Width);
        return height % side == 0 && width % side == 0
            ? all.Pooled(side)
            : throw CommandFailure.Refusal($"--pooling {side}: it must divide height and width of the images, {height} × {width}.");
    }

    /// <summary>The whole data set of a folder.</summary>
    /// <param name="folder">The folder; null for NOISESCALE_DATA, else synthetic digits.</param>
    public static ImageDataSet Load(string? folder)
    {
        try
        {
            return DataSets.Resolve(folder);
        }
        catch (DataFileException e)
        {
            throw CommandFailure.Refusal(
                e.Message, $"{(folder is null ? DataSets.EnvironmentVariable : "--data")} names a folder of MNIST-format idx files or of CIFAR-10 binaries.", e);
        }
    }

    private static ImageDataSet Next(ImageDataSet data, Func<ImageDataSet, ImageDataSet> make, string option)
    {
        using (data)
        {
            try
            {
                return make(data);
            }
            catch (ArgumentException e)
            {
                throw CommandFailure.Refusal($"{option}: {e.Message.Split(" (Parameter", 2)[0]}.", null, e);
            }
        }
    }
}
