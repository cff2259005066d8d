using PuppeteerSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>A real browser, where one is installed.</summary>
internal sealed class Browser : IDisposable
{
    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("noisescale-browser-");
    private readonly IBrowser _browser;

    private readonly Dictionary<string, (IPage Page, List<string> Wrong)> _pages = [];

    // one page at a time: a page that opens while another closes may be told of a session that is gone
    private readonly Lock _turn = new();

    public Browser() => _browser = Puppeteer.LaunchAsync(new LaunchOptions
    {
        ExecutablePath = Program,
        Headless = true,
        UserDataDir = _profile.FullName,
        Args =
        [
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage",
        ],
    }).GetAwaiter().GetResult();

    /// <summary>Full path of the browser; null where none is on the PATH.</summary>
    public static string? Program { get; } =
        (from name in (string[])["chromium", "chromium-browser", "google-chrome"]
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         select Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Looks at a page, which is opened once and stays.</summary>
    /// <param name="file">Full path of the page.</param>
    /// <param name="dark">Whether the reader prefers the dark.</param>
    /// <param name="width">Width of the window, in CSS pixels.</param>
    /// <param name="look">What to do with the page; its second argument is what has gone wrong on it since it was opened.</param>
    public void Look(string file, bool dark, int width, Func<IPage, IReadOnlyList<string>, Task> look)
    {
        lock (_turn)
            LookAsync(file, dark, width, look).GetAwaiter().GetResult();
    }

    private async Task LookAsync(string file, bool dark, int width, Func<IPage, IReadOnlyList<string>, Task> look)
    {
        if (!_pages.TryGetValue(file, out var opened))
            _pages[file] = opened = await Open(file);

        var (page, wrong) = opened;
        await page.BringToFrontAsync();
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 900 });
        await page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = dark ? "dark" : "light" }]);
        await look(page, wrong);
    }

    private async Task<(IPage Page, List<string> Wrong)> Open(string file)
    {
        var page = await _browser.NewPageAsync();
        var wrong = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Message.Type is ConsoleType.Error or ConsoleType.Warning)
                wrong.Add($"{message.Message.Type}: {message.Message.Text}");
        };
        page.PageError += (_, error) => wrong.Add($"error: {error.Message}");
        page.RequestFailed += (_, failed) => wrong.Add($"not loaded: {failed.Request.Url}");
        await page.GoToAsync(new Uri(file).AbsoluteUri, new NavigationOptions { WaitUntil = [WaitUntilNavigation.Load], Timeout = 30_000 });
        return (page, wrong);
    }

    public void Dispose()
    {
        _browser.CloseAsync().GetAwaiter().GetResult();
        _browser.Dispose();
        try
        {
            _profile.Delete(recursive: true);
        }
        catch (IOException)
        {
            // the browser's last processes may still hold a file
        }
    }
}
