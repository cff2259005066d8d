namespace NoiseScale.Cli.Plotting;

/// <summary>plotly.js, out of Plotly.NET's own resources: no page needs a network.</summary>
public static class PlotlyLibrary
{
    /// <summary>Its file where pages share one.</summary>
    public const string FileName = "plotly.min.js";

    /// <summary>The script.</summary>
    public static string Text
    {
        get
        {
            using var reader = new StreamReader(Open());
            return reader.ReadToEnd();
        }
    }

    /// <summary>Writes the script into a folder, unless it lies there.</summary>
    /// <param name="folder">An existing folder.</param>
    public static void WriteTo(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path))
            return;

        // whole or not at all: other processes may draw in this folder
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        using (var source = Open())
        using (var file = File.Create(temporary))
            source.CopyTo(file);

        File.Move(temporary, path, overwrite: true);
    }

    private static Stream Open()
    {
        var assembly = typeof(Plotly.NET.GenericChart).Assembly;
        var name = assembly.GetManifestResourceNames()
            .First(name => name.Contains("plotly-", StringComparison.Ordinal) && name.EndsWith(".min.js", StringComparison.Ordinal));
        return assembly.GetManifestResourceStream(name)!;
    }
}
