using NoiseScale.Cli.Gallery;
using NoiseScale.Cli.Terminal;

namespace NoiseScale.Cli.Reproduction;

/// <summary>One figure: a script that makes it.</summary>
/// <param name="Paper">The paper's folder, such as dont-decay.</param>
/// <param name="Name">The figure, such as fig2.</param>
/// <param name="Script">Full path of the script.</param>
public sealed record Figure(string Paper, string Name, string Script);

/// <summary>The figure scripts of the repository that this program was built in.</summary>
public sealed class FigureLibrary
{
    /// <summary>The word for every figure of every paper.</summary>
    public const string Everything = "all";

    private const string Folder = "paper-figures";

    private readonly Lazy<HashSet<string>> _loaded;

    private FigureLibrary(string root)
    {
        Root = root;
        _loaded = new Lazy<HashSet<string>>(() =>
        [
            .. Directory.GetFiles(Path.Combine(root, Folder), "*.fsx", SearchOption.AllDirectories).SelectMany(LoadedBy),
        ]);
    }

    /// <summary>The folder that holds <c>paper-figures</c>.</summary>
    public string Root { get; }

    /// <summary>Finds the scripts above the program or above the working folder, and the built libraries they load.</summary>
    /// <exception cref="CommandFailure">Neither place has them, or the libraries are not built.</exception>
    public static FigureLibrary Find()
    {
        var root = Above(AppContext.BaseDirectory) ?? Above(Directory.GetCurrentDirectory())
            ?? throw CommandFailure.Refusal(
                $"The figure scripts ({Folder}/) were not found above this program or the working folder.", "Run it inside a clone of the repository.");

        // the folder that paper-figures/common/references.fsx names
        var built = Path.Combine(root, "src", "NoiseScale.Cli", "bin", "Release", "net10.0", "NoiseScale.Training.dll");
        return File.Exists(built)
            ? new FigureLibrary(root)
            : throw CommandFailure.Refusal("The scripts load the libraries as built for release, and they are not built.", "Run 'dotnet build Research.sln -c Release' first.");
    }

    /// <summary>The folder of a paper's scripts and README.</summary>
    /// <param name="paper">The paper's folder; it need not exist.</param>
    public string FolderOf(string paper) => Path.Combine(Root, Folder, paper);

    /// <summary>The papers that have scripts.</summary>
    public IReadOnlyList<string> Papers =>
    [
        .. Directory.GetDirectories(Path.Combine(Root, Folder))
            .Select(path => Path.GetFileName(path)!)
            .Where(paper => FiguresOf(paper).Count > 0)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The figures of a paper, those with a number first: the scripts of its folder that no other script loads.</summary>
    /// <param name="paper">The paper's folder.</param>
    public IReadOnlyList<Figure> FiguresOf(string paper) =>
    [
        .. Directory.GetFiles(Path.Combine(Root, Folder, paper), "*.fsx")
            .Where(path => !_loaded.Value.Contains(path))
            .Select(path => new Figure(paper, Path.GetFileNameWithoutExtension(path), path))
            .OrderBy(figure => !figure.Name.StartsWith("fig", StringComparison.Ordinal))
            .ThenBy(figure => figure.Name.Length).ThenBy(figure => figure.Name, StringComparer.Ordinal),
    ];

    /// <summary>The figures that all, PAPER or PAPER/FIGURE names, in order.</summary>
    /// <param name="what">As typed; a paper by any of its names.</param>
    /// <exception cref="CommandFailure">There is no such paper or figure; names the nearest.</exception>
    public IReadOnlyList<Figure> Select(string what)
    {
        if (what == Everything)
            return [.. Papers.SelectMany(FiguresOf)];

        var parts = what.Split('/', 2);
        var paper = Known(GalleryPaper.Of(parts[0])?.Folder ?? parts[0], [.. Papers, Everything], "paper");
        var figures = FiguresOf(paper);
        if (parts.Length == 1)
            return figures;

        var name = Known(parts[1], [.. figures.Select(figure => figure.Name)], $"figure of {paper}");
        return [figures.Single(figure => figure.Name == name)];
    }

    /// <summary>A script and all that it loads, directly and not, each once, in the order in which they are first named.</summary>
    /// <param name="script">Full path of the script.</param>
    public static IReadOnlyList<string> WithAllLoaded(string script)
    {
        var found = new List<string>();
        Add(script);
        return found;

        void Add(string path)
        {
            if (found.Contains(path) || !File.Exists(path))
                return;

            found.Add(path);
            foreach (var loaded in LoadedBy(path))
                Add(loaded);
        }
    }

    // full paths of the scripts that a script names in its lines #load "…"
    private static IEnumerable<string> LoadedBy(string script)
    {
        const string directive = "#load \"";
        return from line in File.ReadLines(script)
               where line.StartsWith(directive, StringComparison.Ordinal)
               let name = line[directive.Length..].Split('"')[0]
               select Path.GetFullPath(Path.Combine(Path.GetDirectoryName(script)!, name));
    }

    /// <summary>A word that is known, or a refusal with the nearest.</summary>
    /// <param name="typed">As typed.</param>
    /// <param name="known">The words there are.</param>
    /// <param name="kind">What they are, such as paper.</param>
    /// <exception cref="CommandFailure">It is none of them.</exception>
    public static string Known(string typed, IReadOnlyList<string> known, string kind) => known.Contains(typed)
        ? typed
        : throw CommandFailure.Usage(
            $"There is no {kind} '{typed}'.",
            Spelling.Nearest(typed, known) is { } near ? $"Did you mean {near}?" : $"There are: {string.Join(", ", known)}.");

    private static string? Above(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, Folder, "common")))
                return folder.FullName;
        }

        return null;
    }
}
