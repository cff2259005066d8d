using NoiseScale.Training.Data;

namespace NoiseScale.Training.Tests;

/// <summary>Data that is too large for the repository: ../shared/data beside it, or where NOISESCALE_DATA says.</summary>
internal static class SharedData
{
    /// <summary>A test that needs the real MNIST; without it the test says by name that it was skipped.</summary>
    public static Test MnistTest(string name, Action<string> test) => TestCase(name, () =>
    {
        if (FindMnist() is { } directory)
            test(directory);
        else
            Console.WriteLine($"{name}: skipped: no ../shared/data/mnist");
    });

    private static string? FindMnist()
    {
        // from the tests' own folder up to the repository's root, and then beside it
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Research.sln")))
            folder = folder.Parent;

        var beside = folder is null ? null : Path.Combine(folder.FullName, "..", "shared", "data", "mnist");
        string?[] places = [beside, Environment.GetEnvironmentVariable(DataSets.EnvironmentVariable)];
        return places.FirstOrDefault(place => place is { Length: > 0 } && Mnist.IsIn(place));
    }
}
