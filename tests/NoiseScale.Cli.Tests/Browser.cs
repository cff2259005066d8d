using PuppeteerSharp;

namespace NoiseScale.Cli.Tests;

/// <summary>A real browser, where one is installed.</summary>
internal sealed class Browser : IDisposable
{
    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("noisescale-browser-");
    private readonly IBrowser _browser;

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

    /// <summary>Opens a file and looks at it.</summary>
    /// <param name="file">Full path of the page.</param>
    /// <param name="dark">Whether the reader prefers the dark.</param>
    /// <param name="width">Width of the window, in CSS pixels.</param>
    /// <param name="look">What to do with the page; its second argument is what went wrong on it.</param>
    public void Open(string file, bool dark, int width, Func<IPage, List<string>, Task> look)
    {
        lock (_turn)
            OpenAsync(file, dark, width, look).GetAwaiter().GetResult();
    }

    private async Task OpenAsync(string file, bool dark, int width, Func<IPage, List<string>, Task> look)
    {
        await using var page = await _browser.NewPageAsync();
        var wrong = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Message.Type is ConsoleType.Error or ConsoleType.Warning)
                wrong.Add($"{message.Message.Type}: {message.Message.Text}");
        };
        page.PageError += (_, error) => wrong.Add($"error: {error.Message}");
        page.RequestFailed += (_, failed) => wrong.Add($"not loaded: {failed.Request.Url}");
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = 900, IsMobile = width < 500, DeviceScaleFactor = 1 });
        await page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = dark ? "dark" : "light" }]);
        await page.GoToAsync(new Uri(file).AbsoluteUri, new NavigationOptions { WaitUntil = [WaitUntilNavigation.Load], Timeout = 30_000 });
        await look(page, wrong);
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
