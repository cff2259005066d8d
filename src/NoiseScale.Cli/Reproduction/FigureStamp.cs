using System.Security.Cryptography;
using System.Text;
using NoiseScale.Training.Data;
using NoiseScale.Training.Runs;

namespace NoiseScale.Cli.Reproduction;

/// <summary>
/// What a figure's page is made from, as a hash: its script and all that it loads, the profile, the data and the library version. A page that carries
/// the hash of today is fresh.
/// </summary>
/// <remarks>The script writes it into figN.json, so that a script run by hand, which does not know it, leaves a page that is stale.</remarks>
public sealed class FigureStamp
{
    /// <summary>The environment variable in which a script finds the stamp of its page.</summary>
    public const string Variable = "NOISESCALE_STAMP";

    private readonly string _setting;

    /// <summary>Stamps of figures made with a profile from data.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="data">The folder named for the data; null for that of NOISESCALE_DATA, or the synthetic digits.</param>
    public FigureStamp(string profile, string? data)
    {
        var folder = data ?? Environment.GetEnvironmentVariable(DataSets.EnvironmentVariable);
        _setting = $"{RunSpec.LibraryVersion}\n{profile}\n{(string.IsNullOrWhiteSpace(folder) ? "synthetic" : DataHash(folder))}";
    }

    /// <summary>The stamp of a figure.</summary>
    /// <param name="figure">The figure.</param>
    /// <returns>SHA-256 in lower-case hexadecimal.</returns>
    public string Of(Figure figure)
    {
        var text = new StringBuilder(_setting);

        // names without their folder: a clone elsewhere has the same stamps
        foreach (var script in FigureLibrary.WithAllLoaded(figure.Script))
            text.Append('\n').Append(Path.GetFileName(script)).Append('\n').Append(File.ReadAllText(script).ReplaceLineEndings("\n"));

        return Digest(Encoding.UTF8.GetBytes(text.ToString()));
    }

    // of the files that a data set is read from, whatever else lies beside them
    private static string DataHash(string folder)
    {
        var names = Mnist.CanonicalSha256.Keys.SelectMany(name => (string[])[name, $"{name}.gz"]).Concat(Cifar10.Files);
        var parts = names.Select(name => Path.Combine(folder, name)).Where(File.Exists).Order(StringComparer.Ordinal)
            .Select(path => $"{Path.GetFileName(path)} {DigestOfFile(path)}");
        return string.Join('\n', parts);
    }

    private static string DigestOfFile(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
